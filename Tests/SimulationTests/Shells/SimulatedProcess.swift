import AITBCConnectors
import ConnectorCore
import ConnectorDaemon

/// One process: a connector's runner over the world's store, sink and source. Once it is killed, nothing of it reaches
/// them any more.
///
/// `@unchecked Sendable`: confined to the thread of the world's loop.
final class SimulatedProcess: @unchecked Sendable {
    let world: ShellWorld
    private(set) var isDead = false
    private(set) var runner: ConnectorRunner?
    private(set) var lastAnswer: SimulatedAPI.Answer?
    private var blipsLeft = 0
    /// Records of the list that are served in this run; nil for all.
    private var shown: Int?
    /// Commits under way.
    var uncommitted: [(Checkpoint, any StreamLedger)] = []

    init(_ world: ShellWorld) {
        self.world = world
        let scenario = world.scenario
        let clocks = VirtualClocks(loop: world.loop, skew: scenario.skew)
        var connector = ConnectorDefinition(
            name: ShellScenario.stream.connector,
            baseURL: ShellScenario.base,
            errors: ErrorRule(message: [["message"]], code: [["code"]], positionLost: ["position_lost"]),
            streams: scenario.definitions
        )
        connector.rateLimit = scenario.rateLimit
        let gate = AccountGate(
            rate: scenario.rateLimit,
            burst: nil,
            clocks: clocks,
            generator: SeededGenerator(seed: scenario.seed)
        )
        var services = Services(
            transport: ProcessTransport(process: self),
            store: ProcessStore(process: self, store: world.store),
            sinks: [:],
            defaultSink: ProcessSink(process: self),
            clocks: clocks,
            events: TracedEvents(trace: world.trace),
            limits: scenario.limits
        )
        // Room for no page beside another: who waits where it should not would wait for ever. In every second world
        // room for all: pages come while others are written.
        services.memory = PageMemory(limit: scenario.seed.isMultiple(of: 2) ? 1 : .max)
        runner = ConnectorRunner(connector, gate: gate, services: services, executor: VirtualQueue(world.loop))
    }

    /// The runner holds the process.
    func end() { runner = nil }

    /// One run from its beginning to its end; nil where the process was killed meanwhile.
    func sync(_ stream: StreamDefinition) -> SyncOutcome? {
        guard let runner else { return nil }
        let result = RunResult()
        // A bad moment passes between two runs.
        blipsLeft = 0
        shown = nil
        // An old answer is one of the same list.
        lastAnswer = nil
        // What was read before may look deleted.
        if world.scenario.manners.hidesRest, world.isRestless, !world.hadOutage,
            world.chance.percent(world.evidence.isEmpty ? 15 : 60)
        {
            // A list that ends where it ended before shows nothing of what came since.
            let most = world.chance.number(1...3) * world.scenario.manners.pageSize
            if most < world.recordsBefore ?? .max {
                shown = most
                world.hadOutage = true
                world.trace.note("  outage: no more than \(most) records")
            }
        }
        defer { world.recordsBefore = world.source.records.count }
        world.loop.onStep = { [self] in step(runner, stream.id) }
        defer { world.loop.onStep = {} }
        switch world.loop.run({ result.outcome = await runner.sync(stream) }) {
        case .done: break
        case .stuck: world.problem("the run waits for nothing")
        case .endless: world.problem("the run does not end")
        }
        return isDead ? nil : result.outcome
    }

    private final class RunResult: @unchecked Sendable {
        // `@unchecked Sendable`: as its owner.
        var outcome: SyncOutcome?
    }

    private func step(_ runner: ConnectorRunner, _ stream: StreamID) {
        guard !isDead else { return }
        if world.happensNow(world.scenario.faults.crash) {
            world.trace.note("  killed")
            isDead = true
            // A commit under way may have reached the disk.
            if world.chance.percent(50) { uncommitted = [] }
            Task { await runner.stop(stream) }
        } else if world.happensNow(world.scenario.faults.stop) {
            world.trace.note("  stop")
            Task { await runner.stop(stream) }
        }
    }

    // MARK: The source

