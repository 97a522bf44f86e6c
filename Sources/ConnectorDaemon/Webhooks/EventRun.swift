import ConnectorCore

/// Does what an `EventMachine` decides, for one run over the events that wait for one stream.
struct EventRun: Sendable {
    /// Events on their way to AITBC at a time; those of one object go one after the other.
    private static let lanes: UInt64 = 8

    /// What a run works with.
    struct Dependencies: Sendable {
        var store: any CheckpointStore
        var inbox: any EventInbox
        var deadLetters: any DeadLetterStore
        var sink: any Sink
        var forwarder: (any EventForwarder)?
        var clocks: any Clocks
        var events: any EventSink
        var isStopped: @Sendable () -> Bool
        /// Told once they are durable.
        var onEarlySyncs: @Sendable ([StreamID]) -> Void
    }

    let stream: StreamID
    let runID: String
    let dependencies: Dependencies
    private var machine: EventMachine
    private var ledger: (any StreamLedger)?
    private var writer: (any SinkWriter)?

    init(stream: StreamID, runID: String, rules: EventRules, dependencies: Dependencies) {
        self.stream = stream
        self.runID = runID
        self.dependencies = dependencies
        machine = EventMachine(stream, rules: rules, runID: runID, now: dependencies.clocks.now)
    }

    mutating func run() async -> SyncOutcome {
        var actions: [EventAction]
        var outcome: SyncOutcome?
        do throws(SyncFailure) {
            // Before anything is read: who works off the same events after this writes, and this one does not.
            _ = try await openLedger()
            actions = machine.start()
        } catch {
            actions = machine.failed(error, now: dependencies.clocks.now)
        }
        while outcome == nil, !actions.isEmpty {
            var next: [EventAction] = []
            for action in actions {
                if case .finish(let reached) = action { outcome = reached }
                if dependencies.isStopped() { machine.stop() }
                next = await perform(action)
            }
            actions = next
        }
        await writer?.close()
        return outcome ?? .interrupted(machine.run)
    }

    private mutating func perform(_ action: EventAction) async -> [EventAction] {
        do throws(SyncFailure) {
            return try await answer(action)
        } catch {
            return machine.failed(error, now: dependencies.clocks.now)
        }
    }

    /// What the machine says to what came of an action; nothing for those that it only tells.
    private mutating func answer(_ action: EventAction) async throws(SyncFailure) -> [EventAction] {
        switch action {
        case .load(let limit, let bytes):
            let found = try await waiting(limit: limit, bytes: bytes)
            return machine.loaded(found, now: dependencies.clocks.now)
        case .lookUp(let keys, let target):
            return try await lookUp(keys, target)
        case .bury(let letters):
            try await bury(letters)
            return machine.buried(now: dependencies.clocks.now)
        case .write(let changes, let target):
            return machine.written(bytes: try await write(changes, to: target))
        case .forward(let events):
            return machine.forwarded(await forward(events), now: dependencies.clocks.now)
        case .flush:
            return machine.flushed(try await flush())
        case .commit(let checkpoint):
            try await commit(checkpoint)
            try await acknowledge(checkpoint)
            return machine.committed(now: dependencies.clocks.now)
        case .announce(let streams):
            dependencies.onEarlySyncs(streams)
            return []
        case .finish:
            return []
        }
    }

    // MARK: State

    private mutating func openLedger() async throws(SyncFailure) -> any StreamLedger {
        if let ledger { return ledger }
        let streams = [stream] + (stream.eventTarget.map { [$0] } ?? [])
        let sinks = Dictionary(uniqueKeysWithValues: streams.map { ($0, dependencies.sink) })
        let opened = try await dependencies.store.openLedger(of: stream, sinks, runID: runID)
        ledger = opened
        return opened
    }

