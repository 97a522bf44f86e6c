/// Durations as configuration files and people write them.
extension Duration {
    /// Reads `90s`, `5m`, `1h30m`, `250ms`, `7d`, `2w`, `1.5h`; a bare number is seconds. Units are `w`, `d`, `h`, `m`,
    /// `s`, `ms`, `us`, `ns`, each at most once and the greater first, so that a slip (`30m1h`, `1h30`) is an error and
    /// not a surprise. Not negative; at most what `Int64` nanoseconds hold (292 years).
    package init?(text: some StringProtocol) {
        var scanner = ASCIIScanner(text.utf8)
        var total: Int64 = 0
        var smallest = Int64.max
        repeat {
            guard let amount = scanner.amount(), let unit = scanner.unit(bareAllowed: smallest == .max),
                unit < smallest, let part = amount.nanoseconds(unit: unit)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
            smallest = unit
        } while !scanner.isAtEnd
        self = .nanoseconds(total)
    }

    /// `1h30m`: every part, down to the nanosecond; `Duration(text:)` reads it back.
    package var shortText: String {
        var rest = wholeNanoseconds.magnitude
        guard rest > 0 else { return "0s" }
        var text = self < .zero ? "-" : ""
        for (name, size) in DurationUnit.written {
            let count = rest / UInt64(size)
            rest %= UInt64(size)
            if count > 0 { text += "\(count)\(name)" }
        }
        return text
    }

    /// `2 min 5 s`, `3 d 4 h`, `2.5 s`, `250 ms`: what a person wants to know, the rest is cut off.
    package var friendlyText: String {
        let sign = self < .zero ? "-" : ""
        let milliseconds = wholeNanoseconds.magnitude / 1_000_000
        let seconds = milliseconds / 1000
        switch (milliseconds, seconds) {
        case (0, _): return self == .zero ? "0 s" : sign + "under 1 ms"
        case (..<1000, _): return sign + "\(milliseconds) ms"
        case (_, ..<60):
            let tenths = milliseconds / 100 % 10
            return sign + (tenths == 0 ? "\(seconds) s" : "\(seconds).\(tenths) s")
        default: return sign + DurationUnit.twoGreatest(of: seconds)
        }
    }
}

private enum DurationUnit {
    static let nanoseconds: [String: Int64] = [
        "w": 604_800_000_000_000,
        "d": 86_400_000_000_000,
        "h": 3_600_000_000_000,
        "m": 60_000_000_000,
        "s": 1_000_000_000,
        "ms": 1_000_000,
        "us": 1_000,
        "ns": 1,
    ]

    /// Days are the greatest that is written: `7d` stays as it was.
    static let written: [(name: String, size: Int64)] = ["d", "h", "m", "s", "ms", "us", "ns"].compactMap { name in
        nanoseconds[name].map { (name, $0) }
    }

    /// `seconds` is at least one minute.
    static func twoGreatest(of seconds: UInt64) -> String {
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
        ]
        return parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}

/// `1.5` as whole units and billionths of a unit.
private struct DurationAmount {
    var whole: Int64
    var billionths: Int64

    /// `nil` if it is too much.
    func nanoseconds(unit: Int64) -> Int64? {
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        let fraction = billionths.multipliedFullWidth(by: unit)
        let (sum, tooMuch) = product.addingReportingOverflow(Int64(1_000_000_000).dividingFullWidth(fraction).quotient)
        return tooMuch ? nil : sum
    }
}

extension ASCIIScanner {
    fileprivate mutating func amount() -> DurationAmount? {
        guard let whole = number(most: 18) else { return nil }
        guard take(".") else { return DurationAmount(whole: Int64(whole), billionths: 0) }
        return nanoFraction().map { DurationAmount(whole: Int64(whole), billionths: Int64($0)) }
    }

    /// Nanoseconds of the unit that is next; the end of the text is a second, where that is allowed.
    fileprivate mutating func unit(bareAllowed: Bool) -> Int64? {
        guard !isAtEnd else { return bareAllowed ? 1_000_000_000 : nil }
        let unit = DurationUnit.nanoseconds[letters()]
        let expectsMore = take(" ")
        return expectsMore && isAtEnd ? nil : unit
    }
}
