/// Decides one run of one stream: which page to ask for, what of it is new, when it is durable, when the run is over.
///
/// A value without I/O: each event is a `mutating` method that returns the actions to take (see `SyncAction`).
/// Invariants:
///  1. The cursor and the walk's position in a checkpoint never lie beyond what the sink made durable before it.
///  2. A record is skipped only if the memory holds the same key with the same content.
///  3. A run succeeds only after a walk that brought nothing new, or after `SyncLimits.passes` of them.
///  4. A record is called deleted only when two complete full walks in a row did not see it.
/// Two things go on beside each other, each in its own state: reading (`reading`) and making durable (`saving`).
/// A page is reported only after the page before it was written.
package struct SyncMachine: Sendable {
    /// Reading the source. `fetching` and `waiting` belong to the walk's position.
    enum Reading: Sendable, Equatable {
        /// → fetching
        case resting
        /// → writing, waiting, resting
        case fetching
        /// A retry is due later. → fetching
        case waiting
    }

    /// Making durable. At most one checkpoint is under way.
    enum Saving: Sendable, Equatable {
        /// → flushing, committing
        case resting
        /// → committing
        case flushing(Checkpoint)
        /// → resting
        case committing
    }

    /// What follows once nothing is being read, written or made durable.
    enum Ending: Sendable, Equatable {
        /// The last page of a walk was written. → unseen, nextWalk, over
        case walk
        /// A full walk is durable: look for what it did not see. → lookingUp
        case unseen
        /// → deletions, nextWalk, over
        case lookingUp
        /// Deletions were written. → unseen
        case deletions
        /// The walk's end is durable: begin the next one.
        case nextWalk
        /// What is written must become durable, then the run ends. → over
        case run(RunRecord.Outcome, SyncFailure?)
        /// Everything is durable.
        case over(RunRecord.Outcome, SyncFailure?)
    }

    package let plan: SyncPlan
    let options: SyncOptions
    let limits: SyncLimits
    package internal(set) var state: StreamState
    package internal(set) var run: RunRecord
    var memory: DeliveredMemory
    var walk: WalkPosition
    var guardian = CycleGuard()
    /// The page before, over all of a walk's queries.
    var lastKeys: [Hash128] = []
    var emptyPages = 0
    var reading = Reading.resting
    var saving = Saving.resting
    var ending: Ending?
    var isWriting = false
    /// The next page waits for the checkpoint under way: reading outran the disk.
    var isHeld = false
    var isFinished = false
    /// A stop came after a walk's last page: the walk is ended in order first.
    var isStopping = false
    /// Tries of the page at hand, from 1; what the retry policy asks for.
    package internal(set) var attempt = 1
    var restarts = 0
    var unsavedBytes: Int64 = 0
    var lastCheckpoint: MonotonicInstant
    /// Objects that this pass of a feed has settled, and the time of the event that did: an older one is stale.
    var settledObjects: [SettledObject: Int64] = [:]
    /// Wall clock of the last event: the cursor never goes beyond it.
    var now: Instant
    /// Records this full walk did not see, but the one before did: they need another walk.
    var hasMissing = false

    /// Highest and lowest cursor value since the walk last asked for a first page: what the declared order is held
    /// against.
    var scan = Scan()

    /// The records at the lower bound are read by position for a second time.
    var isSecondSweep = false

    struct Scan: Sendable {
        var highest: Int64?
        var lowest: Int64?
    }

    struct SettledObject: Hashable, Sendable {
        var stream: StreamID
        var key: Hash128
    }

    /// `now` is the source's own time as well as it is known. `ties` is what the store remembers where the plan's
    /// memory is `.ties`, else empty.
    package init(
        plan: SyncPlan,
        state: StreamState?,
        ties: [DeliveredRecord] = [],
        runID: String,
        options: SyncOptions = SyncOptions(),
        limits: SyncLimits = SyncLimits(),
        now: Instant,
        at monotonic: MonotonicInstant
    ) {
        self.plan = plan
        self.options = options
        self.limits = limits
        self.state = state ?? StreamState()
        self.now = now
        run = RunRecord(id: runID, started: now)
        memory = DeliveredMemory(mode: plan.memory, stream: plan.stream, ties: ties)
        walk = WalkPosition(kind: .incremental)
        lastCheckpoint = monotonic
    }

    // MARK: Events

    package mutating func start() -> [SyncAction] {
        if plan.cursor?.startsNow == true, state.cursor == nil {
            // Whose clock `now` is may not be known yet; an event too many does no harm.
            state.cursor = now.nanoseconds.addingSaturated(-Self.clockTolerance)
        }
        walk = resumedWalk() ?? newWalk(pass: 1)
        return beginWalk()
    }

    /// A page came and was understood. `now` is the source's time.
    package mutating func pageArrived(_ page: PageHeads, now: Instant) -> [SyncAction] {
        guard reading == .fetching, !isFinished else { return [] }
        self.now = now
        reading = .resting
        guard ending == nil else { return settle() }
        run.pages += 1
        if walk.position == .first { correctBeginning() }
        let keys = page.records.map(\.key)
        let isRepeated = repeatsLastPage(page, keys)
        lastKeys = keys
        if isRepeated || guardian.hasSeen(keys) || goesBack(page) {
            return lostPosition(WalkError.startedOver.explanation)
        }
        emptyPages = keys.isEmpty ? emptyPages + 1 : 0
        guard emptyPages <= limits.emptyPages else { return fail(endlesslyEmpty) }
        do throws(WalkError) {
            let next = try plan.paging.position(after: walk.position, page.facts, base: plan.base)
            attempt = 1
            return accept(page, next: next)
        } catch {
            return walkFailed(error)
        }
    }

    /// The page could not be had. The shell asked its account's retry policy.
    package mutating func fetchFailed(_ failure: SyncFailure, verdict: RetryVerdict) -> [SyncAction] {
        guard reading == .fetching, !isFinished else { return [] }
        reading = .resting
        guard ending == nil else { return settle() }
        if failure.kind == .positionLost { return lostPosition(failure.message) }
        if case .retry(let delay) = verdict {
            attempt += 1
            reading = .waiting
            return [.wait(delay)]
        }
        return fail(failure)
    }

    package mutating func waited() -> [SyncAction] {
        guard reading == .waiting, !isFinished else { return [] }
        guard ending == nil else {
            reading = .resting
            return settle()
        }
        return [fetch()]
    }

    /// The sink took what it was given; `bytes` of it.
    package mutating func written(bytes: Int64, at monotonic: MonotonicInstant) -> [SyncAction] {
        guard !isFinished else { return [] }
        isWriting = false
        unsavedBytes += bytes
        run.bytes += bytes
        return afterWrite(at: monotonic)
    }

    /// What was written when the flush was asked for is durable at these positions.
    package mutating func flushed(_ positions: [StreamID: SinkPosition]) -> [SyncAction] {
        guard case .flushing(var checkpoint) = saving, !isFinished else { return [] }
        checkpoint.sinkPositions = positions
        saving = .committing
        return [.commit(checkpoint)]
    }

    package mutating func committed() -> [SyncAction] {
        guard saving == .committing, !isFinished else { return [] }
        saving = .resting
        guard isHeld, ending == nil else { return settle() }
        isHeld = false
        return [fetch()]
    }

    /// The sink or the state could not be written: nothing after the last checkpoint counts.
    package mutating func failed(_ failure: SyncFailure) -> [SyncAction] {
        guard !isFinished else { return [] }
        isFinished = true
        run.ended = now
        run.outcome = .failed
        run.error = failure.description
        return cancellation + [.finish(.failed(run, failure))]
    }

    /// The answer to `findUnseen`: records that no walk saw since `generation`.
    package mutating func unseenFound(_ records: [DeliveredRecord], since generation: Int64) -> [SyncAction] {
        guard ending == .lookingUp, !isFinished else { return [] }
        if generation == walkGeneration {
            hasMissing = !records.isEmpty
            return endWalk()
        }
        guard !records.isEmpty else {
            return [.findUnseen(generation: walkGeneration, limit: 1)]
        }
        for record in records { memory.forget(record.key, of: plan.stream, at: walk.started) }
        run.deletes += Int64(records.count)
        ending = .deletions
        isWriting = true
        return [.writeDeletes(records)]
    }

    /// Stop taking work; what is written becomes durable, then the run ends as interrupted.
    package mutating func stop() -> [SyncAction] {
        guard !isFinished else { return [] }
        switch ending {
        case .run, .over: return []
        case .walk where memory.mode == .ties:
            // Its last page is taken, and parts of its memory are gone: reading on from that page would repeat it.
            isStopping = true
            return settle()
        default: break
        }
        let actions = cancellation
        reading = .resting
        ending = .run(.interrupted, nil)
        return actions + settle()
    }

    private var cancellation: [SyncAction] { reading == .resting ? [] : [.cancelFetch] }

    // MARK: Reading

    mutating func beginWalk() -> [SyncAction] {
        beginScan()
        walk.started = walk.started ?? now.nanoseconds
        settledObjects = [:]
        hasMissing = false
        if let lower = walk.lower, let upper = walk.queryUpper, lower >= upper {
            ending = .walk
            return settle()
        }
        return [fetch()]
    }

    /// Our clock was ahead of the source's: the walk began no later than the first answer, less the time it took.
    private mutating func correctBeginning() {
        guard let started = walk.started, now.nanoseconds < started else { return }
        walk.started = now.nanoseconds.addingSaturated(-Self.longestAnswer)
    }

    mutating func fetch() -> SyncAction {
        reading = .fetching
        return .fetch(PageRequest(position: walk.position, lower: walk.lower, upper: walk.queryUpper))
    }

    private mutating func accept(_ page: PageHeads, next: PagePosition?) -> [SyncAction] {
        guard hasRoom(for: page) else { return fail(tooManyTies) }
        let wasUnordered = walk.isUnordered
        let deliveries = judge(page)
        let goesOn = advance(page, to: next)
        var actions: [SyncAction] = walk.isUnordered && !wasUnordered ? [.note(.unordered)] : []
        if !goesOn {
            ending = .walk
        } else if saving != .resting, memory.pendingCount >= limits.checkpointRecords / 2 {
            isHeld = true
        } else {
            actions.append(fetch())
        }
        isWriting = true
        actions.append(.write(deliveries))
        return actions
    }

    /// Asked before anything of the page is taken: a record that is remembered but not written would be lost.
    private mutating func hasRoom(for page: PageHeads) -> Bool {
        guard memory.tieCount + page.records.count > limits.ties else { return true }
        if let range = rangeInsideWalk { memory.prune(range, isForced: true) }
        let added = page.records.count { memory.known($0) == nil }
        return memory.tieCount + added <= limits.ties
    }

    private mutating func walkFailed(_ error: WalkError) -> [SyncAction] {
        switch error {
        case .startedOver, .positionStandsStill, .emptyPageWithMore:
            return lostPosition(error.explanation)
        case .foreignLink, .missingField:
            return fail(
                SyncFailure(
                    .badAnswer,
                    error.explanation,
                    hint: "correct `paging` in the definition; the cursor stays where it was"
                )
            )
        }
    }

    mutating func fail(_ failure: SyncFailure) -> [SyncAction] {
        ending = .run(.failed, failure)
        return settle()
    }
}
