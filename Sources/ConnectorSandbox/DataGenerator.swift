import ConnectorCore

/// Writes believable records from a seed: the same seed and the same calls give the same bytes.
struct DataGenerator: Sendable {
    /// Where generated history begins: 2026-01-01T00:00:00Z.
    static let epoch = Instant(seconds: 1_767_225_600)
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func number(in range: Range<Int>) -> Int {
        Int.random(in: range, using: &random)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[number(in: 0..<elements.count)]
    }

    /// Letters and digits after the prefix; the rank makes it unique.
    mutating func identifier(_ prefix: String, rank: Int) -> String {
        let letters = String(random.next(), radix: 36) + String(random.next() & 0xFFFF_FFFF, radix: 36, uppercase: true)
        return "\(prefix)_\(String(rank, radix: 36))x\(letters)"
    }

    mutating func personName() -> String {
        let first = ["Zoë", "Ånders", "María", "Jürgen", "李", "Ольга", "Noël", "Aïcha", "Seán", "Ana", "山田", "Björn"]
        let last = ["Müller", "O'Neill", "García-López", "Øster", "小明", "Иванова", "D\"Angelo", "Nguyễn", "Łukasz"]
        return "\(pick(first)) \(pick(last))"
    }

    /// Numbers that a double cannot hold, and strings that a careless writer alters.
    mutating func ledger() -> SandboxJSON {
        let cents = number(in: 0..<100)
        let whole = number(in: 1_000_000_000_000_000..<9_999_999_999_999_999)
        return [
            "sequence": .int(9_007_199_254_740_993 + number(in: 0..<1_000_000_000)),
            "exact_amount": .number("\(whole).\(cents < 10 ? "0" : "")\(cents)"),
            "rate": .number("0.1000000000000000055"),
            "scientific": .number("1.50E+2"),
            "trailing_zero": .number("12.10"),
            "note": .literal("\"caf\\u00e9 \\/ \\ud83d\\ude00 \\\"quoted\\\" \\\\ tab\\t end\""),
            "emoji": "🧾 – “naïve” \u{2028}",
        ]
    }

    mutating func address() -> SandboxJSON {
        [
            "city": .string(pick(["Zürich", "São Paulo", "東京", "Kraków", "Malmö", "Genève"])),
            "country": .string(pick(["CH", "BR", "JP", "PL", "SE"])),
            "line1": .string("\(pick(["Straße", "Rue d'Été", "Ulica Łąkowa"])) \(number(in: 1..<200))"),
            "line2": nil,
            "postal_code": .string(String(number(in: 1000..<99999))),
            "state": nil,
        ]
    }

    /// Times of `count` records, oldest first: about a third share their instant with the one before.
    mutating func times(_ count: Int, over span: Duration, step: Int64) -> [Instant] {
        let stride = max(step * 10, span.wholeNanoseconds / Int64(max(1, count)) / step * step)
        var now = Self.epoch
        return (0..<count).map { _ in
            if number(in: 0..<3) > 0 { now = now + .nanoseconds(stride - step * Int64(number(in: 0..<10))) }
            return now
        }
    }
}
