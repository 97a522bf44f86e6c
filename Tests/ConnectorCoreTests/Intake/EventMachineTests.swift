import ConnectorCore
import Testing

/// A machine for the stream `things` of the connector `c`, whose actions are read as words.
private struct Script {
    static let things = StreamID(connector: "c", stream: "things")
    static let others = StreamID(connector: "c", stream: "others")
    static let now = Instant(seconds: 100)
    static let failure = SyncFailure(.transient, "no luck", hint: "", isLocal: true)

    var machine: EventMachine

    init(
        into stream: String? = "things",
        events: Int = 3,
        forwards: Bool = false,
        arbiter: StreamID? = nil
    ) throws {
        let url = try #require(URLReference("https://a.example"))
        var connector = ConnectorDefinition(name: "c", baseURL: url, streams: [])
        connector.webhook = WebhookRule(
            scheme: .stripe(),
            version: WebhookRule.Version(field: ["at"], format: .unix),
            object: ["o"],
            effects: [
                WebhookEffect("thing.*", action: .upsert, stream: "things"),
                WebhookEffect("thing.gone", action: .delete, stream: "things", syncs: ["others"]),
                WebhookEffect("other.*", syncs: ["others"]),
            ]
        )
        let reader = try #require(EventReader(connector))
        var limits = EventLimits()
        limits.events = events
        machine = EventMachine(
            .events(of: "c", into: stream),
            rules: EventRules(reader: reader, arbiter: arbiter, forwards: forwards),
            runID: "run",
            limits: limits,
            now: Self.now
        )
    }

    static func event(
        _ number: Int64,
        type: String = "thing.made",
        id: Int = 1,
        at: Int = 1,
        name: String = "a"
    ) -> WaitingEvent {
        let text = "{\"at\":\(at),\"o\":{\"id\":\(id),\"name\":\"\(name)\"}}"
        return WaitingEvent(number: number, id: "e\(number)", type: type, at: Self.now, bytes: Array(text.utf8))
    }

    static func words(_ actions: [EventAction]) -> [String] { actions.map(word) }

    private static func word(_ action: EventAction) -> String {
        switch action {
        case .load(let limit, _): "load \(limit)"
        case .lookUp(let keys, let stream): "look up \(keys.count) of \(stream)"
        case .bury(let letters): "bury \(letters.map { "\($0.key) \($0.code ?? "")" })"
        case .write(let changes, let stream):
            "write \(changes.map { "\($0.action) \($0.keyText)" }) to \(stream)"
        case .forward(let events): "forward \(events.map(\.event.number))"
        case .flush: "flush"
        case .commit(let checkpoint):
            "commit \(checkpoint.events?.numbers ?? []) \(checkpoint.run.outcome)"
        case .announce(let streams): "announce \(streams)"
        case .finish(.succeeded(let run)): "succeeded \(run.records)+\(run.deletes) in \(run.pages)"
        case .finish(.interrupted(let run)): "interrupted after \(run.pages)"
        case .finish(.failed(_, let failure)): "failed: \(failure.message)"
        }
    }

    mutating func start() -> [String] { Self.words(machine.start()) }
    mutating func loaded(_ events: WaitingEvent...) -> [String] {
        Self.words(machine.loaded(events, now: Self.now))
    }
    mutating func lookedUp(_ versions: [EventVersion] = []) -> [String] {
        let known = Dictionary(uniqueKeysWithValues: versions.map { ($0.key, $0) })
        return Self.words(machine.lookedUp([:], known, generation: 0))
    }
    mutating func buried() -> [String] { Self.words(machine.buried(now: Self.now)) }
    mutating func written() -> [String] { Self.words(machine.written(bytes: 10)) }
    mutating func forwarded(_ outcomes: (WaitingEvent, ForwardedOutcome.Result)...) -> [String] {
        Self.words(machine.forwarded(outcomes.map { ForwardedOutcome($0.0, $0.1) }, now: Self.now))
    }
    mutating func flushed(_ position: String? = "1:10") -> [String] {
        Self.words(machine.flushed(position.map { SinkPosition($0) }))
    }
    mutating func committed() -> [String] { Self.words(machine.committed(now: Self.now)) }
    mutating func failed() -> [String] { Self.words(machine.failed(Self.failure, now: Self.now)) }
}

