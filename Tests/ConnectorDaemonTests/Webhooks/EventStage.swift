import AITBCConnectors
import ConnectorCore
import ConnectorDaemon
import Synchronization
import Testing

/// Makes webhook requests as a sender does.
enum Sender {
    static let token = Secret("token-1")

    /// A request that proves itself with a shared token, the cheapest of proofs.
    static func request(_ body: String, to connector: String = "c", token: String = "token-1") -> WebhookRequest {
        WebhookRequest(
            path: WebhookIntake.pathPrefix + connector,
            headers: ["X-Token": token],
            body: Array(body.utf8)
        )
    }

    /// `{"id":…,"type":…,"at":…,"object":{"id":…,"name":…}}`
    static func event(
        _ id: String,
        type: String = "thing.changed",
        at: Int = 1,
        key: String = "1",
        name: String = "a"
    ) -> String {
        #"{"id":"\#(id)","type":"\#(type)","at":\#(at),"object":{"id":\#(key),"name":"\#(name)"}}"#
    }
}

/// A connector `c` with the list `others` and the stream `things` that only events fill, its inbox and its sink.
final class EventStage: Sendable {
    static let things = StreamID(connector: "c", stream: "things")
    static let others = StreamID(connector: "c", stream: "others")
    static let waiting = StreamID.events(of: "c", into: "things")
    static let triggers = StreamID.events(of: "c", into: nil)

    let scratch = Scratch()
    let events = EventList()
    let store = InMemoryStore()
    let rule: WebhookRule
    let runner: ConnectorRunner
    let intake: WebhookIntake
    private let heard = Heard()

    /// What the intake said waits.
    var announced: Set<StreamID> { heard.streams }

    init(
        limits: InboxLimits = InboxLimits(),
        sink: (any Sink)? = nil,
        commits: (any CheckpointStore)? = nil,
        forwarder: (any EventForwarder)? = nil,
        believesUnsigned: Bool = true,
        change: (inout WebhookRule) -> Void = { _ in }
    ) throws {
        let url = try #require(URLReference("https://a.example"))
        let others = StreamDefinition(id: Self.others, path: Template(literal: "/o"))
        var rule = WebhookRule(
            scheme: .token(header: "X-Token"),
            secrets: [Sender.token],
            version: WebhookRule.Version(field: ["at"], format: .unix),
            object: ["object"],
            effects: [
                WebhookEffect("thing.*", action: .upsert, stream: "things"),
                WebhookEffect("thing.gone", action: .delete, stream: "things", syncs: ["others"]),
                WebhookEffect("other.*", syncs: ["others"]),
            ],
            streams: ["things"]
        )
        change(&rule)
        var connector = ConnectorDefinition(name: "c", baseURL: url, streams: [others])
        connector.webhook = rule
        self.rule = rule
        let clocks = StillClocks()
        var services = Services(
            transport: FakeTransport { _, _ in .success(.json("{}")) },
            store: commits ?? store,
            sinks: [:],
            defaultSink: sink ?? FileSink(directory: scratch.path),
            clocks: clocks,
            events: events
        )
        services.inbox = store
        services.deadLetters = store
        services.forwarders = forwarder.map { [connector.sink: $0] } ?? [:]
        let gate = AccountGate(rate: nil, burst: nil, clocks: clocks)
        runner = ConnectorRunner(connector, gate: gate, services: services)
        intake = WebhookIntake(
            inbox: store,
            limits: limits,
            clocks: clocks,
            events: events,
            believesUnsigned: believesUnsigned
        ) { [heard] in heard.add($0) }
        intake.open([connector])
    }

    func answer(_ request: WebhookRequest) async -> TransportResponse { await intake.answer(request) }

    /// Sends signed events; each must be taken.
    func take(_ bodies: String...) async {
        for body in bodies {
            let status = await answer(Sender.request(body)).status
            #expect(status == 200)
        }
    }

    func workOff(_ stream: StreamID = waiting) async -> (outcome: SyncOutcome, syncs: [StreamID]) {
        let asked = Heard()
        let outcome = await runner.workOff(stream) { asked.add(Set($0)) }
        return (outcome, asked.streams.sorted())
    }

    /// The delivered lines without their times.
    var delivered: [String] {
        get throws {
            try (scratch.read("c/things/00000001.jsonl") ?? "").split(separator: "\n").map { line in
                let value = try JSONValue(parsing: Array(line.utf8))
                return "\(value["op"]?.string ?? "") \(value["id"]?.text ?? "") \(value["record"]?.text ?? "")"
            }
        }
    }

    func waitingCount() async -> Int { await store.waitingCounts().values.reduce(0, +) }
}

/// Streams that somebody was told of.
final class Heard: Sendable {
    private let kept = Mutex<Set<StreamID>>([])

    var streams: Set<StreamID> { kept.withLock { $0 } }

    func add(_ streams: Set<StreamID>) { kept.withLock { $0.formUnion(streams) } }
}
