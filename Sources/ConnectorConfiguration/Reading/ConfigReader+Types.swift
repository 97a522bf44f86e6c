// Each type comes three times: required, optional, and optional with a default. An optional one with a default gives
// the default also for a value that does not fit; that has been reported, so nobody will run with it.

extension ConfigReader {
    package mutating func string(_ key: String, allowingEmpty: Bool = false) -> String? {
        required(key, "a string")?.string(allowingEmpty: allowingEmpty)
    }

    package mutating func optionalString(_ key: String, allowingEmpty: Bool = false) -> String? {
        optional(key)?.string(allowingEmpty: allowingEmpty)
    }

    package mutating func optionalString(_ key: String, allowingEmpty: Bool = false, default fallback: String) -> String
    {
        optionalString(key, allowingEmpty: allowingEmpty) ?? fallback
    }

    package mutating func bool(_ key: String) -> Bool? {
        required(key, "true or false")?.bool()
    }

    package mutating func optionalBool(_ key: String) -> Bool? {
        optional(key)?.bool()
    }

    package mutating func optionalBool(_ key: String, default fallback: Bool) -> Bool {
        optionalBool(key) ?? fallback
    }

    package mutating func integer(_ key: String, range: ClosedRange<Int> = .min ... .max) -> Int? {
        required(key, "a number")?.integer(range)
    }

    package mutating func optionalInteger(_ key: String, range: ClosedRange<Int> = .min ... .max) -> Int? {
        optional(key)?.integer(range)
    }

    package mutating func optionalInteger(
        _ key: String,
        range: ClosedRange<Int> = .min ... .max,
        default fallback: Int
    ) -> Int {
        optionalInteger(key, range: range) ?? fallback
    }

    package mutating func number(_ key: String, range: ClosedRange<Double> = ConfigItem.anyNumber) -> Double? {
        required(key, "a number")?.number(range)
    }

    package mutating func optionalNumber(_ key: String, range: ClosedRange<Double> = ConfigItem.anyNumber) -> Double? {
        optional(key)?.number(range)
    }

    package mutating func optionalNumber(
        _ key: String,
        range: ClosedRange<Double> = ConfigItem.anyNumber,
        default fallback: Double
    ) -> Double {
        optionalNumber(key, range: range) ?? fallback
    }

    package mutating func choice<Choice>(_ key: String, of type: Choice.Type = Choice.self) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        required(key, "one of: \(DiagnosticText.list(Choice.allCases.map(\.rawValue)))")?.choice(of: type)
    }

    package mutating func optionalChoice<Choice>(_ key: String, of type: Choice.Type = Choice.self) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        optional(key)?.choice(of: type)
    }

    package mutating func optionalChoice<Choice>(_ key: String, default fallback: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        optionalChoice(key, of: Choice.self) ?? fallback
    }

    package mutating func duration(_ key: String, range: ClosedRange<Duration>? = nil) -> Duration? {
        required(key, "a duration such as \"90s\"")?.duration(range)
    }

    package mutating func optionalDuration(_ key: String, range: ClosedRange<Duration>? = nil) -> Duration? {
        optional(key)?.duration(range)
    }

    package mutating func optionalDuration(
        _ key: String,
        range: ClosedRange<Duration>? = nil,
        default fallback: Duration
    ) -> Duration {
        optionalDuration(key, range: range) ?? fallback
    }

    /// Text that `parse` turns into a value; `expected` names it: "a cron expression".
    package mutating func parsed<Result>(
        _ key: String,
        _ expected: String,
        _ parse: (String) -> Result?
    ) -> Result? {
        required(key, expected)?.parsed(expected, parse)
    }

    package mutating func optionalParsed<Result>(
        _ key: String,
        _ expected: String,
        _ parse: (String) -> Result?
    ) -> Result? {
        optional(key)?.parsed(expected, parse)
    }
}
