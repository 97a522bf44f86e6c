import ConnectorCore

/// The dice of a scenario: everything that is drawn comes from one seed.
struct Chance {
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed &* 0x9E37_79B9 &+ 0x5151)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    mutating func percent(_ chance: Int) -> Bool {
        chance > 0 && number(1...100) <= chance
    }

    /// For what must be rare.
    mutating func permille(_ chance: Int) -> Bool {
        chance > 0 && number(1...1_000) <= chance
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[number(0...elements.count - 1)]
    }

    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        elements.shuffled(using: &generator)
    }
}
