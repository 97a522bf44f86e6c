import AITBCConnectors
import ConnectorCore
import ConnectorDaemon
import Testing

/// A connector with two streams, `progress_timeout` a minute, on virtual time.
///
/// `@unchecked Sendable`: confined to the thread of its loop.
private final class WaitingStage: @unchecked Sendable {
    typealias Answer = (_ path: String, _ number: Int, _ loop: VirtualLoop) async throws -> TransportResponse

    let loop = VirtualLoop(seed: 7, time: ShellWorld.beginning)
    let runner: ConnectorRunner
    let streams: [StreamDefinition]
    private(set) var outcomes: [String: SyncOutcome] = [:]

    init(sink: (VirtualLoop) -> any Sink = { _ in LazySink() }, _ answer: @escaping Answer) {
        streams = ["one", "two"].map { name in
            var stream = StreamDefinition(
                id: StreamID(connector: "shop", stream: name),
                path: Template(literal: "/\(name)"),
                records: ["data"]
            )
            stream.paging = PagingRule(style: .page, parameter: "page", more: ["more"])
            return stream
        }
        let clocks = VirtualClocks(loop: loop, skew: 0)
        let connector = ConnectorDefinition(
            name: "shop",
            baseURL: ShellScenario.base,
            streams: streams,
            progressTimeout: .seconds(60)
        )
        let services = Services(
            transport: StageTransport(loop: loop, answer: answer),
            store: InMemoryStore(),
            sinks: [:],
            defaultSink: sink(loop),
            clocks: clocks,
            events: Silence()
        )
        runner = ConnectorRunner(
            connector,
            gate: AccountGate(rate: nil, burst: nil, clocks: clocks, generator: SeededGenerator(seed: 1)),
            services: services,
            executor: VirtualQueue(loop)
        )
    }

    /// Runs some of the streams beside each other.
    func sync(_ names: [String]) {
        let end = loop.run { [self] in
            await withTaskGroup(of: (String, SyncOutcome).self) { group in
                for stream in streams where names.contains(stream.id.stream) {
                    group.addTask { [runner] in (stream.id.stream, await runner.sync(stream)) }
                }
                for await (name, outcome) in group { outcomes[name] = outcome }
            }
        }
        #expect(end == .done)
    }

    func hasSucceeded(_ name: String) -> Bool { if case .succeeded? = outcomes[name] { true } else { false } }

    func failure(_ name: String) -> String? {
        if case .failed(_, let failure)? = outcomes[name] { failure.message } else { nil }
    }

    /// Seconds of virtual time.
    var elapsed: Int64 { (loop.time - ShellWorld.beginning) / SourceTraits.second }
}

/// `@unchecked Sendable`: as the stage.
private final class StageTransport: HTTPTransport, @unchecked Sendable {
    private let loop: VirtualLoop
    private let answer: WaitingStage.Answer
    private var asked: [String: Int] = [:]

    init(loop: VirtualLoop, answer: @escaping WaitingStage.Answer) {
        self.loop = loop
        self.answer = answer
    }

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let path = String(request.url.dropFirst(ShellScenario.base.origin.count))
        asked[path, default: 0] += 1
        do {
            return try await answer(path, asked[path] ?? 1, loop)
        } catch {
            throw TransportError(.cancelled, "cancelled", mayHaveBeenSent: true)
        }
    }
}

/// Takes everything; a flush takes as long as it is told.
private struct LazySink: Sink {
    var loop: VirtualLoop?
    var flush: Duration = .zero
    /// Says that the other side asked for that.
    var isHeld = false

    var identity: SinkIdentity { SinkIdentity("lazy") }

    var heldUntil: MonotonicInstant? {
        isHeld ? loop.map { MonotonicInstant(nanoseconds: $0.time) } : nil
    }

    func open(_ stream: StreamID, at position: SinkPosition?) async throws(SinkError) -> any SinkWriter {
        Writer(sink: self)
    }

    private struct Writer: SinkWriter {
        let sink: LazySink

        func write(_ lines: [UInt8]) async throws(SinkError) {}

        func flush() async throws(SinkError) -> SinkPosition? {
            try? await sink.loop?.sleep(sink.flush)
            return nil
        }

        func close() async {}
    }
}

private struct Silence: EventSink {
    func record(_ event: Event) {}
}

private func page(_ id: Int, more: Bool) -> TransportResponse {
    TransportResponse(status: 200, body: Array("{\"more\":\(more),\"data\":[{\"id\":\(id)}]}".utf8))
}

private func held(_ seconds: Int) -> TransportResponse {
    TransportResponse(status: 429, headers: ["Retry-After": String(seconds)])
}

@Suite struct WaitTests {
    @Test func `a pause that the server asks for is no stall, although a flush ends meanwhile`() {
        // The flush of the first page ends in the middle of the pause.
        let stage = WaitingStage(sink: { LazySink(loop: $0, flush: .seconds(10)) }) { path, number, _ in
            if path.hasSuffix("page=2"), number == 1 { return held(900) }
            return path.hasSuffix("page=2") ? page(2, more: false) : page(1, more: true)
        }
        stage.sync(["one"])
        #expect(stage.hasSucceeded("one"), "\(stage.failure("one") ?? "")")
        #expect(stage.elapsed >= 900)
    }

    @Test func `a pause that another stream of the account was asked for is no stall`() {
        let stage = WaitingStage { path, number, _ in
            if path.hasPrefix("/one"), number == 1 { return held(900) }
            return page(1, more: false)
        }
        stage.sync(["one", "two"])
        #expect(stage.hasSucceeded("one"), "\(stage.failure("one") ?? "")")
        #expect(stage.hasSucceeded("two"), "\(stage.failure("two") ?? "")")
    }

    @Test func `what comes right behind a pause has its whole patience`() {
        // The pause and the slow answer behind it are together longer than any patience.
        let stage = WaitingStage { path, number, loop in
            if number == 1 { return held(100) }
            if path.hasPrefix("/one") { try await loop.sleep(.seconds(50)) }
            return page(1, more: false)
        }
        stage.sync(["one"])
        #expect(stage.hasSucceeded("one"), "\(stage.failure("one") ?? "")")
    }

    @Test(arguments: [true, false])
    func `a sink that is made to wait is no stall, one that is stuck is`(isHeld: Bool) {
        let stage = WaitingStage(sink: { LazySink(loop: $0, flush: .seconds(900), isHeld: isHeld) }) { _, _, _ in
            page(1, more: false)
        }
        stage.sync(["one"])
        #expect(stage.hasSucceeded("one") == isHeld)
        #expect(isHeld || stage.failure("one") == "no progress for 1m")
    }

    @Test func `a server that is stuck ends the run after the timeout, not after twice as long`() {
        let stage = WaitingStage { _, _, loop in
            try await loop.sleep(.seconds(3_000))
            return page(1, more: false)
        }
        stage.sync(["one"])
        #expect(stage.failure("one") == "no progress for 1m")
        #expect(stage.elapsed == 60)
    }
}
