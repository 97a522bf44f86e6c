/// How an API writes cursor values. Times become nanoseconds since 1970 (UTC), sequences stay integers, so that all
/// of them compare, subtract and are stored alike.
package enum CursorFormat: Sendable, Hashable {
    /// Whole seconds since 1970.
    case unix
    /// Milliseconds since 1970.
    case unixMilliseconds
    /// `2026-11-23T17:31:00.123Z`, any fraction, any offset; UTC where none is written.
    case iso8601
    /// `2026-11-23 17:31:00.123456`, UTC.
    case datetime
    /// `2026-11-23`.
    case date
    /// An object with `year`, `month`, `day` and optionally `hour`, `minute`, `second`, `microsecond`, UTC.
    case parts
    /// `/Date(1541176290160+0000)/`: milliseconds since 1970; the offset is for showing it only.
    case jsonDate
    /// As the source's own pattern says, UTC where it has no offset.
    case pattern(TimePattern)
    /// An ascending integer that is no time, such as a sequence number.
    case integer

    package var isTime: Bool { self != .integer }

    /// One step of the format in the cursor's unit: the finest difference that two values can show.
    package var tick: Int64 {
        switch self {
        case .unix: 1_000_000_000
        case .unixMilliseconds: 1_000_000
        case .date: 86_400 * 1_000_000_000
        case .iso8601, .datetime, .parts: 1_000
        case .jsonDate: 1_000_000
        case .pattern(let pattern): pattern.tick
        case .integer: 1
        }
    }

    /// The value of a field's JSON text; nil when it is null, or not of this format.
    package func value(of bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        guard let first = bytes[range].first else { return nil }
        let isText = first == UInt8(ascii: "\"") && range.count >= 2
        if self == .parts, !isText {
            return (try? JSONValue(parsing: Array(bytes[range]))).flatMap(Self.instant(ofParts:))
        }
        let text = isText ? range.lowerBound + 1..<range.upperBound - 1 : range
        switch self {
        case .unix: return Self.integer(bytes, text, times: 1_000_000_000)
        case .unixMilliseconds: return Self.integer(bytes, text, times: 1_000_000)
        case .integer: return Self.integer(bytes, text, times: 1)
        case .jsonDate: return Self.jsonDate(bytes, range)
        case .pattern(let pattern):
            return JSONText.string(bytes, range).flatMap { pattern.instant(of: $0.utf8)?.nanoseconds }
        case .iso8601, .datetime, .date, .parts:
            return UTCText.nanoseconds(bytes, text) ?? Instant(iso8601: bytes[text])?.nanoseconds
        }
    }

    /// The same for a text of its own.
    package func value(of json: some Collection<UInt8>) -> Int64? {
        let bytes = Array(json)
        return value(of: bytes, 0..<bytes.count)
    }

    /// The value as a filter writes it.
    package func variable(for value: Int64) -> TemplateVariables.Value {
        switch self {
        case .unix: .integer(value.flooredQuotient(by: 1_000_000_000))
        case .unixMilliseconds: .integer(value.flooredQuotient(by: 1_000_000))
        case .integer: .integer(value)
        case .iso8601: .string(Instant(nanoseconds: value).iso8601())
        case .datetime, .parts: .string(Instant(nanoseconds: value).spacedText(fractionDigits: nil))
        case .date: .string(Instant(nanoseconds: value).dateText)
        case .jsonDate: .string("/Date(\(value.flooredQuotient(by: 1_000_000)))/")
        case .pattern(let pattern): .string(pattern.text(of: Instant(nanoseconds: value)))
        }
    }

    /// The value for a person: a time, or the number.
    package func shown(_ value: Int64) -> String {
        isTime ? Instant(nanoseconds: value).iso8601() : String(value)
    }

    /// Its slashes may be escaped.
    private static func jsonDate(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        guard let text = JSONText.string(bytes, range), text.hasPrefix("/Date("), text.hasSuffix(")/") else {
            return nil
        }
        let inside = text.dropFirst(6).dropLast(2)
        let sign = inside.dropFirst().firstIndex { $0 == "+" || $0 == "-" }
        if let sign, inside[sign...].count != 5 || !inside[sign...].dropFirst().allSatisfy(\.isNumber) { return nil }
        let digits = Array(inside[..<(sign ?? inside.endIndex)].utf8)
        return integer(digits, 0..<digits.count, times: 1_000_000)
    }

    private static func integer(_ bytes: [UInt8], _ range: Range<Int>, times unit: Int64) -> Int64? {
        guard let number = JSONText.int64(bytes, range) else { return nil }
        let (scaled, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : scaled
    }

    private static func instant(ofParts value: JSONValue) -> Int64? {
        func part(_ name: String) -> Int64? { value[name]?.int64 }
        guard let year = part("year"), let month = part("month"), let day = part("day") else { return nil }
        let (nanosecond, overflow) = (part("microsecond") ?? 0).multipliedReportingOverflow(by: 1_000)
        guard !overflow else { return nil }
        let civil = CivilTime(
            year: Int(year),
            month: Int(month),
            day: Int(day),
            hour: Int(part("hour") ?? 0),
            minute: Int(part("minute") ?? 0),
            second: Int(part("second") ?? 0),
            nanosecond: Int(nanosecond)
        )
        guard let civil else { return nil }
        return civil.instant().nanoseconds
    }
}

/// Its name in a definition, or the pattern.
extension CursorFormat: RawRepresentable, CaseIterable {
    /// Those that have names.
    package static let allCases: [CursorFormat] = [
        .unix, .unixMilliseconds, .iso8601, .datetime, .date, .parts, .jsonDate, .integer,
    ]

    package init?(rawValue: String) {
        if let named = Self.allCases.first(where: { $0.rawValue == rawValue }) {
            self = named
        } else {
            guard let pattern = TimePattern(rawValue) else { return nil }
            self = .pattern(pattern)
        }
    }

    package var rawValue: String {
        switch self {
        case .unix: "unix"
        case .unixMilliseconds: "unix_ms"
        case .iso8601: "iso8601"
        case .datetime: "datetime"
        case .date: "date"
        case .parts: "parts"
        case .jsonDate: "json_date"
        case .integer: "integer"
        case .pattern(let pattern): pattern.text
        }
    }
}