    fileprivate func answer(_ request: TransportRequest) throws(TransportError) -> TransportResponse {
        let (scenario, trace) = (world.scenario, world.trace)
        if world.chance.permille(scenario.faults.change), world.mayDisturb() { world.change() }
        if world.happens(scenario.faults.failedAnswer) {
            trace.note("  fault for \(request.url)")
            guard world.chance.percent(60) else {
                throw TransportError(.connectionLost, "connection lost", mayHaveBeenSent: true)
            }
            // A server that says for how long it is away.
            let headers: TransportHeaders = world.chance.percent(10) ? ["Retry-After": "900"] : [:]
            return TransportResponse(status: world.chance.pick([500, 503]), headers: headers)
        }
        if world.happens(scenario.faults.throttled) {
            let seconds = world.chance.pick([1, 30, 900])
            trace.note("  throttled for \(seconds) s: \(request.url)")
            return TransportResponse(status: 429, headers: ["Retry-After": String(seconds)])
        }
        let asked = SimulatedAPI.Request(request.url)
        let api = scenario.api(asked)
        var answer = api.answer(asked, world.source, showing: shown, &world.chance)
        disturb(&answer, to: request.url)
        if !asked.isFirst {
            if world.happens(scenario.faults.lostPosition) { answer = .lostPosition }
            if let lastAnswer, world.happens(scenario.faults.repeatedPage) { answer = lastAnswer }
        }
        if world.happens(scenario.faults.shuffledPage) { answer.entries = world.chance.shuffled(answer.entries) }
        lastAnswer = answer
        let response = api.response(answer, to: asked, now: Instant(nanoseconds: world.loop.time))
        trace.note("  \(request.url)\n    \(response.status) \(String(decoding: response.body, as: UTF8.self))")
        return response
    }

    /// A server's bad moment.
    private func disturb(_ answer: inout SimulatedAPI.Answer, to url: String) {
        guard let blip = world.scenario.manners.blip, world.isRestless else { return }
        let length = world.scenario.manners.blipLength
        // What two readings find missing at one place, whenever they come there, is gone.
        let isEnough = length > 1 && world.placesOfBlips.contains(url)
        if blipsLeft == 0, !world.hadOutage, !isEnough, world.chance.percent(15), world.mayDisturb() {
            blipsLeft = length
            world.placesOfBlips.insert(url)
            // What two runs find missing is gone.
            world.hadOutage = blipsLeft >= Manners.outage
        }
        guard blipsLeft > 0 else { return }
        blipsLeft -= 1
        switch blip {
        case .empty:
            answer.entries = []
            answer.hasMore = false
            answer.next = nil
        case .notFound:
            answer.status = 404
            answer.body = "{\"message\":\"not found\"}"
        case .repeated:
            answer = lastAnswer ?? answer
        }
    }
}

/// The process's way to the source. Answers take their time.
private struct ProcessTransport: HTTPTransport {
    let process: SimulatedProcess

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let world = process.world
        do {
            try await world.loop.sleep(.milliseconds(world.chance.number(1...1_500)))
            guard !process.isDead else { throw CancellationError() }
            let answer = Result { () throws(TransportError) in try process.answer(request) }
            try await world.loop.sleep(.milliseconds(world.chance.number(1...1_500)))
            guard !process.isDead else { throw CancellationError() }
            return try answer.get()
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(.cancelled, "cancelled", mayHaveBeenSent: true)
        }
    }
}

/// The process's way to the sink.
private struct ProcessSink: Sink {
    let process: SimulatedProcess

    var identity: SinkIdentity { SinkIdentity("memory") }

    func open(_ stream: StreamID, at position: SinkPosition?) async throws(SinkError) -> any SinkWriter {
        try process.checkSink()
        process.world.opened(stream, at: position)
        return Writer(process: process, stream: stream)
    }

    private struct Writer: SinkWriter {
        let process: SimulatedProcess
        let stream: StreamID

        func write(_ lines: [UInt8]) async throws(SinkError) {
            try process.checkSink()
            guard process.world.sink.append(lines, to: stream) else {
                return process.world.problem("a line is none: \(String(decoding: lines, as: UTF8.self))")
            }
            process.world.wrote(lines.count { $0 == UInt8(ascii: "\n") })
        }

        var position: SinkPosition? {
            get async { process.world.sink.position(of: stream) }
        }

        func flush() async throws(SinkError) -> SinkPosition? {
            try process.checkSink()
            let reached = process.world.sink.position(of: stream)
            try? await process.world.loop.sleep(.milliseconds(process.world.chance.number(0...2_000)))
            try process.checkSink()
            return reached
        }

        func close() async {}
    }
}

extension SimulatedProcess {
    fileprivate func checkSink() throws(SinkError) {
        if isDead { throw SinkError("killed", hint: "") }
        guard world.happens(world.scenario.faults.localFailure) else { return }
        world.trace.note("  the sink fails")
        throw SinkError("the disk is full", hint: "make room")
    }
}

/// Lines of the log, for the trace.
private struct TracedEvents: EventSink {
    let trace: Trace

    func record(_ event: Event) { trace.note("  log: \(event.entry.message)") }
}
