import Testing

@testable import ConnectorCore

@Suite struct MemoryBudgetTests {
    private static let mega = 1 << 20

    private static func budget() -> Book { Book(MemoryBudget(limit: 16 * mega)) }

    @Test func `shares within the limit do not wait`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: 6 * Self.mega))
        #expect(budget.ask(2, for: 8 * Self.mega))
        #expect(budget.used == 14 * Self.mega)
    }

    @Test func `the last eighth is kept for small shares`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: 14 * Self.mega))
        // One sits beyond the limit; the next one waits.
        #expect(budget.ask(2, for: 3 * Self.mega))
        #expect(!budget.ask(3, for: 3 * Self.mega))
        #expect(budget.ask(4, for: Self.mega))
        #expect(budget.ask(5, for: Self.mega))
        #expect(!budget.ask(6, for: Self.mega))
        #expect(budget.release(5) == [6])
    }

    @Test func `the largest page passes, one at a time, and the oldest that waits comes next`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: MemoryBudget.everything))
        #expect(!budget.ask(2, for: MemoryBudget.everything))
        #expect(!budget.ask(3, for: MemoryBudget.everything))
        #expect(budget.used == 0)
        #expect(budget.settle(1, at: 100 * Self.mega) == [], "it is larger than what all others share")
        #expect(budget.release(1) == [2])
        #expect(budget.release(2) == [3])
        #expect(budget.release(3) == [])
        #expect(budget.used == 0)
    }

    @Test func `who sat beyond the limit and turns out small makes room for the next`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: MemoryBudget.everything))
        #expect(!budget.ask(2, for: MemoryBudget.everything))
        #expect(budget.settle(1, at: 3 * Self.mega) == [2])
        #expect(budget.used == 3 * Self.mega)
    }

    @Test func `who waits keeps what it has, and nobody waits for itself`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: 7 * Self.mega))
        #expect(budget.ask(2, for: 7 * Self.mega))
        #expect(budget.ask(1, for: 40 * Self.mega), "the seat is free")
        #expect(budget.used == 7 * Self.mega)
        #expect(!budget.ask(2, for: 40 * Self.mega))
        #expect(budget.release(1) == [2])
        #expect(budget.used == 0)
    }

    @Test func `who sits beyond the limit does not wait behind others`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: MemoryBudget.everything))
        #expect(!budget.ask(2, for: MemoryBudget.everything))
        #expect(budget.settle(1, at: 40 * Self.mega) == [])
        #expect(budget.ask(1, for: 60 * Self.mega))
    }

    @Test func `a body that grows does not wait: it has room, or it is given up`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: Self.mega))
        #expect(budget.grow(1, to: 12 * Self.mega))
        #expect(budget.ask(2, for: Self.mega))
        #expect(budget.grow(2, to: 30 * Self.mega), "it takes the free seat")
        #expect(budget.ask(3, for: Self.mega))
        #expect(!budget.grow(3, to: 4 * Self.mega))
        #expect(budget.used == 13 * Self.mega)
        #expect(budget.grow(2, to: 1000 * Self.mega), "who sits there may take whatever it is")
    }

    @Test func `a body does not grow past those that wait longer`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: MemoryBudget.everything))
        #expect(!budget.ask(2, for: MemoryBudget.everything))
        #expect(budget.ask(3, for: Self.mega))
        #expect(!budget.grow(3, to: 60 * Self.mega))
        #expect(budget.release(1) == [2])
    }

    @Test func `who stops waiting is no longer in the way`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: MemoryBudget.everything))
        #expect(!budget.ask(2, for: MemoryBudget.everything))
        #expect(!budget.ask(3, for: MemoryBudget.everything))
        #expect(budget.release(2) == [])
        #expect(budget.release(1) == [3])
    }

    @Test func `what waits for a checkpoint leaves the seat, and nobody sits there until it is gone`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: MemoryBudget.everything))
        #expect(!budget.ask(2, for: MemoryBudget.everything))
        #expect(budget.putAside(1, at: 20 * Self.mega) == [])
        #expect(budget.ask(3, for: 8 * Self.mega), "there is room within the limit")
        #expect(budget.used == 8 * Self.mega)
        #expect(budget.release(1) == [2])
    }

    @Test func `what waits for a checkpoint counts within the limit where it fits`() {
        let budget = Self.budget()
        #expect(budget.ask(1, for: MemoryBudget.everything))
        #expect(!budget.ask(2, for: MemoryBudget.everything))
        #expect(budget.putAside(1, at: 9 * Self.mega) == [2])
        #expect(budget.used == 9 * Self.mega)
    }

    @Test func `whatever is asked, grown, settled and released, the limit holds and all are let in`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let budget = Self.budget()
            var waiting: Set<Int> = []
            var holding: Set<Int> = []
            for step in 0..<200 {
                let share = Int(random.next() % 12)
                let bytes = Int(random.next() % UInt64(24 * Self.mega))
                var admitted: [Int] = []
                if holding.contains(share) {
                    switch random.next() % 5 {
                    case 0: _ = budget.grow(share, to: bytes)
                    case 1 where !budget.ask(share, for: bytes):
                        holding.remove(share)
                        waiting.insert(share)
                    case 2: admitted = budget.putAside(share, at: bytes / 4)
                    case 1, 3: admitted = budget.settle(share, at: bytes / 2)
                    default:
                        admitted = budget.release(share)
                        holding.remove(share)
                    }
                } else if !waiting.contains(share) {
                    let wanted = step % 5 == 0 ? MemoryBudget.everything : bytes
                    if budget.ask(share, for: wanted) { holding.insert(share) } else { waiting.insert(share) }
                }
                #expect(waiting.isSuperset(of: admitted))
                waiting.subtract(admitted)
                holding.formUnion(admitted)
                #expect(budget.used >= 0 && budget.used <= 16 * Self.mega)
            }
            // Who holds something and does not wait comes to an end, and lets the others in.
            while let share = holding.min() {
                holding.remove(share)
                let admitted = budget.release(share)
                waiting.subtract(admitted)
                holding.formUnion(admitted)
            }
            #expect(waiting.isEmpty)
            #expect(budget.used == 0)
        }
    }
}

/// `#expect` takes no mutating calls.
private final class Book {
    private var budget: MemoryBudget

    init(_ budget: MemoryBudget) { self.budget = budget }

    var used: Int { budget.used }

    func ask(_ share: Int, for bytes: Int) -> Bool { budget.ask(share, for: bytes) }

    func grow(_ share: Int, to bytes: Int) -> Bool { budget.grow(share, to: bytes) }

    func settle(_ share: Int, at bytes: Int) -> [Int] { budget.settle(share, at: bytes) }

    func putAside(_ share: Int, at bytes: Int) -> [Int] { budget.putAside(share, at: bytes) }

    func release(_ share: Int) -> [Int] { budget.release(share) }
}
