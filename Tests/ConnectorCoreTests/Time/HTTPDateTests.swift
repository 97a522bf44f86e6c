import ConnectorCore
import Testing

struct HTTPDateTests {
    private static let now = Instant(seconds: 1_795_455_060)  // 2026-11-23

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "sun, 06 nov 1994 08:49:37 gmt", "Sun, 6 Nov 1994 08:49:37 UTC", "Sun, 06-Nov-1994 08:49:37 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT",
    ])
    func `the three forms name one instant`(text: String) {
        #expect(Instant(httpDate: text, now: Self.now) == Instant(seconds: 784_111_777))
    }

    @Test(arguments: [
        "", "Sun", "Sun,", "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun Nov  6 08:49:37 94", "Sun, 06 Nov 199 08:49:37 GMT", "120", "Sun, 06 Nov 1994 08:49:37 CET",
    ])
    func `anything else is none`(text: String) {
        #expect(Instant(httpDate: text, now: Self.now) == nil)
    }

    @Test(arguments: [(94, 1994), (0, 2000), (26, 2026), (76, 2076), (77, 1977), (99, 1999)])
    func `a year of two digits is at most 50 years ahead`(short: Int, year: Int) throws {
        let text = "Monday, 01-Mar-\(short < 10 ? "0" : "")\(short) 00:00:00 GMT"
        let instant = try #require(Instant(httpDate: text, now: Self.now))
        #expect(CivilTime(instant).year == year)
    }

    @Test func `a date is written in the form of today`() {
        #expect(Instant(seconds: 784_111_777).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(Instant(httpDate: Self.now.httpDate, now: Self.now) == Self.now)
    }

    @Test func `a leap second is the second before it`() {
        let text = "Sat, 31 Dec 2016 23:59:60 GMT"
        #expect(Instant(httpDate: text, now: Self.now) == Instant(seconds: 1_483_228_799))
    }
}
