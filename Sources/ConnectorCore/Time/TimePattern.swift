/// How a source writes times, field by field, as `strftime` names them: `%m/%d/%Y %H:%M:%S`. Times without `%z` are UTC.
///
/// `%Y` has four digits, `%m %d %H %M %S` two (a single one is read, too), `%f` is a fraction of a second of one to nine
/// digits (written with six, `%3f` with three), `%z` an offset (`Z`, `+02:00`, `+0200`; written `+00:00`), `%%` a percent
/// sign. All else stands for itself.
package struct TimePattern: Sendable, Hashable {
    private enum Part: Hashable {
        case text(String)
        case year, month, day, hour, minute, second
        case fraction(digits: Int)
        case offset
    }

    /// As it was written.
    package let text: String
    private let parts: [Part]

    /// Microseconds, as most databases have them.
    private static let usualDigits = 6
    private static let mostDigits = 9

    /// Nil where it is none: an unknown letter, a field that comes twice, or no date.
    package init?(_ text: String) {
        self.text = text
        var parts: [Part] = []
        var rest = Substring(text)
        while let character = rest.popFirst() {
            guard character == "%" else {
                if case .text(let before)? = parts.last {
                    parts[parts.count - 1] = .text(before + String(character))
                } else {
                    parts.append(.text(String(character)))
                }
                continue
            }
            switch rest.popFirst() {
            case "Y": parts.append(.year)
            case "m": parts.append(.month)
            case "d": parts.append(.day)
            case "H": parts.append(.hour)
            case "M": parts.append(.minute)
            case "S": parts.append(.second)
            case "f": parts.append(.fraction(digits: Self.usualDigits))
            case "z": parts.append(.offset)
            case "%": parts.append(.text("%"))
            case .some(let digit):
                guard let digits = digit.wholeNumberValue, (1...Self.mostDigits).contains(digits),
                    rest.popFirst() == "f"
                else { return nil }
                parts.append(.fraction(digits: digits))
            case nil: return nil
            }
        }
        let fields = parts.filter { if case .text = $0 { false } else { true } }
        guard Set(fields.map(Self.kind)).count == fields.count,
            fields.contains(.year), fields.contains(.month), fields.contains(.day)
        else { return nil }
        self.parts = parts
    }

    /// Fractions are one field, however many digits they have.
    private static func kind(_ part: Part) -> Part {
        if case .fraction = part { .fraction(digits: 0) } else { part }
    }

    /// The finest difference that two times can show, in nanoseconds.
    package var tick: Int64 {
        for case .fraction(let digits) in parts { return (digits..<Self.mostDigits).reduce(1) { unit, _ in unit * 10 } }
        if parts.contains(.second) { return 1_000_000_000 }
        if parts.contains(.minute) { return 60 * 1_000_000_000 }
        if parts.contains(.hour) { return 3_600 * 1_000_000_000 }
        return 86_400 * 1_000_000_000
    }

    /// The instant of a text; nil where it is not of this pattern.
    package func instant(of bytes: some Collection<UInt8>) -> Instant? {
        var scanner = ASCIIScanner(bytes)
        var values: [Part: Int] = [:]
        for part in parts {
            switch part {
            case .text(let text):
                for byte in text.utf8 { guard scanner.take(where: { $0 == byte }) != nil else { return nil } }
            case .year:
                guard let value = scanner.digits(4) else { return nil }
                values[part] = value
            case .month, .day, .hour, .minute, .second:
                guard let value = scanner.oneOrTwoDigits() else { return nil }
                values[part] = value
            case .fraction:
                guard let value = scanner.nanoFraction() else { return nil }
                values[Self.kind(part)] = value
            case .offset:
                guard let value = scanner.offset() else { return nil }
                values[part] = value
            }
        }
        guard scanner.isAtEnd, let year = values[.year], let month = values[.month], let day = values[.day] else {
            return nil
        }
        return CivilTime(
            year: year,
            month: month,
            day: day,
            hour: values[.hour] ?? 0,
            minute: values[.minute] ?? 0,
            second: values[.second] ?? 0,
            nanosecond: values[.fraction(digits: 0)] ?? 0
        )?.instant(offset: values[.offset] ?? 0)
    }

    /// The text of an instant; what the pattern does not show is cut off.
    package func text(of instant: Instant) -> String {
        let time = CivilTime(instant)
        return parts.map { part in
            switch part {
            case .text(let text): text
            case .year: Self.padded(time.year, 4)
            case .month: Self.padded(time.month, 2)
            case .day: Self.padded(time.day, 2)
            case .hour: Self.padded(time.hour, 2)
            case .minute: Self.padded(time.minute, 2)
            case .second: Self.padded(time.second, 2)
            case .fraction(let digits): String(Self.padded(time.nanosecond, Self.mostDigits).prefix(digits))
            case .offset: "+00:00"
            }
        }.joined()
    }

    private static func padded(_ value: Int, _ digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

extension ASCIIScanner {
    /// One or two digits; what stands behind may be another number.
    fileprivate mutating func oneOrTwoDigits() -> Int? {
        guard let first = take(where: \.isASCIIDigit) else { return nil }
        guard let second = take(where: \.isASCIIDigit) else { return Int(first - 0x30) }
        return Int(first - 0x30) * 10 + Int(second - 0x30)
    }

    /// Seconds ahead of UTC.
    fileprivate mutating func offset() -> Int? {
        if take("Z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = digits(2) else { return nil }
        _ = take(":")
        guard let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return (isWest ? -1 : 1) * (hours * 3_600 + minutes * 60)
    }
}