struct EventMachineTests {
    private static let key = ContentHash.hash(Array("1".utf8))

    @Test func `where nothing waits the run is over`() throws {
        var script = try Script()
        #expect(script.start() == ["load 3"])
        #expect(script.loaded() == ["succeeded 0+0 in 0"])
        #expect(script.failed() == [])
    }

    @Test func `a batch is written, flushed and settled, in this order`() throws {
        var script = try Script()
        _ = script.start()
        let event = Script.event(7)
        #expect(script.loaded(event) == ["look up 1 of c/things"])
        #expect(script.lookedUp() == ["write [\"upsert 1\"] to c/things"])
        #expect(script.written() == ["flush"])
        #expect(script.flushed() == ["load 4"])
        guard case .commit(let checkpoint)? = script.machine.loaded([event], now: Script.now).first else {
            Issue.record("no commit")
            return
        }
        #expect(checkpoint.events?.numbers == [7])
        #expect(checkpoint.events?.bytes == Int64(event.bytes.count))
        #expect(checkpoint.sinkPositions == [Script.things: SinkPosition("1:10")])
        #expect(checkpoint.remember[Script.things]?.map(\.key) == [Self.key])
        #expect(checkpoint.run.outcome == .succeeded)
        #expect(checkpoint.run.bytes == 10)
        #expect(script.committed() == ["succeeded 1+0 in 1"])
    }

    @Test func `what waits behind a batch is the next one, and begins when this one is durable`() throws {
        var script = try Script(events: 1)
        _ = script.start()
        _ = script.loaded(Script.event(1))
        _ = script.lookedUp()
        _ = script.written()
        #expect(script.flushed() == ["load 2"])
        #expect(script.loaded(Script.event(1), Script.event(2, id: 2)) == ["commit [1] running"])
        #expect(script.committed() == ["look up 1 of c/things"])
        #expect(script.lookedUp() == ["write [\"upsert 2\"] to c/things"])
    }

    @Test func `a stop settles the batch at hand and begins no other`() throws {
        var script = try Script()
        _ = script.start()
        _ = script.loaded(Script.event(1))
        script.machine.stop()
        _ = script.lookedUp()
        _ = script.written()
        _ = script.flushed()
        #expect(script.loaded(Script.event(1), Script.event(2)) == ["commit [1] interrupted"])
        #expect(script.committed() == ["interrupted after 1"])
    }

    @Test func `a stop before the first batch leaves what waits`() throws {
        var script = try Script()
        _ = script.start()
        script.machine.stop()
        #expect(script.loaded(Script.event(1)) == ["interrupted after 0"])
    }

    @Test func `an event that can't be read lies among the dead letters before it is settled`() throws {
        var script = try Script()
        _ = script.start()
        let broken = WaitingEvent(number: 1, id: "e1", type: "thing.made", at: Script.now, bytes: Array("{}".utf8))
        #expect(script.loaded(broken, Script.event(2)) == ["look up 1 of c/things"])
        #expect(script.lookedUp() == ["bury [\"\\\"e1\\\" EVENT_UNREADABLE\"]"])
        #expect(script.buried() == ["write [\"upsert 1\"] to c/things"])
        _ = script.written()
        _ = script.flushed()
        #expect(script.loaded(broken, Script.event(2)) == ["commit [1, 2] succeeded"])
    }

    @Test func `events that only trigger write nothing, and their syncs are told once they are durable`() throws {
        var script = try Script(into: nil)
        _ = script.start()
        let event = Script.event(1, type: "other.changed")
        #expect(script.loaded(event) == ["flush"])
        #expect(script.flushed(nil) == ["load 4"])
        #expect(script.loaded(event) == ["commit [1] succeeded"])
        #expect(script.committed() == ["announce [c/others]", "succeeded 0+0 in 1"])
    }

    @Test func `what is older than what is known is settled without a line`() throws {
        var script = try Script()
        _ = script.start()
        _ = script.loaded(Script.event(1, at: 3))
        let last = EventVersion(key: Self.key, version: 5_000_000_000, isDeleted: true)
        #expect(script.lookedUp([last]) == ["flush"])
    }

