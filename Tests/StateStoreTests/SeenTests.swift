import ConnectorCore
import Testing

@testable import StateStore

/// What full walks saw, where it is kept beside the rows: the store in memory, which keeps it in them, is the measure.
@Suite
struct SeenTests {
    private static let count: UInt64 = 9_000

    /// The same numbers each time.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            let mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            return mixed ^ mixed >> 31
        }
    }

    /// A walk sees most of the records, in two checkpoints, and the second completes it; now and then one is forgotten
    /// or written anew.
    private func walk(_ generation: Int64, _ dice: inout Dice) -> [Checkpoint] {
        let seen = (0..<Self.count).filter { _ in dice.next() % 100 < 97 }.map { key($0) }.shuffled(using: &dice)
        let half = seen.count / 2
        let parts = [Array(seen[..<half]), Array(seen[half...])]
        return parts.enumerated().map { index, keys in
            var checkpoint = Checkpoint.make()
            checkpoint.state.generation = index == 0 ? generation - 1 : generation
            checkpoint.seen = [charges: [generation: keys]]
            let changed = dice.next() % Self.count
            checkpoint.remember = [charges: [record(changed, cursor: 5, generation: generation, keyText: "new")]]
            checkpoint.forget = [charges: [key(dice.next() % Self.count)]]
            return checkpoint
        }
    }

    @Test(arguments: 1...4)
    func `which walk saw a record is known as exactly as if it stood in its row`(_ seed: UInt64) async throws {
        let scratch = Scratch()
        let stores: [any CheckpointStore] = [try scratch.open(), InMemoryStore()]
        var ledgers: [any StreamLedger] = []
        for store in stores { ledgers.append(try await store.ledger()) }
        var dice = Dice(state: seed)
        var first = Checkpoint.make(
            remember: (0..<Self.count).map { record($0, generation: 1, keyText: $0 % 10 == 0 ? nil : "\($0)") }
        )
        first.state.generation = 1
        for ledger in ledgers { try await ledger.commit(first) }
        for generation: Int64 in 2...5 {
            for checkpoint in walk(generation, &dice) {
                for ledger in ledgers { try await ledger.commit(checkpoint) }
                for since in 1...generation {
                    let unseen = try await ledgers[0].unseen(of: charges, since: since, after: nil, limit: 10_000)
                    let measure = try await ledgers[1].unseen(of: charges, since: since, after: nil, limit: 10_000)
                    #expect(unseen.map(\.key) == measure.map(\.key))
                    let census = try await ledgers[0].census(of: charges, since: since)
                    #expect(try await ledgers[1].census(of: charges, since: since) == census)
                    let middle = measure.dropFirst(measure.count / 2).first?.key
                    let page = try await ledgers[0].unseen(of: charges, since: since, after: middle, limit: 7)
                    let other = try await ledgers[1].unseen(of: charges, since: since, after: middle, limit: 7)
                    #expect(page.map(\.key) == other.map(\.key))
                }
            }
        }
    }

    @Test
    func `a walk that finds everything unchanged writes no row`() async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        var first = Checkpoint.make(remember: (0..<Self.count).map { record($0, generation: 1, keyText: "k") })
        first.state.generation = 1
        let ledger = try await store.ledger()
        try await ledger.commit(first)
        for generation: Int64 in 2...3 {
            var checkpoint = Checkpoint.make()
            checkpoint.state.generation = generation
            checkpoint.seen = [charges: [generation: (0..<Self.count).map { key($0) }]]
            try await ledger.commit(checkpoint)
        }
        #expect(try await ledger.unseen(of: charges, since: 3, after: nil, limit: 9).isEmpty)
        let known = try await ledger.delivered(of: charges, limit: Int(Self.count))
        #expect(known.allSatisfy { $0.generation == 1 })
        #expect(try await ledger.unseen(of: charges, since: 4, after: nil, limit: 9).count == 9)
    }

    @Test
    func `few records are marked in their rows`() async throws {
        let scratch = Scratch()
        let ledger = try await (try scratch.open()).ledger()
        try await ledger.commit(.make(remember: [record(1, generation: 1, keyText: "1")]))
        var checkpoint = Checkpoint.make()
        checkpoint.seen = [charges: [2: [key(1), key(9)]]]
        try await ledger.commit(checkpoint)
        #expect(try await ledger.delivered(of: charges, limit: 9).map(\.generation) == [2])
    }

    @Test
    func `a first reading looks up next to nothing, a second one everything`() async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        let ledger = try await store.ledger()
        for first in stride(from: 0, to: Self.count, by: 1_000) {
            let records = (first..<first + 1_000).map { record($0, keyText: "k") }
            #expect(try await ledger.delivered(of: charges, keys: records.map(\.key)).isEmpty)
            try await ledger.commit(.make(remember: records))
        }
        #expect(await store.lookUps < Int(Self.count) / 20)
        let keys = (0..<Self.count).map { key($0) }
        #expect(try await ledger.delivered(of: charges, keys: keys).count == keys.count)
        let later = try await store.ledger()
        #expect(try await later.delivered(of: charges, keys: keys).count == keys.count)
    }

    @Test
    func `a filter holds every key that was put in, and few others`() {
        var dice = Dice(state: 7)
        let keys = (0..<400_000).map { _ in Hash128(high: dice.next(), low: dice.next()) }
        var filter = KeyFilter()
        let hasRoom = keys[..<300_000].map { filter.insert($0) }
        #expect(!hasRoom.contains(false))
        #expect(keys[..<300_000].allSatisfy(filter.mayHold))
        #expect(keys[300_000...].count(where: filter.mayHold) < 8_000)
    }
}
