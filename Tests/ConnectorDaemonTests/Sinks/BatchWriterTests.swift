import ConnectorCore
import Testing

@testable import ConnectorDaemon

struct BatchWriterTests {
    private static let stream = StreamID(connector: "c", stream: "s")
    private let store = InMemoryStore()
    private let events = EventList()

    private func writer(
        _ sender: FakeSender,
        records: Int = 2,
        inFlight: Int = 1,
        limit: Int = 100
    ) async throws -> any SinkWriter {
        let sink = BatchSink(
            sender,
            identity: SinkIdentity("http:https://warehouse.example"),
            format: .ndjson,
            rule: BatchRule(records: records, inFlight: inFlight),
            deadLetters: store,
            deadLetterLimit: limit,
            clocks: StillClocks(),
            events: events
        )
        return try await sink.open(Self.stream, at: nil)
    }

    private func lines(_ numbers: some Sequence<Int>) -> [UInt8] {
        numbers.flatMap { Array("{\"op\":\"upsert\",\"id\":\($0)}\n".utf8) }
    }

    private func ids(_ body: String) -> [Int] {
        body.split(separator: "\n").compactMap { Int($0.drop { $0 != ":" }.filter(\.isNumber)) }
    }

    /// Refuses what holds one of these records.
    private func picky(_ bad: Set<Int>, named: Bool = false, restIsKept: Bool = false) -> FakeSender {
        FakeSender { sent, _ in
            let ids = sent.body.split(separator: "\n").compactMap { Int($0.filter(\.isNumber)) }
            let blamed = ids.indices.filter { bad.contains(ids[$0]) }
            guard !blamed.isEmpty else { return .accepted }
            let list = named ? blamed.map { BatchRefusal.Named($0, reason: "no \(ids[$0])", code: "bad") } : []
            return .refused(BatchRefusal("will not do", code: "422", named: list, restIsKept: restIsKept))
        }
    }

    private func deadKeys() async -> [String] {
        await store.deadLetters(limit: 1_000, after: 0).map(\.letter.key)
    }

    @Test func `lines of several writes make batches, and a flush sends the rest`() async throws {
        let sender = FakeSender()
        let writer = try await writer(sender, records: 3)
        try await writer.write(lines(1...2))
        #expect(sender.sent.isEmpty)
        try await writer.write(lines(3...4))
        #expect(try await writer.flush() == nil)
        #expect(sender.sent.map { ids($0.body) } == [[1, 2, 3], [4]])
        #expect(sender.sent.map(\.records) == [3, 1])
        #expect(try await writer.flush() == nil)
        #expect(sender.sent.count == 2)
    }

    @Test func `the same lines again bear the same keys, other lines others`() async throws {
        let sender = FakeSender()
        for _ in 1...2 {
            let writer = try await writer(sender)
            try await writer.write(lines(1...4))
            _ = try await writer.flush()
        }
        let keys = sender.sent.map(\.key)
        #expect(keys[0] == keys[2] && keys[1] == keys[3] && keys[0] != keys[1])
        #expect(keys.allSatisfy { $0.count == 64 })
    }

    @Test func `a flush returns only when everything before it is settled`() async throws {
        let door = Door()
        let sender = FakeSender { _, _ in
            await door.pass()
            return .accepted
        }
        let writer = try await writer(sender)
        try await writer.write(lines(1...2))
        let flush = Task { () -> Int in
            _ = try await writer.flush()
            return sender.sent.count
        }
        door.open()
        #expect(try await flush.value == 1)
    }

    @Test func `a write waits while a batch is on its way and another is full`() async throws {
        let door = Door()
        let sender = FakeSender { _, _ in
            await door.pass()
            return .accepted
        }
        let writer = try await writer(sender, records: 2, inFlight: 2)
        let write = Task { try await writer.write(lines(1...100)) }
        while sender.sent.count < 2 { await Task.yield() }
        #expect(sender.sent.count == 2)
        door.open()
        try await write.value
        _ = try await writer.flush()
        #expect(sender.mostUnderWay == 2)
        #expect(sender.sent.map(\.records).reduce(0, +) == 100)
    }

    @Test func `with one in flight batches come in order`() async throws {
        let sender = FakeSender()
        let writer = try await writer(sender, records: 3)
        for start in stride(from: 1, to: 100, by: 5) { try await writer.write(lines(start..<start + 5)) }
        _ = try await writer.flush()
        #expect(sender.mostUnderWay == 1)
        #expect(sender.sent.flatMap { ids($0.body) } == Array(1...100))
    }

