import ConnectorCore
import Testing

struct DeliveredMemoryTests {
    private let stream = StreamID(connector: "shop", stream: "orders")

    private func record(_ key: UInt64, _ content: UInt64, cursor: Int64 = 0) -> DeliveredRecord {
        DeliveredRecord(key: Hash128(high: 0, low: key), content: Hash128(high: 1, low: content), cursor: cursor)
    }

    private func head(_ key: UInt64, known: DeliveredRecord? = nil) -> RecordHead {
        RecordHead(key: Hash128(high: 0, low: key), content: Hash128(high: 1, low: 0), known: known)
    }

    @Test func `ties that were loaded are known and not stored again`() {
        var memory = DeliveredMemory(mode: .ties, stream: stream, ties: [record(1, 1)])
        #expect(memory.known(head(1))?.content == record(1, 1).content)
        #expect(memory.known(head(2)) == nil)
        #expect(memory.takeChanges(keeping: nil).remember.isEmpty)
    }

    @Test func `a new tie is stored once`() {
        var memory = DeliveredMemory(mode: .ties, stream: stream, ties: [])
        memory.remember(record(1, 1), of: stream)
        #expect(memory.takeChanges(keeping: nil).remember == [stream: [record(1, 1)]])
        #expect(memory.takeChanges(keeping: nil).remember.isEmpty)
        #expect(memory.known(head(1)) != nil)
    }

    @Test func `a tie that the range drops is not stored`() {
        var memory = DeliveredMemory(mode: .ties, stream: stream, ties: [])
        memory.remember(record(1, 1, cursor: 5), of: stream)
        memory.remember(record(2, 1, cursor: 10), of: stream)
        let range = Checkpoint.ForgetRange(above: .min, below: 10)
        #expect(memory.takeChanges(keeping: range).remember == [stream: [record(2, 1, cursor: 10)]])
        // The page at hand is kept whole: the next one may repeat its end.
        memory.prune(range, isForced: true)
        #expect(memory.tieCount == 2)
        memory.pageBegins()
        memory.prune(range, isForced: true)
        #expect(memory.known(head(1)) == nil)
        #expect(memory.tieCount == 1)
    }

    @Test func `what this run did is believed over what the state said before`() {
        var memory = DeliveredMemory(mode: .all, stream: stream, ties: [])
        let old = record(1, 1)
        memory.remember(record(1, 2), of: stream)
        #expect(memory.known(head(1, known: old)) == record(1, 2))
        memory.forget(old.key, of: stream, at: nil)
        #expect(memory.known(head(1, known: old)) == nil)
        #expect(memory.known(head(2, known: record(2, 1))) == record(2, 1))
    }

    @Test func `a lookup from before a commit is outlived by two checkpoints`() {
        var memory = DeliveredMemory(mode: .all, stream: stream, ties: [])
        memory.remember(record(1, 2), of: stream)
        #expect(memory.takeChanges(keeping: nil).remember == [stream: [record(1, 2)]])
        #expect(memory.pendingCount == 0)
        _ = memory.takeChanges(keeping: nil)
        #expect(memory.known(head(1, known: nil)) == record(1, 2))
    }

    @Test func `deletions are handed over once`() {
        var memory = DeliveredMemory(mode: .all, stream: stream, ties: [])
        memory.forget(Hash128(high: 0, low: 1), of: stream, at: nil)
        #expect(memory.takeChanges(keeping: nil).forget == [stream: [Hash128(high: 0, low: 1)]])
        #expect(memory.takeChanges(keeping: nil).forget.isEmpty)
    }

    @Test func `the range is open at both ends`() {
        let range = Checkpoint.ForgetRange(above: 1, below: 4)
        #expect([1, 2, 3, 4].map(range.holds) == [false, true, true, false])
    }
}
