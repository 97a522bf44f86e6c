import ConnectorCore
import ConnectorDaemon
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SupervisorTests {
    private let scratch = Scratch()
    private let events = EventList()

    private func connector(
        _ name: String,
        _ streams: [String] = ["s"],
        every: Duration = .seconds(3600)
    ) throws -> ConnectorDefinition {
        let url = try #require(URLReference("https://\(name).example"))
        let streams = streams.map { stream in
            StreamDefinition(
                id: StreamID(connector: name, stream: stream),
                path: Template(literal: "/\(stream)"),
                schedule: .every(every, jitter: .zero)
            )
        }
        return ConnectorDefinition(name: name, baseURL: url, streams: streams)
    }

    /// Connectors named `stuck…` are never answered; the others have one record.
    private func supervisor(
        refusing refused: @escaping @Sendable (_ url: String) -> Int? = { _ in nil }
    ) -> (Supervisor, AsyncStream<Supervisor.Summary>) {
        let transport = FakeTransport { request, _ in
            if request.url.hasPrefix("https://stuck") { return await FakeTransport.hang() }
            if let status = refused(request.url) { return .success(.json("{}", status: status)) }
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

    private func wait(
        _ changes: AsyncStream<Supervisor.Summary>,
        until holds: (Supervisor.Summary) -> Bool
    ) async {
        for await change in changes where holds(change) { return }
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

    /// Turned off by a test.
    private final class Refusal: Sendable {
        private let status: Mutex<Int?>

        init(_ status: Int) { self.status = Mutex(status) }

        func of(_ url: String) -> Int? { url.hasSuffix("/refused") ? status.withLock { $0 } : nil }
        func end() { status.withLock { $0 = nil } }
    }

    @Test(arguments: [403, 404])
    func `a stream that is refused leaves its sister alone, and a reload has it tried again`(
        status: Int
    ) async throws {
        let refusal = Refusal(status)
        let (supervisor, changes) = supervisor { refusal.of($0) }
        let shop = try connector("shop", ["s", "refused"])
        let refused = StreamID(connector: "shop", stream: "refused")
        await supervisor.start([shop], disabled: [:])
        await wait(changes) { $0 == .init(states: ["shop": .idle], blockedStreams: [refused]) }
        #expect(scratch.read("shop/s/00000001.jsonl")?.contains("\"id\":1") == true)
        #expect(await supervisor.summary.sentence == "1 connector: 1 idle; 1 stream blocked (shop/refused)")
        // Mended at the source: the file did not change.
        refusal.end()
        let counts = await supervisor.reload([shop], disabled: [:])
        #expect(counts == (added: 0, changed: 0, removed: 0))
        // It is idle before it runs, too.
        await wait(changes) {
            $0 == .init(states: ["shop": .idle]) && scratch.read("shop/refused/00000001.jsonl") != nil
        }
        #expect(scratch.read("shop/refused/00000001.jsonl")?.contains("\"id\":1") == true)
        await supervisor.drain()
    }

    @Test func `a refused credential blocks the connector, and a reload has it tried again`() async throws {
        let refusal = Refusal(401)
        let (supervisor, changes) = supervisor { refusal.of($0) }
        let shop = try connector("shop", ["refused"])
        await supervisor.start([shop], disabled: [:])
        await wait(changes) { $0.states["shop"]?.name == "blocked" }
        refusal.end()
        _ = await supervisor.reload([shop], disabled: [:])
        await wait(changes, until: ["shop": .idle])
        await supervisor.drain()
    }

    @Test func `a drain with nothing under way returns`() async {
        let (supervisor, _) = supervisor()
        await supervisor.start([], disabled: [:])
        await supervisor.drain()
        #expect(await supervisor.summary.sentence == "0 connectors: ")
    }
}
