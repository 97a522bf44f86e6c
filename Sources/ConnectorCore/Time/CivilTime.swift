/// A date and time of day as a calendar on the wall shows them: no zone, proleptic Gregorian, no leap seconds.
package struct CivilTime: Hashable, Comparable, Sendable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int
    package let hour: Int
    package let minute: Int
    package let second: Int
    package let nanosecond: Int

    /// `nil` for a date or time that does not exist; years are those of four digits.
    package init?(
        year: Int,
        month: Int,
        day: Int,
        hour: Int = 0,
        minute: Int = 0,
        second: Int = 0,
        nanosecond: Int = 0
    ) {
        guard (0...9999).contains(year), (1...12).contains(month),
            (1...CivilTime.daysInMonth(month, year: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999_999_999).contains(nanosecond)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.nanosecond = nanosecond
    }

    /// What a clock shows that is `offset` seconds ahead of UTC (east is positive).
    package init(_ instant: Instant, offset: Int = 0) {
        let remainder = Int(instant.nanoseconds % 1_000_000_000)
        let nanosecond = remainder < 0 ? remainder + 1_000_000_000 : remainder
        self.init(secondsSinceEpoch: instant.seconds + Int64(offset), nanosecond: nanosecond)
    }

    /// The civil time so many seconds after 1970-01-01 00:00:00 on the same clock.
    init(secondsSinceEpoch seconds: Int64, nanosecond: Int = 0) {
        let days = seconds.flooredQuotient(by: CivilTime.secondsPerDay)
        let rest = Int(seconds - days * CivilTime.secondsPerDay)
        let date = CivilTime.date(daysSinceEpoch: Int(days))
        year = date.year
        month = date.month
        day = date.day
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
        self.nanosecond = nanosecond
    }

    /// The instant at which a clock that is `offset` seconds ahead of UTC shows this; saturates as `Instant` does.
    package func instant(offset: Int = 0) -> Instant {
        let seconds = secondsSinceEpoch - Int64(offset)
        // Near the far past the whole second alone would be out of reach, so count back from the next one.
        return seconds < 0
            ? Instant(seconds: seconds + 1) - .nanoseconds(1_000_000_000 - nanosecond)
            : Instant(seconds: seconds) + .nanoseconds(nanosecond)
    }

    /// 0 is Sunday, 6 is Saturday.
    package var weekday: Int {
        CivilTime.weekday(daysSinceEpoch: daysSinceEpoch)
    }

    package var daysSinceEpoch: Int {
        CivilTime.daysSinceEpoch(year: year, month: month, day: day)
    }

    /// Counted on this same clock, not in UTC.
    var secondsSinceEpoch: Int64 {
        Int64(daysSinceEpoch) * CivilTime.secondsPerDay + Int64(hour * 3600 + minute * 60 + second)
    }

    package static func < (left: CivilTime, right: CivilTime) -> Bool {
        (left.secondsSinceEpoch, left.nanosecond) < (right.secondsSinceEpoch, right.nanosecond)
    }
}

extension CivilTime {
    static let secondsPerDay: Int64 = 86_400

    package static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// `month` is 1 to 12.
    package static func daysInMonth(_ month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// 1970-01-01 was a Thursday.
    static func weekday(daysSinceEpoch days: Int) -> Int {
        let remainder = (days + 4) % 7
        return remainder < 0 ? remainder + 7 : remainder
    }

    // Both directions count in years that begin on the first of March, so that the leap day is a year's last day,
    // and in eras of 400 years, after which the calendar repeats (146,097 days).
    private static let daysPerEra = 146_097
    /// From 0000-03-01 to 1970-01-01.
    private static let epochOffset = 719_468

    package static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month > 2 ? year : year - 1
        let era = Int(Int64(marchYear).flooredQuotient(by: 400))
        let yearOfEra = marchYear - era * 400
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * daysPerEra + dayOfEra - epochOffset
    }

    package static func date(daysSinceEpoch days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + epochOffset
        let era = Int(Int64(shifted).flooredQuotient(by: Int64(daysPerEra)))
        let dayOfEra = shifted - era * daysPerEra
        // Take out the leap days before this day (every 4 years, not every 100), then years are of equal length.
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }
}
