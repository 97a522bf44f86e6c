import ConnectorCore

extension ConfigItem {
    /// A span of time: text with units, or a bare number of seconds.
    package func duration(_ range: ClosedRange<Duration>? = nil) -> Duration? {
        duration(range, parse: DurationUnits.parse)
    }

    /// A span of time, its text read by `parse`; a bare number is given to it as seconds (`90` as `90s`).
    package func duration(_ range: ClosedRange<Duration>?, parse: (String) -> Duration?) -> Duration? {
        let remedy = "write a number and a unit, such as \"90s\", \"5m\" or \"1h30m\"\(Self.words(range))"
        let text: String
        switch value.kind {
        case .string(let written): text = written
        case .number(let seconds): text = "\(seconds)s"
        default:
            mismatch(expected: "a duration", remedy: remedy)
            return nil
        }
        guard let duration = parse(text) else {
            error("\(DiagnosticText.quoted(text)) is not a duration", remedy)
            return nil
        }
        guard range?.contains(duration) ?? true else {
            error("\(DiagnosticText.quoted(text)) is out of range", remedy)
            return nil
        }
        return duration
    }

    private static func words(_ range: ClosedRange<Duration>?) -> String {
        guard let range else { return "" }
        return ", from \(DurationUnits.text(range.lowerBound)) to \(DurationUnits.text(range.upperBound))"
    }
}

/// The least that durations in a configuration need: whole numbers, each with a unit, added up.
private enum DurationUnits {
    /// From large to small.
    private static let all: [(name: String, milliseconds: Int64)] = [
        ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    static func parse(_ text: String) -> Duration? {
        var rest = text[...]
        var total: Int64 = 0
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
            guard
                let count = Int64(digits),
                let size = all.first(where: { $0.name == unit })?.milliseconds,
                case let (product, false) = count.multipliedReportingOverflow(by: size),
                case let (sum, false) = total.addingReportingOverflow(product)
            else { return nil }
            total = sum
            rest = rest.dropFirst(digits.count + unit.count)
        } while !rest.isEmpty
        return .milliseconds(total)
    }

    /// In the largest unit that needs no fraction.
    static func text(_ duration: Duration) -> String {
        let milliseconds = duration.wholeNanoseconds / 1_000_000
        guard let unit = all.first(where: { milliseconds % $0.milliseconds == 0 }), milliseconds != 0 else {
            return "0s"
        }
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}