    private func waiting(limit: Int, bytes: Int) async throws(SyncFailure) -> [WaitingEvent] {
        do throws(StateError) {
            return try await dependencies.inbox.waiting(in: stream, limit: limit, bytes: bytes)
        } catch {
            throw SyncFailure(error)
        }
    }

    private mutating func lookUp(_ keys: [Hash128], _ target: StreamID) async throws(SyncFailure) -> [EventAction] {
        let ledger = try await openLedger()
        do throws(StateError) {
            let known = try await ledger.delivered(of: target, keys: keys)
            let versions = try await dependencies.inbox.eventVersions(of: target, keys: keys)
            let generation = try await ledger.state(of: target)?.generation ?? 0
            return machine.lookedUp(known, versions, generation: generation)
        } catch {
            throw SyncFailure(error)
        }
    }

    private func bury(_ letters: [DeadLetter]) async throws(SyncFailure) {
        do throws(StateError) {
            try await dependencies.deadLetters.add(letters, limit: DeadLetterLimit.perStream)
        } catch {
            throw SyncFailure(error)
        }
        for letter in letters {
            dependencies.events.record(.deadLettered(stream, key: letter.key, reason: letter.reason))
        }
    }

    private mutating func commit(_ checkpoint: Checkpoint) async throws(SyncFailure) {
        try await openLedger().outcome(of: checkpoint).get()
    }

    // MARK: Delivering

    private mutating func write(_ changes: [EventChange], to target: StreamID) async throws(SyncFailure) -> Int64 {
        let time = Array(dependencies.clocks.now.iso8601(fractionDigits: 3).utf8)
        var lines: [UInt8] = []
        lines.reserveCapacity(changes.reduce(0) { $0 + $1.object.count + 256 })
        for change in changes { change.append(to: &lines, time: time) }
        let opened: any SinkWriter
        if let writer {
            opened = writer
        } else {
            opened = try await dependencies.sink.open(target, with: openLedger(), dependencies.events)
            writer = opened
        }
        do throws(SinkError) {
            try await opened.write(lines)
        } catch {
            throw SyncFailure(error)
        }
        return Int64(lines.count)
    }

    /// What the state has, the sink hears of.
    private func acknowledge(_ checkpoint: Checkpoint) async throws(SyncFailure) {
        do throws(SinkError) {
            for position in checkpoint.sinkPositions.values { try await writer?.acknowledged(position) }
        } catch {
            throw SyncFailure(error)
        }
    }

    private func flush() async throws(SyncFailure) -> SinkPosition? {
        do throws(SinkError) {
            return try await writer?.flush()
        } catch {
            throw SyncFailure(error)
        }
    }

    /// Sent again after a crash: with the same key, so that the other side does not do it twice.
    private func forward(_ events: [EventForward]) async -> [ForwardedOutcome] {
        guard let forwarder = dependencies.forwarder else { return [] }
        let forwarded = events.map { ForwardedEvent($0.event, of: stream.connector, change: $0.change) }
        let lanes = Dictionary(grouping: forwarded) { $0.lane.low % Self.lanes }
        return await withTaskGroup(of: [ForwardedOutcome].self) { group in
            for lane in lanes.values {
                group.addTask { await Self.forward(lane, with: forwarder) }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Up to the first that fails: those behind it must not pass it.
    private static func forward(
        _ events: [ForwardedEvent],
        with forwarder: any EventForwarder
    ) async -> [ForwardedOutcome] {
        var outcomes: [ForwardedOutcome] = []
        for event in events {
            let result = ForwardedOutcome.Result(await forwarder.forward(event))
            outcomes.append(ForwardedOutcome(event.event, result))
            if case .failed = result { break }
        }
        return outcomes
    }
}

extension ForwardedOutcome.Result {
    fileprivate init(_ outcome: BatchOutcome) {
        switch outcome {
        case .accepted: self = .accepted
        case .refused(let refusal): self = .refused(reason: refusal.reason, code: refusal.code)
        case .failed(let error): self = .failed(SyncFailure(error))
        }
    }
}
