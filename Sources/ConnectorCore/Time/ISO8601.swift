/// A point in time as ISO 8601 / RFC 3339 text states it, before its zone is decided.
///
/// Read as real APIs write it: `2026-11-23T17:31:00Z`, fractions of any length (beyond nanoseconds they are cut off),
/// offsets `+01:00`, `-0600` and `+00`, ` UTC`, a space or `t` instead of `T`, no seconds, no zone, or a date alone.
package struct ISO8601: Equatable, Sendable {
    package var civil: CivilTime
    /// Seconds east of UTC; `nil` if the text names no zone.
    package var offset: Int?

    package init?(_ text: some StringProtocol) {
        self.init(text.utf8)
    }

    /// `nil` unless all bytes are one date that exists.
    package init?(_ bytes: some Collection<UInt8>) {
        var scanner = ASCIIScanner(bytes)
        guard let date = scanner.isoDate() else { return nil }
        guard !scanner.isAtEnd else {
            guard let civil = CivilTime(year: date.year, month: date.month, day: date.day) else { return nil }
            self.civil = civil
            return
        }
        guard scanner.take("T") || scanner.take(" ") || scanner.take("t"),
            let time = scanner.isoTime(),
            let civil = CivilTime(
                year: date.year,
                month: date.month,
                day: date.day,
                hour: time.hour,
                minute: time.minute,
                second: time.second,
                nanosecond: time.nanosecond
            ),
            scanner.isAtEnd || scanner.isoZone(into: &offset), scanner.isAtEnd
        else { return nil }
        self.civil = civil
    }

    /// The instant, with a text that names no zone taken as UTC.
    package var instant: Instant { civil.instant(offset: offset ?? 0) }
}

extension Instant {
    /// Text without a zone is taken as UTC. A date beyond what `Instant` reaches (`9999-12-31` for "never",
    /// `0001-01-01` for "unset") becomes the nearer end.
    public init?(iso8601 text: some StringProtocol) {
        guard let read = ISO8601(text) else { return nil }
        self = read.instant
    }

    package init?(iso8601 bytes: some Collection<UInt8>) {
        guard let read = ISO8601(bytes) else { return nil }
        self = read.instant
    }

    /// `2026-11-23T17:31:00Z`. `fractionDigits` 0 to 9; `nil` writes as many as the value has.
    ///
    /// Digits are cut off, not rounded: a lower bound must not move past the record it stands for.
    public func iso8601(fractionDigits: Int? = nil) -> String {
        CivilTime(self).text(separator: "T", fractionDigits: fractionDigits) + "Z"
    }

    /// `2026-11-23 17:31:00` in UTC, as many APIs want a filter's bound.
    package func spacedText(fractionDigits: Int? = 0) -> String {
        CivilTime(self).text(separator: " ", fractionDigits: fractionDigits)
    }

    /// `2026-11-23`, the day in UTC.
    package var dateText: String { CivilTime(self).dateText }
}

extension CivilTime {
    /// `2026-11-23`.
    package var dateText: String {
        var bytes: [UInt8] = []
        bytes.appendDate(of: self)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `2026-11-23 17:31:00.25`, without a zone. `fractionDigits` as for `Instant.iso8601(fractionDigits:)`.
    package func text(separator: Unicode.Scalar = " ", fractionDigits: Int? = 0) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(30)
        bytes.appendDate(of: self)
        bytes.append(UInt8(ascii: separator))
        bytes.appendTime(of: self)
        bytes.appendFraction(nanosecond, digits: fractionDigits)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    /// A number that is not negative, with leading zeros up to `width`.
    mutating func appendPadded(_ number: Int, width: Int) {
        let digits = String(number).utf8
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: Swift.max(0, width - digits.count)))
        append(contentsOf: digits)
    }

    mutating func appendTime(of civil: CivilTime) {
        appendPadded(civil.hour, width: 2)
        append(UInt8(ascii: ":"))
        appendPadded(civil.minute, width: 2)
        append(UInt8(ascii: ":"))
        appendPadded(civil.second, width: 2)
    }

    fileprivate mutating func appendDate(of civil: CivilTime) {
        appendPadded(civil.year, width: 4)
        append(UInt8(ascii: "-"))
        appendPadded(civil.month, width: 2)
        append(UInt8(ascii: "-"))
        appendPadded(civil.day, width: 2)
    }

    fileprivate mutating func appendFraction(_ nanosecond: Int, digits: Int?) {
        var fraction: [UInt8] = []
        fraction.appendPadded(nanosecond, width: 9)
        if let digits {
            fraction.removeLast(9 - Swift.min(Swift.max(digits, 0), 9))
        } else {
            while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        }
        guard !fraction.isEmpty else { return }
        append(UInt8(ascii: "."))
        append(contentsOf: fraction)
    }
}

extension ASCIIScanner {
    fileprivate mutating func isoDate() -> (year: Int, month: Int, day: Int)? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2) else { return nil }
        return (year, month, day)
    }

    /// `17:31`, `17:31:00` or `17:31:00.25`.
    fileprivate mutating func isoTime() -> (hour: Int, minute: Int, second: Int, nanosecond: Int)? {
        guard let hour = digits(2), take(":"), let minute = digits(2) else { return nil }
        guard take(":") else { return (hour, minute, 0, 0) }
        guard let second = digits(2) else { return nil }
        var nanosecond = 0
        if take(".") || take(",") {
            guard let fraction = nanoFraction() else { return nil }
            nanosecond = fraction
        }
        // Unix time has no room for a leap second: it is the last moment of its minute.
        return second == 60 && minute == 59 ? (hour, minute, 59, 999_999_999) : (hour, minute, second, nanosecond)
    }

    /// `Z`, `UTC`, `+01:00`, `-0600` or `+00`, with or without a space before it.
    fileprivate mutating func isoZone(into offset: inout Int?) -> Bool {
        _ = take(" ")
        if peek?.isASCIILetter == true {
            offset = 0
            return ["z", "utc", "gmt"].contains(letters())
        }
        let west = take("-")
        guard west || take("+"), let hours = digits(2), hours <= 23 else { return false }
        var minutes = 0
        if take(":") || !isAtEnd {
            guard let read = digits(2), read <= 59 else { return false }
            minutes = read
        }
        offset = (hours * 3600 + minutes * 60) * (west ? -1 : 1)
        return true
    }
}