    @Test func `what settles out of order is acknowledged in order`() async throws {
        let door = Door()
        let sender = FakeSender { _, number in
            if number == 1 { await door.pass() }
            return number == 3 ? .failed(SinkError("down", hint: "wait")) : .accepted
        }
        let writer = try await writer(sender, records: 1, inFlight: 2)
        try await writer.write(lines([1, 2]))
        let flush = Task { try await writer.flush() }
        while sender.sent.count < 2 { await Task.yield() }
        door.open()
        _ = try await flush.value
        await #expect(throws: SinkError("down", hint: "wait")) {
            try await writer.write(lines([3]))
            _ = try await writer.flush()
        }
    }

    @Test func `a failure ends the writer; the next one sends the same again under the same key`() async throws {
        let sender = FakeSender { _, number in number == 1 ? .failed(SinkError("500", hint: "wait")) : .accepted }
        let first = try await writer(sender)
        await #expect(throws: SinkError.self) {
            try await first.write(lines(1...2))
            _ = try await first.flush()
        }
        await #expect(throws: SinkError.self) { try await first.write(lines(3...4)) }
        await first.close()
        let second = try await writer(sender)
        try await second.write(lines(1...2))
        _ = try await second.flush()
        #expect(sender.sent.map(\.key) == [sender.sent[0].key, sender.sent[0].key])
        #expect(await deadKeys().isEmpty)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 500], [1, 2])
    func `one bad record is the only dead letter, and the others arrive in order`(_ size: Int, _ at: Int) async throws {
        let bad = max(1, size / at)
        let sender = picky([bad])
        let writer = try await writer(sender, records: size)
        try await writer.write(lines(1...size))
        _ = try await writer.flush()
        let accepted = sender.sent.map { ids($0.body) }.filter { !$0.contains(bad) }.flatMap { $0 }
        #expect(accepted == (1...size).filter { $0 != bad })
        let letters = await store.deadLetters(limit: 9, after: 0).map(\.letter)
        #expect(letters.map(\.key) == ["\(bad)"])
        #expect(letters[0].line == Array(lines([bad]).dropLast()))
        #expect((letters[0].reason, letters[0].code) == ("will not do", "422"))
        #expect(events.all == [.deadLettered(Self.stream, key: "\(bad)", reason: "will not do")])
        #expect(sender.sent.count <= 20)
    }

    @Test func `all bad records are dead letters, in order`() async throws {
        let writer = try await writer(picky(Set(1...8)), records: 8)
        try await writer.write(lines(1...8))
        _ = try await writer.flush()
        #expect(await deadKeys() == (1...8).map(String.init))
    }

    @Test(arguments: [(false, [[1, 2, 3, 4], [1, 3]]), (true, [[1, 2, 3, 4]])])
    func `records that the server names need no search`(_ restIsKept: Bool, _ bodies: [[Int]]) async throws {
        let sender = picky([2, 4], named: true, restIsKept: restIsKept)
        let writer = try await writer(sender, records: 4)
        try await writer.write(lines(1...4))
        _ = try await writer.flush()
        #expect(sender.sent.map { ids($0.body) } == bodies)
        let letters = await store.deadLetters(limit: 9, after: 0).map(\.letter)
        #expect(letters.map(\.key) == ["2", "4"])
        #expect((letters[0].reason, letters[0].code) == ("no 2", "bad"))
    }

    @Test func `indices that no record has are not believed`() async throws {
        let sender = FakeSender { sent, _ in
            sent.records > 1 ? .refused(BatchRefusal("no", named: [.init(7), .init(-1)])) : .accepted
        }
        let writer = try await writer(sender)
        try await writer.write(lines(1...2))
        _ = try await writer.flush()
        #expect(sender.sent.map { ids($0.body) } == [[1, 2], [1], [2]])
    }

    @Test func `the same refusal in the next run adds no second letter`() async throws {
        for _ in 1...2 {
            let writer = try await writer(picky([2]))
            try await writer.write(lines(1...2))
            _ = try await writer.flush()
        }
        #expect(await deadKeys() == ["2"])
    }

    @Test func `too many dead letters stop the stream and drop nothing`() async throws {
        let writer = try await writer(picky(Set(1...4)), records: 4, limit: 3)
        let error = await #expect(throws: SinkError.self) {
            try await writer.write(lines(1...4))
            _ = try await writer.flush()
        }
        #expect(error?.message.contains("c/s has 3 dead letters") == true)
        #expect(await deadKeys() == ["1", "2", "3"])
    }

    @Test func `closing ends what waits`() async throws {
        let door = Door()
        let sender = FakeSender { _, _ in
            await door.pass()
            return .accepted
        }
        let writer = try await writer(sender)
        try await writer.write(lines(1...2))
        let flush = Task { try await writer.flush() }
        while sender.sent.isEmpty { await Task.yield() }
        await writer.close()
        await #expect(throws: SinkError.self) { _ = try await flush.value }
        door.open()
    }
}
