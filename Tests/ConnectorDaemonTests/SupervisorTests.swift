import ConnectorCore
import ConnectorDaemon
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SupervisorTests {
    private let scratch = Scratch()
    private let events = EventList()

    private func connector(_ name: String, every: Duration = .seconds(3600)) throws -> ConnectorDefinition {
        let url = try #require(URLReference("https://\(name).example"))
        let stream = StreamDefinition(
            id: StreamID(connector: name, stream: "s"),
            path: Template(literal: "/s"),
            schedule: .every(every, jitter: .zero)
        )
        return ConnectorDefinition(name: name, baseURL: url, streams: [stream])
    }

    /// Connectors named `stuck…` are never answered; the others have one record.
    private func supervisor() -> (Supervisor, AsyncStream<Supervisor.Summary>) {
        let transport = FakeTransport { request, _ in
            if request.url.hasPrefix("https://stuck") { return await FakeTransport.hang() }
            return .success(.json("[{\"id\":1}]"))
        }
        let services = Services(
            transport: transport,
            store: InMemoryStore(),
            sinks: [:],
            defaultSink: FileSink(directory: scratch.path),
            clocks: StillClocks(),
            events: events
        )
        let (changes, post) = AsyncStream<Supervisor.Summary>.makeStream()
        return (Supervisor(services: services, maximumRuns: 8) { post.yield($0) }, changes)
    }

    private func wait(_ changes: AsyncStream<Supervisor.Summary>, until states: [String: ConnectorState]) async {
        for await change in changes where change.states == states { return }
    }

    @Test func `a connector that hangs keeps no other waiting, and a drain ends it`() async throws {
        let (supervisor, changes) = supervisor()
        await supervisor.start([try connector("stuck"), try connector("good")], disabled: ["bad": "f:1:1: no"])
        await wait(changes, until: ["stuck": .syncing, "good": .idle, "bad": .disabled("f:1:1: no")])
        #expect(scratch.read("good/s/00000001.jsonl")?.contains("\"id\":1") == true)
        let summary = await supervisor.summary
        #expect(summary.sentence == "3 connectors: 1 syncing, 1 idle, 1 disabled (bad)")
        await supervisor.drain()
        await supervisor.drain()
        #expect(await supervisor.summary.states["stuck"] == .stopped)
        #expect(events.all.contains { if case .runInterrupted = $0 { true } else { false } })
    }

    @Test func `a reload changes what changed and leaves the rest alone`() async throws {
        let (supervisor, changes) = supervisor()
        await supervisor.start([try connector("stuck"), try connector("stuck2"), try connector("good")], disabled: [:])
        await wait(changes, until: ["stuck": .syncing, "stuck2": .syncing, "good": .idle])
        let counts = await supervisor.reload(
            [try connector("stuck"), try connector("good", every: .seconds(60)), try connector("new")],
            disabled: [:]
        )
        #expect(counts == (added: 1, changed: 1, removed: 1))
        await wait(changes, until: ["stuck": .syncing, "good": .idle, "new": .idle])
        let runs = events.all.count { event in
            if case .runStarted(let stream, _) = event { stream.connector == "good" } else { false }
        }
        #expect(runs == 2)
        await supervisor.drain()
    }

    @Test func `a drain with nothing under way returns`() async {
        let (supervisor, _) = supervisor()
        await supervisor.start([], disabled: [:])
        await supervisor.drain()
        #expect(await supervisor.summary.sentence == "0 connectors: ")
    }
}