    @Test func `a deletion is a line and a sync`() throws {
        var script = try Script()
        _ = script.start()
        let gone = Script.event(2, type: "thing.gone", at: 2)
        _ = script.loaded(Script.event(1), gone)
        #expect(script.lookedUp() == ["write [\"upsert 1\", \"delete 1\"] to c/things"])
        _ = script.written()
        _ = script.flushed()
        _ = script.loaded(Script.event(1), gone)
        #expect(script.committed() == ["announce [c/others]", "succeeded 1+1 in 1"])
    }

    @Test func `an event that the disk changed is buried, and the arbiter is asked`() throws {
        var script = try Script(arbiter: Script.others)
        _ = script.start()
        var damaged = Script.event(1)
        damaged.isDamaged = true
        #expect(script.loaded(damaged, Script.event(2, id: 2)) == ["look up 1 of c/things"])
        #expect(script.lookedUp().first?.contains("EVENT_DAMAGED") == true)
        #expect(script.buried() == ["write [\"upsert 2\"] to c/things"])
        _ = script.written()
        _ = script.flushed()
        _ = script.loaded()
        #expect(script.committed().first == "announce [c/others]")
    }

    @Test func `where two events of one instant differ, the arbiter is asked`() throws {
        var script = try Script(arbiter: Script.others)
        _ = script.start()
        _ = script.loaded(Script.event(1), Script.event(2, name: "b"))
        _ = script.lookedUp()
        _ = script.written()
        _ = script.flushed()
        _ = script.loaded()
        #expect(script.committed().first == "announce [c/others]")
    }

    @Test func `what is passed on and refused for good is buried before the batch is settled`() throws {
        var script = try Script(forwards: true)
        _ = script.start()
        let events = (Script.event(1), Script.event(2, id: 2))
        _ = script.loaded(events.0, events.1)
        _ = script.lookedUp()
        #expect(script.written() == ["forward [1, 2]"])
        #expect(
            script.forwarded((events.0, .accepted), (events.1, .refused(reason: "no", code: "BAD")))
                == ["bury [\"\\\"e2\\\" BAD\"]"]
        )
        #expect(script.buried() == ["flush"])
    }

    @Test func `an event that could not be passed on settles nothing, but what was refused is buried`() throws {
        var script = try Script(forwards: true)
        _ = script.start()
        let events = (Script.event(1), Script.event(2, id: 2))
        _ = script.loaded(events.0, events.1)
        _ = script.lookedUp()
        _ = script.written()
        let outcomes = script.forwarded(
            (events.0, .refused(reason: "no", code: "BAD")),
            (events.1, .failed(Script.failure))
        )
        #expect(outcomes == ["bury [\"\\\"e1\\\" BAD\"]"])
        #expect(script.buried() == ["failed: no luck"])
        #expect(script.flushed() == [])
        #expect(script.committed() == [])
    }

    @Test(arguments: 0..<6) func `a failure at any step settles nothing, and ends the run`(steps: Int) throws {
        var script = try Script(forwards: true)
        _ = script.start()
        let event = Script.event(1)
        let ways: [(inout Script) -> [String]] = [
            { $0.loaded(event) }, { $0.lookedUp() }, { $0.written() }, { $0.forwarded((event, .accepted)) },
            { $0.flushed() }, { $0.loaded(event) },
        ]
        for way in ways.prefix(steps) { _ = way(&script) }
        #expect(script.failed() == ["failed: no luck"])
        #expect(script.committed() == [])
        #expect(script.machine.run.outcome == .failed)
        #expect(script.machine.run.ended == Script.now)
    }

    @Test func `reports that nobody asked for change nothing`() throws {
        var script = try Script()
        #expect(script.loaded(Script.event(1)) == [])
        #expect(script.lookedUp() == [] && script.buried() == [] && script.written() == [])
        #expect(script.forwarded() == [] && script.flushed() == [] && script.committed() == [])
        #expect(script.start() == ["load 3"])
        #expect(script.start() == [])
    }
}
