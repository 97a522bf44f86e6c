import ConnectorCore
import ConnectorDaemon
import Synchronization
import Testing

extension SyncOutcome {
    fileprivate var run: RunRecord {
        switch self {
        case .succeeded(let run), .failed(let run, _), .interrupted(let run): run
        }
    }
}

/// Takes events as a test says, and keeps what came.
private final class FakeForwarder: EventForwarder {
    private let kept = Mutex<[ForwardedEvent]>([])
    private let answer: @Sendable (ForwardedEvent) -> BatchOutcome

    init(_ answer: @escaping @Sendable (ForwardedEvent) -> BatchOutcome = { _ in .accepted }) {
        self.answer = answer
    }

    var forwarded: [ForwardedEvent] { kept.withLock { $0 } }
    var bodies: [String] { forwarded.map { String(decoding: $0.body, as: UTF8.self) } }

    func forward(_ event: ForwardedEvent) async -> BatchOutcome {
        kept.withLock { $0.append(event) }
        return answer(event)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct EventRunTests {
    @Test func `an event's object is a line of its stream, and the event is settled`() async throws {
        let stage = try EventStage()
        await stage.take(Sender.event("e1", at: 5))
        let (outcome, syncs) = await stage.workOff()
        #expect(outcome.run.outcome == .succeeded)
        #expect(outcome.run.records == 1)
        #expect(syncs == [])
        #expect(try stage.delivered == [#"upsert 1 {"id":1,"name":"a"}"#])
        #expect(await stage.waitingCount() == 0)
        let sinks = [EventStage.things: FileSink(directory: stage.scratch.path).identity]
        let opening = LedgerOpening(stream: EventStage.things, sinks: sinks, owner: "test")
        let ledger = try await stage.store.openLedger(opening)
        let known = try await ledger.delivered(of: EventStage.things, keys: [ContentHash.hash(Array("1".utf8))])
        #expect(known.values.map(\.cursor) == [5_000_000_000])
    }

    @Test(arguments: ["\n ", "\u{FEFF}", "\u{FEFF}\r\n"])
    func `a body that begins with white space or a byte order mark is one line`(front: String) async throws {
        let stage = try EventStage { $0.object = [] }
        await stage.take(front + #"{"id":"e1","type":"thing.changed","at":1}"#)
        _ = await stage.workOff()
        #expect(try stage.delivered == [#"upsert "e1" {"id":"e1","type":"thing.changed","at":1}"#])
        #expect(stage.scratch.read("c/things/00000001.jsonl")?.split(separator: "\n").count == 1)
        #expect(stage.scratch.read("c/things/00000001.jsonl")?.contains("\u{FEFF}") == false)
    }

    @Test func `events of an object are written in their order, what is older or the same is not`() async throws {
        let stage = try EventStage()
        await stage.take(
            Sender.event("e1", at: 1),
            Sender.event("e2", at: 3, name: "b"),
            Sender.event("e3", at: 2, name: "late"),
            Sender.event("e4", at: 4, name: "b"),
            Sender.event("e5", type: "thing.gone", at: 5)
        )
        let (outcome, syncs) = await stage.workOff()
        #expect(outcome.run.records == 2)
        #expect(outcome.run.deletes == 1)
        #expect(syncs == [EventStage.others])
        #expect(
            try stage.delivered == [
                #"upsert 1 {"id":1,"name":"a"}"#, #"upsert 1 {"id":1,"name":"b"}"#, "delete 1 null",
            ]
        )
        await stage.take(Sender.event("e6", at: 4, name: "after its end"))
        #expect(await stage.workOff().outcome.run.records == 0)
    }

    @Test func `where two events of one instant differ, the list is asked`() async throws {
        let stage = try EventStage { rule in
            rule.effects = [WebhookEffect("other.*", action: .upsert, stream: "others")]
        }
        await stage.take(Sender.event("e1", type: "other.a"), Sender.event("e2", type: "other.b", name: "b"))
        #expect(await stage.workOff(.events(of: "c", into: "others")).syncs == [EventStage.others])
        let without = try EventStage()
        await without.take(Sender.event("e1"), Sender.event("e2", name: "b"))
        #expect(await without.workOff().syncs == [])
    }

    @Test func `early syncs are remembered until somebody made them`() async throws {
        let stage = try EventStage()
        await stage.take(Sender.event("e1", type: "other.changed"))
        let (outcome, syncs) = await stage.workOff(EventStage.triggers)
        #expect(outcome.run.outcome == .succeeded)
        #expect(syncs == [EventStage.others])
        #expect(await stage.store.earlySyncs() == [EventStage.others])
    }

    @Test func `more events than one batch holds are worked off in one run`() async throws {
        let stage = try EventStage()
        for number in 0..<1_201 { await stage.take(Sender.event("e\(number)", key: "\(number)")) }
        let (outcome, _) = await stage.workOff()
        #expect(outcome.run.records == 1_201)
        #expect(outcome.run.pages == 3)
        #expect(await stage.waitingCount() == 0)
    }

    @Test func `while the sink fails, events wait`() async throws {
        let stage = try EventStage(sink: FullSink())
        await stage.take(Sender.event("e1"))
        let (outcome, _) = await stage.workOff()
        #expect(outcome.run.outcome == .failed)
        #expect(outcome.run.error?.contains("No space left") == true)
        #expect(await stage.waitingCount() == 1)
    }

    @Test func `while the state can't be written, events wait`() async throws {
        let stage = try EventStage(commits: FullStore())
        await stage.take(Sender.event("e1"))
        #expect(await stage.workOff().outcome.run.outcome == .failed)
        #expect(await stage.waitingCount() == 1)
    }

    @Test func `an event that can't be applied becomes a dead letter, the others go on`() async throws {
        let stage = try EventStage()
        await stage.take(#"{"id":"e1","type":"thing.changed"}"#, Sender.event("e2"))
        #expect(await stage.workOff().outcome.run.records == 1)
        let letters = await stage.store.deadLetters(limit: 9, after: 0).map(\.letter)
        #expect(letters.map(\.stream) == [EventStage.waiting])
        #expect(letters.map(\.operation) == ["event"])
        #expect(letters.map(\.key) == ["\"e1\""])
        #expect(letters.map(\.code) == ["EVENT_UNREADABLE"])
        #expect(letters.map(\.reason) == ["the event carries no object at object"])
        let line = #"{"event_id":"e1","event_type":"thing.changed","event":{"id":"e1","type":"thing.changed"}}"#
        #expect(letters.map(\.line) == [Array(line.utf8)])
        #expect(await stage.waitingCount() == 0)
        #expect(stage.events.all.contains { if case .deadLettered = $0 { true } else { false } })
    }

    @Test func `an event whose type leads elsewhere since a change of configuration is not lost`() async throws {
        let stage = try EventStage { rule in
            rule.effects = [WebhookEffect("thing.*", action: .upsert, stream: "others")]
        }
        let body = Array(Sender.event("e1").utf8)
        let event = IncomingEvent(id: "e1", type: "thing.changed", stream: EventStage.waiting, bytes: body)
        _ = try await stage.store.accept(
            [event],
            of: "c",
            at: Instant(seconds: 0),
            until: Instant(seconds: 9),
            limits: InboxLimits()
        )
        _ = await stage.workOff()
        let letters = await stage.store.deadLetters(limit: 9, after: 0).map(\.letter)
        #expect(letters.map(\.reason) == ["the event waited for a stream that its type thing.changed leads to no more"])
    }

    @Test func `events go on to AITBC, too, each with a key of its own`() async throws {
        let forwarder = FakeForwarder()
        let stage = try EventStage(forwarder: forwarder)
        await stage.take(Sender.event("e1"), Sender.event("e2", key: "2"))
        #expect(await stage.workOff().outcome.run.outcome == .succeeded)
        #expect(
            Set(forwarder.bodies) == [
                #"{"event_id":"e1","event_type":"thing.changed","object":{"id":1,"name":"a"}}"#,
                #"{"event_id":"e2","event_type":"thing.changed","object":{"id":2,"name":"a"}}"#,
            ]
        )
        #expect(forwarder.forwarded.map(\.connector) == ["c", "c"])
        #expect(forwarder.forwarded.map(\.concern) == ["thing", "thing"])
        #expect(Set(forwarder.forwarded.map(\.idempotencyKey)).count == 2)
    }

    @Test func `events of one object go one after the other, and none passes one that failed`() async throws {
        let forwarder = FakeForwarder { event in
            let isSecond = String(decoding: event.body, as: UTF8.self).contains("e2")
            return isSecond ? .failed(SinkError("no answer", hint: "wait")) : .accepted
        }
        let stage = try EventStage(forwarder: forwarder)
        await stage.take(Sender.event("e1"), Sender.event("e2", at: 2, name: "b"), Sender.event("e3", at: 3, name: "c"))
        #expect(await stage.workOff().outcome.run.outcome == .failed)
        #expect(forwarder.forwarded.count == 2)
        #expect(await stage.waitingCount() == 3)
        _ = await stage.workOff()
        #expect(
            forwarder.forwarded.map(\.idempotencyKey).prefix(2) == forwarder.forwarded.map(\.idempotencyKey).suffix(2)
        )
    }

    @Test func `an event that AITBC refuses becomes a dead letter`() async throws {
        let forwarder = FakeForwarder { _ in .refused(BatchRefusal("unknown type", code: "BAD")) }
        let stage = try EventStage(forwarder: forwarder)
        await stage.take(Sender.event("e1"))
        #expect(await stage.workOff().outcome.run.outcome == .succeeded)
        let letters = await stage.store.deadLetters(limit: 9, after: 0).map(\.letter)
        #expect(letters.map(\.code) == ["BAD"])
        let event = letters.first?.event(by: stage.rule)
        #expect(event?.isReplay == true)
        #expect(event?.id == "e1")
        #expect(event?.stream == EventStage.waiting)
        #expect(event?.bytes == Array(Sender.event("e1").utf8))
        #expect(try stage.delivered.count == 1)
    }
}
