/// Dates of HTTP fields (RFC 9110 § 5.6.7).
extension Instant {
    /// Reads the three forms that a recipient must know:
    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
    ///
    /// The day's name must be one, but need not fit the date: the date is what counts. `now` decides the century of a
    /// year of two digits: one that would lie more than 50 years ahead is the most recent such year of the past.
    package init?(httpDate text: some StringProtocol, now: Instant) {
        var scanner = ASCIIScanner(text.utf8)
        guard HTTPDateNames.isWeekday(scanner.letters()) else { return nil }
        let read = scanner.take(",") ? scanner.commaForm(now: now) : scanner.asctimeForm()
        guard let civil = read, scanner.isAtEnd else { return nil }
        self = civil.instant()
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`; fractions of a second are cut off.
    package var httpDate: String {
        let civil = CivilTime(self)
        var bytes = Array(HTTPDateNames.weekdays[civil.weekday].utf8)
        bytes += Array(", ".utf8)
        bytes.appendPadded(civil.day, width: 2)
        bytes += Array(" \(HTTPDateNames.months[civil.month - 1]) ".utf8)
        bytes.appendPadded(civil.year, width: 4)
        bytes.append(UInt8(ascii: " "))
        bytes.appendTime(of: civil)
        bytes += Array(" GMT".utf8)
        return String(decoding: bytes, as: UTF8.self)
    }
}

private enum HTTPDateNames {
    static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let longWeekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]

    /// `word` is in lower case.
    static func isWeekday(_ word: String) -> Bool {
        longWeekdays.contains(word) || weekdays.contains { $0.equalsIgnoringASCIICase(word) }
    }

    static func month(_ word: String) -> Int? {
        months.firstIndex { $0.equalsIgnoringASCIICase(word) }.map { $0 + 1 }
    }

    /// The latest year with these last two digits that is at most 50 years ahead.
    static func fullYear(_ short: Int, now: Instant) -> Int {
        let latest = CivilTime(now).year + 50
        return latest - ((latest - short) % 100 + 100) % 100
    }
}

extension ASCIIScanner {
    /// ` 06 Nov 1994 08:49:37 GMT` or ` 06-Nov-94 08:49:37 GMT`.
    fileprivate mutating func commaForm(now: Instant) -> CivilTime? {
        guard take(" "), let day = number(most: 2), take(" ") || take("-"),
            let month = HTTPDateNames.month(letters()), take(" ") || take("-"),
            let year = year(now: now), take(" "), let time = clock(), take(" "), ["gmt", "utc"].contains(letters())
        else { return nil }
        return CivilTime(
            year: year,
            month: month,
            day: day,
            hour: time.hour,
            minute: time.minute,
            second: time.second
        )
    }

    /// ` Nov  6 08:49:37 1994`.
    fileprivate mutating func asctimeForm() -> CivilTime? {
        guard take(" "), let month = HTTPDateNames.month(letters()), take(" ") else { return nil }
        _ = take(" ")
        guard let day = number(most: 2), take(" "), let time = clock(), take(" "), let year = digits(4)
        else { return nil }
        return CivilTime(
            year: year,
            month: month,
            day: day,
            hour: time.hour,
            minute: time.minute,
            second: time.second
        )
    }

    private mutating func clock() -> (hour: Int, minute: Int, second: Int)? {
        guard let hour = digits(2), take(":"), let minute = digits(2), take(":"), let second = digits(2)
        else { return nil }
        // RFC 9110 allows a leap second, Unix time has no room for it.
        return (hour, minute, second == 60 ? 59 : second)
    }

    /// A year of four digits, or of two with its century decided by `now`.
    private mutating func year(now: Instant) -> Int? {
        guard let short = digits(2) else { return nil }
        guard peek?.isASCIIDigit == true else { return HTTPDateNames.fullYear(short, now: now) }
        return digits(2).map { short * 100 + $0 }
    }
}
