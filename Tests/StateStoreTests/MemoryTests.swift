import ConnectorCore
import Testing

@testable import StateStore

/// The memory in leaves and packs says what one in a plain dictionary says, whatever is done to both.
@Suite
struct MemoryTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            let mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            return mixed ^ mixed >> 31
        }

        mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
    }

    private static let keys: UInt64 = 4_000

    /// Mostly spread as hashes are, some as close to each other as they can be.
    private func someKey(_ dice: inout Dice) -> Hash128 {
        let number = dice.below(Self.keys)
        return number < 300 ? Hash128(high: .max - number / 100, low: number) : key(number)
    }

    private func someRecord(_ dice: inout Dice) -> DeliveredRecord {
        let lengths: [UInt64] = [3, 20, 20, 20, 6_000]
        let length = Int(lengths[Int(dice.below(100) == 0 ? 4 : dice.below(4))])
        return DeliveredRecord(
            key: someKey(&dice),
            content: Hash128(high: dice.next(), low: dice.next()),
            cursor: Int64(dice.below(100)),
            generation: Int64(dice.below(5)),
            keyText: dice.below(4) == 0 ? nil : String(repeating: "k", count: length)
        )
    }

    private func checkpoint(_ dice: inout Dice) -> Checkpoint {
        let stream = dice.below(5) == 0 ? refunds : charges
        let many = dice.below(10) == 0 ? 1_500 : dice.below(40)
        var checkpoint = Checkpoint.make(remember: [])
        checkpoint.remember = [stream: (0..<many).map { _ in someRecord(&dice) }]
        checkpoint.forget = [stream: (0..<dice.below(20)).map { _ in someKey(&dice) }]
        if dice.below(8) == 0 {
            let above = Int64(dice.below(100))
            checkpoint.forgetBetween = Checkpoint.ForgetRange(above: above, below: above + Int64(dice.below(20)) + 1)
        }
        return checkpoint
    }

    private func compare(_ left: any StreamLedger, _ right: any StreamLedger, _ dice: inout Dice) async throws {
        for stream in [charges, refunds] {
            let all = try await left.delivered(of: stream, limit: 10_000)
            #expect(try await right.delivered(of: stream, limit: 10_000) == all)
            let keys = (0..<300).map { _ in someKey(&dice) }
            let found = try await left.delivered(of: stream, keys: keys)
            #expect(try await right.delivered(of: stream, keys: keys) == found)
            let census = try await left.census(of: stream, since: 3)
            #expect(try await right.census(of: stream, since: 3) == census)
            let after = someKey(&dice)
            let unseen = try await left.unseen(of: stream, since: 3, after: after, limit: 50)
            #expect(try await right.unseen(of: stream, since: 3, after: after, limit: 50) == unseen)
        }
    }

    @Test(arguments: 1...6)
    func `leaves and packs say what a dictionary says`(_ seed: UInt64) async throws {
        var dice = Dice(state: seed)
        let scratch = Scratch()
        var store = try scratch.open()
        let measure = InMemoryStore()
        var ledgers: [any StreamLedger] = [try await store.ledger(), try await measure.ledger()]
        for step in 1...150 {
            let checkpoint = checkpoint(&dice)
            for ledger in ledgers { try await ledger.commit(checkpoint) }
            if step % 40 == 0 {
                let parts: [Forgetting] = [.ties, .behind(Int64(dice.below(20))), .cursorValues, .everything, .nothing]
                let part = parts[Int(dice.below(step < 80 ? 3 : 5))]
                for ledger in ledgers { try await ledger.rebase(to: StreamState(), forgetting: part) }
            }
            if step % 25 == 0 { try await compare(ledgers[0], ledgers[1], &dice) }
            if step % 60 == 0 {
                await store.close()
                store = try scratch.open()
                ledgers[0] = try await store.ledger()
                ledgers[1] = try await measure.ledger()
                try await compare(ledgers[0], ledgers[1], &dice)
            }
        }
    }

    @Test
    func `many records fill whole pages`() async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        let ledger = try await store.ledger()
        let count: UInt64 = 160_000
        for first in stride(from: 0, to: count, by: 20_000) {
            let records = (first..<first + 20_000).map { record($0, keyText: "\"ch_3M123456789012345\"") }
            try await ledger.commit(.make(remember: records))
        }
        let keys = (0..<count + 1_000).map { key($0) }
        #expect(try await ledger.delivered(of: charges, keys: keys).count == Int(count))
        let census = MemoryCensus(remembered: Int64(count), unseen: Int64(count))
        #expect(try await ledger.census(of: charges, since: 1) == census)
        await store.close()
        let database = try Connection(path: scratch.database, mode: .readOnly)
        let pages = Int(try database.pragma("page_count")) ?? 0
        let used = pages - (Int(try database.pragma("freelist_count")) ?? 0)
        #expect(used * 4_096 < Int(count) * 130)
    }
}
