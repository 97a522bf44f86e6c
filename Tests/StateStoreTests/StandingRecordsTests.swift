import ConnectorCore
import Testing

@testable import StateStore

/// What a list that stands still is compared with is never older than what was written.
@Suite
struct StandingRecordsTests {
    private func reading(_ record: DeliveredRecord) -> KnownRecord {
        KnownRecord(
            content: record.content,
            cursor: record.cursor,
            generation: 0,
            hasKeyText: record.keyText != nil
        )
    }

    @Test
    func `a record is known just so only with its content, its cursor and its text`() {
        var standing = StandingRecords()
        let known = KnownRecord(content: key(7), cursor: 3, generation: 9, hasKeyText: true)
        for number: UInt64 in 1..<20_000 { standing.insert(key(number), known) }
        #expect(standing.generation(key(1), known) == 9)
        let others = [
            KnownRecord(content: key(8), cursor: 3, generation: 9, hasKeyText: true),
            KnownRecord(content: key(7), cursor: 4, generation: 9, hasKeyText: true),
            KnownRecord(content: key(7), cursor: 3, generation: 9, hasKeyText: false),
        ]
        #expect(others.allSatisfy { standing.generation(key(1), $0) == nil })
        #expect(standing.generation(key(30_000), known) == nil)
        let isFew = standing.touch(key(1))
        #expect(isFew)
        #expect(standing.generation(key(1), known) == nil)
        #expect(standing.generation(key(2), known) == 9)
    }

    @Test
    func `a list that stands still is not looked up, in a first run as in later ones`() async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        let ledger = try await store.ledger()
        let records = (0..<UInt64(10_000)).map { record($0, generation: 1, keyText: "k") }
        try await ledger.commit(.make(remember: records))
        let keys = records.map(\.key)
        for isLater in [false, true] {
            let ledger = isLater ? try await store.ledger() : ledger
            let before = await store.lookUps
            let known = try await ledger.known(of: charges, keys: keys, likely: records.map(reading))
            #expect(known == records.map(KnownRecord.init))
            #expect(await store.lookUps - before < 500)
        }
    }

    @Test
    func `what changed, and changed back, is known as it was written last`() async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        let records = (0..<UInt64(5_000)).map { record($0, generation: 1, keyText: "k") }
        try await store.commit(.make(remember: records))
        let keys = records.map(\.key)
        for _ in 1...2 {
            let ledger = try await store.ledger()
            _ = try await ledger.known(of: charges, keys: keys, likely: records.map(reading))
            var changed = records[17]
            changed.content = key(99_999)
            try await ledger.commit(.make(remember: [changed], forget: [keys[18]]))
            let known = try await ledger.known(of: charges, keys: keys, likely: records.map(reading))
            #expect(known[17] == KnownRecord(changed))
            #expect(known[18] == nil)
            #expect(known[19] == KnownRecord(records[19]))
            try await ledger.commit(.make(remember: [records[17], records[18]]))
            let again = try await ledger.known(of: charges, keys: keys, likely: records.map(reading))
            #expect(again == records.map(KnownRecord.init))
        }
        let ledger = try await store.ledger()
        _ = try await ledger.known(of: charges, keys: keys, likely: records.map(reading))
        try await ledger.rebase(to: StreamState(), forgetting: .everything)
        #expect(try await ledger.known(of: charges, keys: keys, likely: records.map(reading)).allSatisfy { $0 == nil })
    }

    @Test
    func `what could not be written does not stand`() async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        let old = try await store.ledger()
        _ = try await store.ledger()
        let records = (0..<UInt64(10)).map { record($0, keyText: "k") }
        await #expect(throws: StateError.self) { try await old.commit(.make(remember: records)) }
        let ledger = try await store.ledger()
        let known = try await ledger.known(of: charges, keys: records.map(\.key), likely: records.map(reading))
        #expect(known.allSatisfy { $0 == nil })
    }
}
