package import AITBCConnectors
package import ConnectorCore
import SerialQueue
import Synchronization

/// One connector's runs, on a serial queue of its own: no other connector's work waits for this one's.
package actor ConnectorRunner {
    package nonisolated let connector: ConnectorDefinition
    private let session: APISession
    private let services: Services
    private let executor: any SerialExecutor
    private var stoppers: [StreamID: @Sendable () -> Void] = [:]
    private var stopRequested: Set<StreamID> = []

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// `executor` takes the place of the queue in simulations.
    package init(
        _ connector: ConnectorDefinition,
        gate: AccountGate,
        services: Services,
        executor: (any SerialExecutor)? = nil
    ) {
        self.connector = connector
        self.services = services
        self.executor = executor ?? SerialQueueExecutor(label: "connector.\(connector.name)")
        let (name, events) = (connector.name, services.events)
        session = APISession(
            connector,
            gate: gate,
            transport: services.transport,
            clocks: services.clocks,
            tokenStore: services.tokenStore,
            memory: services.memory
        ) { pause in
            events.record(.quotaPause(connector: name, delay: pause))
        }
    }

    /// The server is asked again, however often it failed before.
    nonisolated func forgetTrouble() { session.gate.forgetTrouble() }

    /// One run of one stream, from its checkpoint to its end.
    package func sync(
        _ stream: StreamDefinition,
        options: SyncOptions = SyncOptions(),
        onProgress: @escaping @Sendable (RunRecord) -> Void = { _ in }
    ) async -> SyncOutcome {
        let runID = RunID.make(at: services.clocks.now)
        services.events.record(.runStarted(stream.id, run: runID))
        let outcome = await outcome(stream, options, runID, onProgress)
        // What the source was at fault for is in the run's own last checkpoint.
        if case .failed(let run, let failure) = outcome, failure.isLocal { await note(run, of: stream.id) }
        stoppers[stream.id] = nil
        stopRequested.remove(stream.id)
        await report(outcome, of: stream.id, cursor: stream.cursor)
        return outcome
    }

    private func outcome(
        _ stream: StreamDefinition,
        _ options: SyncOptions,
        _ runID: String,
        _ onProgress: @escaping @Sendable (RunRecord) -> Void
    ) async -> SyncOutcome {
        let dependencies = SyncDependencies(
            session: session,
            store: services.store,
            sinks: sinks(of: stream),
            clocks: services.clocks,
            events: services.events,
            limits: services.limits
        )
        do throws(SyncFailure) {
            let run = try await SyncRun.prepare(
                stream,
                options: options,
                runID: runID,
                dependencies: dependencies,
                onProgress: onProgress
            )
            stoppers[stream.id] = run.stopper
            if stopRequested.contains(stream.id) { run.stopper() }
            return await run.run()
        } catch {
            var record = RunRecord(id: runID, started: services.clocks.now, outcome: .failed, error: error.description)
            record.ended = services.clocks.now
            return .failed(record, error)
        }
    }

    /// A feed brings other streams' records, which go where those of their own lists go.
    private func sinks(of stream: StreamDefinition) -> [StreamID: any Sink] {
        let pairs = stream.writes.map { target in
            let name = target == stream.id ? stream.sink : connector.sink(of: target)
            return (target, services.sinks[name] ?? services.defaultSink)
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    /// Works off the events that wait there. `onEarlySyncs` hears which streams they want synced.
    package func workOff(
        _ stream: StreamID,
        onEarlySyncs: @escaping @Sendable ([StreamID]) -> Void
    ) async -> SyncOutcome {
        let runID = RunID.make(at: services.clocks.now)
        let flag = StopFlag()
        stoppers[stream] = flag.stop
        if stopRequested.contains(stream) { flag.stop() }
        defer {
            stoppers[stream] = nil
            stopRequested.remove(stream)
        }
        guard let reader = EventReader(connector), let inbox = services.inbox, let letters = services.deadLetters else {
            return .succeeded(RunRecord(id: runID, started: services.clocks.now, outcome: .succeeded))
        }
        services.events.record(.runStarted(stream, run: runID))
        let target = stream.eventTarget.flatMap { target in connector.streams.first { $0.id == target } }
        let sink = stream.eventTarget.map(connector.sink) ?? connector.sink
        let forwarder = services.forwarders[sink]
        let arbiter = target.map { connector.arbiter(of: $0) }
        var run = EventRun(
            stream: stream,
            runID: runID,
            rules: EventRules(reader: reader, arbiter: arbiter, forwards: forwarder != nil),
            dependencies: .init(
                store: services.store,
                inbox: inbox,
                deadLetters: letters,
                sink: services.sinks[sink] ?? services.defaultSink,
                forwarder: forwarder,
                clocks: services.clocks,
                events: services.events,
                isStopped: flag.isStopped,
                onEarlySyncs: onEarlySyncs
            )
        )
        let outcome = await run.run()
        if case .failed(let run, _) = outcome { await note(run, of: stream) }
        await report(outcome, of: stream, cursor: nil)
        return outcome
    }

    /// For `status`, also after a restart.
    private func note(_ run: RunRecord, of stream: StreamID) async {
        do throws(StateError) {
            try await services.store.note(run, of: stream)
        } catch {
            // Where the state is what failed, the run's own line says so.
        }
    }

    /// Asks a run to end at the next page; what is written becomes durable.
    package func stop(_ stream: StreamID) {
        stopRequested.insert(stream)
        stoppers[stream]?()
    }

    private func report(_ outcome: SyncOutcome, of stream: StreamID, cursor: CursorRule?) async {
        switch outcome {
        case .succeeded(let run):
            let reached = await shown(cursor, of: stream)
            services.events.record(.runSucceeded(stream, run, cursor: reached))
        case .interrupted(let run): services.events.record(.runInterrupted(stream, run))
        case .failed(let run, let failure):
            if failure.kind.needsPerson, !failure.isLocal {
                services.events.record(.connectorBlocked(stream, failure))
            } else {
                services.events.record(.runFailed(stream, run, failure))
            }
        }
    }

    /// Where the next run goes on.
    private func shown(_ rule: CursorRule?, of stream: StreamID) async -> String? {
        guard let rule else { return nil }
        do throws(StateError) {
            return try await services.store.state(of: stream)?.cursor.map(rule.format.shown)
        } catch {
            services.events.record(.stateFailed(error))
            return nil
        }
    }

    /// Proves address and credentials with the definition's cheap request, or the first page of the first list.
    /// Returns what was asked, and what its answer hints at; nil where there is nothing to ask.
    @discardableResult
    package func check() async throws(SyncFailure) -> (asked: String, hints: [String])? {
        let cheap = connector.checkPath.map { path in
            StreamDefinition(id: StreamID(connector: connector.name, stream: "check"), path: path)
        }
        guard let stream = cheap ?? connector.streams.first else { return nil }
        let request = RequestBuilder(connector, stream).request(for: PageRequest(position: .first))
        let response = try await session.send(request)
        let asked = "\(request.method) \(request.url.prefix { $0 != "?" })"
        guard cheap == nil, let url = URLReference(response.url ?? request.url) else { return (asked, []) }
        do throws(JSONError) {
            let hints = PagingHints.of(try JSONValue(parsingAnswer: response.body), stream, from: url)
            return (asked, hints.map { "stream \(stream.id.stream): its first page has \($0)" })
        } catch {
            // Whether it can be read is for a sync to say; address and credential are proven.
            return (asked, ["stream \(stream.id.stream): its first page is \(error)"])
        }
    }
}

extension ConnectorDefinition {
    /// The name of the sink that a stream's records go to, whoever brings them; streams that no list fills have the
    /// connector's.
    fileprivate func sink(of target: StreamID) -> String {
        streams.first { $0.id == target }?.sink ?? sink
    }

    /// Which stream says how an object is now. A feed says what happened last, however old the object is; a list that is
    /// asked by when objects were created shows the young ones only.
    fileprivate func arbiter(of target: StreamDefinition) -> StreamID {
        streams.first { $0.feed != nil && $0.targets.contains(target.id) }?.id ?? target.id
    }
}

/// What every runner shares.
package struct Services: Sendable {
    package var transport: any HTTPTransport
    package var store: any CheckpointStore
    package var sinks: [String: any Sink]
    package var defaultSink: any Sink
    package var clocks: any Clocks
    package var events: any EventSink
    /// Where exchanged refresh tokens are kept.
    package var tokenStore: any TokenStore
    package var limits: SyncLimits
    /// What pages are held in; nil where nobody counts.
    package var memory: PageMemory?
    /// Where webhook events wait; nil where nothing takes them.
    package var inbox: (any EventInbox)?
    package var deadLetters: (any DeadLetterStore)?
    /// Sinks that get events besides the records, by name.
    package var forwarders: [String: any EventForwarder] = [:]

    package init(
        transport: any HTTPTransport,
        store: any CheckpointStore,
        sinks: [String: any Sink],
        defaultSink: any Sink,
        clocks: any Clocks,
        events: any EventSink,
        tokenStore: any TokenStore = MemoryTokenStore(),
        limits: SyncLimits = SyncLimits()
    ) {
        self.tokenStore = tokenStore
        self.transport = transport
        self.store = store
        self.sinks = sinks
        self.defaultSink = defaultSink
        self.clocks = clocks
        self.events = events
        self.limits = limits
    }

    /// The program ends: no sink waits for better times any more.
    package func retireSinks() {
        for sink in sinks.values { sink.retire() }
        defaultSink.retire()
    }
}

/// A run's request to end, for where no mailbox is.
private final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    var stop: @Sendable () -> Void {
        { self.flag.store(true, ordering: .relaxed) }
    }

    var isStopped: @Sendable () -> Bool {
        { self.flag.load(ordering: .relaxed) }
    }
}

/// Names of runs: the time, for people, and enough randomness to be unique.
enum RunID {
    static func make(at now: Instant) -> String {
        let digits = now.iso8601(fractionDigits: 0).filter { $0.isNumber }
        let random = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        return "\(digits)-\(random)"
    }
}
