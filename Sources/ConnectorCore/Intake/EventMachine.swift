/// Decides one run over the events that wait for one stream: what each changes, what of it is delivered, passed on or
/// buried, and when all of it is settled.
///
/// A value without I/O: each event is a `mutating` method that returns the actions to take (see `EventAction`).
/// Invariants:
///  1. An event is settled only in the checkpoint that holds what it changed, and only after the sink has made its
///     record durable, the forwarder has taken it, or it lies among the dead letters.
///  2. Batches are settled in the order in which their events were accepted, and no batch is begun before the one
///     before it is durable: each sees what those before it changed.
///  3. A failure settles nothing: the next run begins with the same events.
package struct EventMachine: Sendable {
    /// What is under way. Each batch goes through the steps in this order; those with nothing to do are left out.
    enum Step: Sendable {
        /// Nothing yet. → loading
        case resting
        case loading
        case lookingUp
        case burying
        case writing
        case forwarding
        /// What the other side refused for good. → flushing, finished
        case buryingRefused(SyncFailure?)
        case flushing
        /// What waits behind this batch decides whether the run is over with it.
        case peeking
        /// → lookingUp with the next batch, or finished
        case committing(rest: [WaitingEvent])
        case finished
    }

    /// What one batch of events comes to.
    struct Batch: Sendable {
        var waiting: [WaitingEvent]
        var changes: [EventChange] = []
        var writes: [EventChange] = []
        var letters: [DeadLetter] = []
        var forwards: [EventForward] = []
        var syncs: Set<StreamID> = []
        var judge: EventJudge?
        var position: SinkPosition?

        var bytes: Int { waiting.reduce(0) { $0 + $1.bytes.count } }
    }

    private let stream: StreamID
    private let rules: EventRules
    private let limits: EventLimits
    package private(set) var run: RunRecord
    private var step = Step.resting
    private var batch = Batch(waiting: [])
    /// Stop taking work: what was begun is settled first.
    private var isStopping = false

    private var target: StreamID? { stream.eventTarget }

    /// `stream` names the events (see `StreamID.events(of:into:)`).
    package init(
        _ stream: StreamID,
        rules: EventRules,
        runID: String,
        limits: EventLimits = EventLimits(),
        now: Instant
    ) {
        self.stream = stream
        self.rules = rules
        self.limits = limits
        run = RunRecord(id: runID, started: now)
    }

    // MARK: Events

    package mutating func start() -> [EventAction] {
        guard case .resting = step else { return [] }
        step = .loading
        return [.load(limit: limits.events, bytes: limits.bytes)]
    }

    /// What waits: at first, or besides the batch at hand, whose events still stand in the inbox and are the oldest.
    package mutating func loaded(_ found: [WaitingEvent], now: Instant) -> [EventAction] {
        switch step {
        case .loading:
            guard !found.isEmpty, !isStopping else { return finish(found.isEmpty ? .succeeded : .interrupted, now) }
            return begin(found, now)
        case .peeking:
            let last = batch.waiting.last?.number ?? 0
            return settle(behind: found.filter { $0.number > last }, now)
        default: return []
        }
    }

    /// What the state knows of the objects; `generation` is that of the stream's full walks.
    package mutating func lookedUp(
        _ known: [Hash128: DeliveredRecord],
        _ versions: [Hash128: EventVersion],
        generation: Int64
    ) -> [EventAction] {
        guard case .lookingUp = step else { return [] }
        var judge = EventJudge(
            known: known,
            versions: versions,
            generation: generation,
            version: rules.reader.rule.version
        )
        batch.writes = batch.changes.filter { judge.judge($0) == .write }
        if judge.isUnsure, let arbiter = rules.arbiter { batch.syncs.insert(arbiter) }
        batch.judge = judge
        return bury()
    }

    package mutating func buried(now: Instant) -> [EventAction] {
        switch step {
        case .burying: return write()
        case .buryingRefused(nil): return flush()
        case .buryingRefused(let failure?): return fail(failure, now)
        default: return []
        }
    }

    /// The sink took the lines; `bytes` of them.
    package mutating func written(bytes: Int64) -> [EventAction] {
        guard case .writing = step else { return [] }
        run.bytes += bytes
        return forward()
    }

    /// What became of those that were sent; behind one that failed, others of its object were not.
    package mutating func forwarded(_ outcomes: [ForwardedOutcome], now: Instant) -> [EventAction] {
        guard case .forwarding = step else { return [] }
        var letters: [DeadLetter] = []
        var failure: SyncFailure?
        for outcome in outcomes {
            switch outcome.result {
            case .accepted: break
            case .refused(let reason, let code):
                letters.append(DeadLetter(stream, event: outcome.event, reason: reason, code: code, at: now))
            case .failed(let reason): failure = failure ?? reason
            }
        }
        step = .buryingRefused(failure)
        return letters.isEmpty ? buried(now: now) : [.bury(letters)]
    }

    package mutating func flushed(_ position: SinkPosition?) -> [EventAction] {
        guard case .flushing = step else { return [] }
        batch.position = position
        run.pages += 1
        run.records += Int64(batch.writes.count { $0.action == .upsert })
        run.deletes += Int64(batch.writes.count { $0.action == .delete })
        step = .peeking
        return [.load(limit: limits.events + batch.waiting.count, bytes: limits.bytes + batch.bytes)]
    }

    package mutating func committed(now: Instant) -> [EventAction] {
        guard case .committing(let rest) = step else { return [] }
        let announcement: [EventAction] = batch.syncs.isEmpty ? [] : [.announce(batch.syncs.sorted())]
        guard run.outcome == .running else {
            step = .finished
            return announcement + [.finish(run.outcome == .interrupted ? .interrupted(run) : .succeeded(run))]
        }
        return announcement + begin(rest, now)
    }

    /// Inbox, sink, state or forwarder failed: nothing of the batch counts.
    package mutating func failed(_ failure: SyncFailure, now: Instant) -> [EventAction] {
        if case .finished = step { return [] }
        return fail(failure, now)
    }

    /// Take no more work; the batch at hand is settled first.
    package mutating func stop() { isStopping = true }

    // MARK: A batch's way

    private mutating func begin(_ waiting: [WaitingEvent], _ now: Instant) -> [EventAction] {
        batch = Batch(waiting: waiting)
        for event in waiting { read(event, now) }
        step = .lookingUp
        guard let target, !batch.changes.isEmpty else { return bury() }
        return [.lookUp(batch.changes.map(\.key), of: target)]
    }

    private mutating func read(_ event: WaitingEvent, _ now: Instant) {
        guard !event.isDamaged else {
            if let arbiter = rules.arbiter { batch.syncs.insert(arbiter) }
            let reason = "the event is not as it was accepted, the disk changed it; let its sender send it again"
            return batch.letters.append(
                DeadLetter(stream, event: event, reason: reason, code: DeadLetter.damagedEvent, at: now)
            )
        }
        do throws(EventProblem) {
            let (change, syncs) = try rules.reader.effect(of: event)
            if let change, change.target != target {
                throw EventProblem("waited for a stream that its type \(event.type) leads to no more")
            }
            batch.syncs.formUnion(syncs)
            if let change { batch.changes.append(change) }
            if rules.forwards { batch.forwards.append(EventForward(event: event, change: change)) }
        } catch {
            let reason = "the event \(error)"
            batch.letters.append(DeadLetter(stream, event: event, reason: reason, code: "EVENT_UNREADABLE", at: now))
        }
    }

    private mutating func bury() -> [EventAction] {
        step = .burying
        return batch.letters.isEmpty ? write() : [.bury(batch.letters)]
    }

    private mutating func write() -> [EventAction] {
        step = .writing
        guard let target, !batch.writes.isEmpty else { return forward() }
        return [.write(batch.writes, to: target)]
    }

    private mutating func forward() -> [EventAction] {
        step = .forwarding
        return batch.forwards.isEmpty ? flush() : [.forward(batch.forwards)]
    }

    private mutating func flush() -> [EventAction] {
        step = .flushing
        return [.flush]
    }

    private mutating func settle(behind rest: [WaitingEvent], _ now: Instant) -> [EventAction] {
        if rest.isEmpty || isStopping {
            run.outcome = rest.isEmpty ? .succeeded : .interrupted
            run.ended = now
        }
        step = .committing(rest: rest)
        let outcome = batch.judge?.outcome
        var checkpoint = Checkpoint(stream: stream, state: StreamState(), run: run)
        checkpoint.events = EventSettlement(
            numbers: batch.waiting.map(\.number),
            bytes: Int64(batch.bytes),
            target: target,
            versions: outcome?.versions ?? [],
            versionsUntil: now + rules.reader.rule.remember,
            earlySyncs: batch.syncs.sorted(),
            at: now
        )
        checkpoint.events?.unknownIDs = batch.waiting.filter(\.isDamaged).compactMap(\.id)
        if let target {
            checkpoint.sinkPositions = batch.position.map { [target: $0] } ?? [:]
            checkpoint.remember = [target: outcome?.remember ?? []]
            checkpoint.forget = [target: outcome?.forget ?? []]
        }
        return [.commit(checkpoint)]
    }

    private mutating func finish(_ outcome: RunRecord.Outcome, _ now: Instant) -> [EventAction] {
        step = .finished
        run.outcome = outcome
        run.ended = now
        return [.finish(outcome == .interrupted ? .interrupted(run) : .succeeded(run))]
    }

    private mutating func fail(_ failure: SyncFailure, _ now: Instant) -> [EventAction] {
        step = .finished
        run.outcome = .failed
        run.ended = now
        run.error = failure.description
        return [.finish(.failed(run, failure))]
    }
}

/// By what rules a run works.
package struct EventRules: Sendable {
    package var reader: EventReader
    /// The list, or better the event feed, that can be asked where events leave a doubt of the stream.
    package var arbiter: StreamID?
    /// Events are passed on besides what they change.
    package var forwards: Bool

    package init(reader: EventReader, arbiter: StreamID? = nil, forwards: Bool = false) {
        self.reader = reader
        self.arbiter = arbiter
        self.forwards = forwards
    }
}

/// Bounds of a batch: enough that a sync of the disk is spread over many events, few enough to be held in memory.
package struct EventLimits: Sendable {
    package var events = 500
    package var bytes = 4 << 20

    package init() {}
}
