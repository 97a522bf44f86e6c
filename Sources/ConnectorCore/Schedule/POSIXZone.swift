/// A zone as the `TZ` variable of POSIX writes it, which is also the footer of a TZif file:
/// `CET-1CEST,M3.5.0,M10.5.0/3`, `<+03>-3`. Hours may reach from -167 to 167, as RFC 8536 allows from version 3 on.
struct POSIXZone: Hashable, Sendable {
    /// Offsets are less than this, in seconds.
    static let greatestOffset = 26 * 3600
    fileprivate static let mostOffsetHours = 25
    fileprivate static let mostRuleHours = 167

    /// Seconds east of UTC.
    let standard: Int
    let saving: Saving?

    /// Daylight saving time, each year from one rule to the other.
    struct Saving: Hashable, Sendable {
        var offset: Int
        var begins: Rule
        var ends: Rule
    }

    struct Rule: Hashable, Sendable {
        var day: Day
        /// Seconds after midnight of that day, on the clock that applies until then.
        var time: Int

        enum Day: Hashable, Sendable {
            /// `Jn`: 1 to 365, February 29 is never counted.
            case julian(Int)
            /// `n`: 0 to 365, February 29 counts.
            case ordinal(Int)
            /// `Mm.w.d`: weekday `d` (0 is Sunday) of week `w` of month `m`; week 5 is the last.
            case weekday(month: Int, week: Int, day: Int)
        }
    }

    init?(_ text: some Collection<UInt8>) {
        var scanner = ASCIIScanner(text)
        guard scanner.zoneName(), let west = scanner.signedTime(mostHours: POSIXZone.mostOffsetHours)
        else { return nil }
        standard = -west
        guard !scanner.isAtEnd else {
            saving = nil
            return
        }
        guard scanner.zoneName() else { return nil }
        var offset = standard + 3600
        if scanner.peek != UInt8(ascii: ",") {
            guard let west = scanner.signedTime(mostHours: POSIXZone.mostOffsetHours) else { return nil }
            offset = -west
        }
        guard let begins = scanner.zoneRule(), let ends = scanner.zoneRule(), scanner.isAtEnd else { return nil }
        saving = Saving(offset: offset, begins: begins, ends: ends)
    }

    /// Seconds east of UTC at a Unix time: that of the latest change up to then, of the years around it (a rule's hours
    /// can reach into another year). Changes at the same moment: the beginning wins, which makes saving time all year.
    func offset(at seconds: Int64) -> Int {
        guard let saving else { return standard }
        let day = (seconds + Int64(standard)).flooredQuotient(by: CivilTime.secondsPerDay)
        let year = CivilTime.date(daysSinceEpoch: Int(day)).year
        var latest = Int64.min
        var isSaving = false
        for year in year - 1...year + 1 {
            let ends = saving.ends.local(year: year) - Int64(saving.offset)
            if ends <= seconds, ends > latest { (latest, isSaving) = (ends, false) }
            let begins = saving.begins.local(year: year) - Int64(standard)
            if begins <= seconds, begins >= latest { (latest, isSaving) = (begins, true) }
        }
        return isSaving ? saving.offset : standard
    }
}

extension POSIXZone.Rule {
    /// When it applies in a year, in seconds on the clock until then.
    fileprivate func local(year: Int) -> Int64 {
        Int64(dayNumber(year: year)) * CivilTime.secondsPerDay + Int64(time)
    }

    private func dayNumber(year: Int) -> Int {
        let newYear = CivilTime.daysSinceEpoch(year: year, month: 1, day: 1)
        switch day {
        case .julian(let day):
            return newYear + day - 1 + (CivilTime.isLeap(year) && day >= 60 ? 1 : 0)
        case .ordinal(let day):
            return newYear + day
        case .weekday(let month, let week, let day):
            let first = CivilTime.daysSinceEpoch(year: year, month: month, day: 1)
            let ahead = (day - CivilTime.weekday(daysSinceEpoch: first) + 7) % 7 + (week - 1) * 7
            return first + (ahead < CivilTime.daysInMonth(month, year: year) ? ahead : ahead - 7)
        }
    }
}

extension ASCIIScanner {
    /// Three letters or more, or letters, digits and signs in angle brackets. Which name it is does not matter.
    fileprivate mutating func zoneName() -> Bool {
        guard take("<") else { return letters().count >= 3 }
        var count = 0
        while take(where: { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2B || $0 == 0x2D }) != nil { count += 1 }
        return count >= 3 && take(">")
    }

    /// `[+-]h[hh][:mm[:ss]]` in seconds.
    fileprivate mutating func signedTime(mostHours: Int) -> Int? {
        let negative = take("-")
        if !negative { _ = take("+") }
        guard let hours = number(most: 3), hours <= mostHours else { return nil }
        var seconds = hours * 3600
        for unit in [60, 1] where take(":") {
            guard let part = digits(2), part <= 59 else { return nil }
            seconds += part * unit
        }
        return negative ? -seconds : seconds
    }

    /// `,M3.5.0/2`: a day, and a time that is 02:00:00 if left out.
    fileprivate mutating func zoneRule() -> POSIXZone.Rule? {
        guard take(","), let day = zoneDay() else { return nil }
        guard take("/") else { return POSIXZone.Rule(day: day, time: 7200) }
        return signedTime(mostHours: POSIXZone.mostRuleHours).map { POSIXZone.Rule(day: day, time: $0) }
    }

    private mutating func zoneDay() -> POSIXZone.Rule.Day? {
        if take("M") {
            guard let month = number(most: 2), take("."), let week = number(most: 1), take("."),
                let day = number(most: 1), (1...12).contains(month), (1...5).contains(week), (0...6).contains(day)
            else { return nil }
            return .weekday(month: month, week: week, day: day)
        }
        let skipsLeapDay = take("J")
        guard let day = number(most: 3), (skipsLeapDay ? 1...365 : 0...365).contains(day) else { return nil }
        return skipsLeapDay ? .julian(day) : .ordinal(day)
    }
}
