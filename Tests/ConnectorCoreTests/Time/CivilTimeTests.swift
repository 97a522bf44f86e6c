import ConnectorCore
import Testing

struct CivilTimeTests {
    @Test func `every day from 1600 to 2400 goes to its number and back`() {
        var expected = CivilTime.daysSinceEpoch(year: 1600, month: 1, day: 1)
        for year in 1600...2400 {
            for month in 1...12 {
                for day in 1...CivilTime.daysInMonth(month, year: year) {
                    guard CivilTime.daysSinceEpoch(year: year, month: month, day: day) == expected,
                        CivilTime.date(daysSinceEpoch: expected) == (year, month, day)
                    else {
                        Issue.record("\(year)-\(month)-\(day)")
                        return
                    }
                    expected += 1
                }
            }
        }
    }

    @Test(arguments: [
        (1970, 1, 1, 0, 4), (2000, 2, 29, 11016, 2), (1969, 12, 31, -1, 3), (2026, 11, 23, 20780, 1),
        (0, 3, 1, -719_468, 3), (9999, 12, 31, 2_932_896, 5),
    ])
    func `known days have their number and weekday`(year: Int, month: Int, day: Int, number: Int, weekday: Int) throws {
        let civil = try #require(CivilTime(year: year, month: month, day: day))
        #expect(civil.daysSinceEpoch == number)
        #expect(civil.weekday == weekday)
    }

    @Test(arguments: [
        (2026, 2, 29), (2100, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1), (2026, 1, 0), (10000, 1, 1),
        (-1, 1, 1),
    ])
    func `a date that does not exist is none`(year: Int, month: Int, day: Int) {
        #expect(CivilTime(year: year, month: month, day: day) == nil)
    }

    @Test(arguments: [
        Int64.min, -1_000_000_001, -1_000_000_000, -1, 0, 1, 999_999_999, 1_795_455_060_123_456_789, .max,
    ])
    func `an instant survives the way over civil time`(nanoseconds: Int64) {
        let instant = Instant(nanoseconds: nanoseconds)
        #expect(CivilTime(instant).instant() == instant)
        #expect(CivilTime(instant, offset: 3600).instant(offset: 3600) == instant)
    }

    @Test func `civil times sort as on a calendar`() throws {
        let first = try #require(CivilTime(year: 2026, month: 1, day: 31, hour: 23))
        let second = try #require(CivilTime(year: 2026, month: 2, day: 1, nanosecond: 1))
        #expect(first < second)
    }
}
