/// Decides one run of one stream: which page to ask for, what of it is new, when it is durable, when the run is over.
///
/// A value without I/O: each event is a `mutating` method that returns the actions to take (see `SyncAction`).
/// Invariants:
///  1. The cursor and the walk's position in a checkpoint never lie beyond what the sink made durable before it.
///  2. A record is skipped only if the memory holds the same key with the same content.
///  3. A run succeeds only after a walk that brought nothing new, or after `SyncLimits.passes` of them.
///  4. A record is called deleted only when complete full walks of two runs did not see it.
///  5. What the definition says of order and end is believed only once a reading has shown it (`StreamEvidence`).
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
        /// A full walk is durable: look for what it did not see. → counting, lookingUp
        case unseen
        /// → lookingUp
        case counting
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
    /// What readings have shown of the source, those before this run included.
    package internal(set) var evidence: StreamEvidence
    /// What was missing before this run began: only that can be confirmed by it.
    let missingBefore: StreamEvidence.Missing?
    /// Up to where earlier runs found windows without a record.
    let emptyBefore: Int64?
    /// The end without a proof that the run before saw.
    let openEndBefore: UInt64?
    /// Ends of earlier runs that this one still looks behind.
    var tailsLeft = 0
    /// The one that this run saw last, and whether it saw others.
    var openEndInRun: UInt64?
    var openEndsDiffer = false
    var guardian = CycleGuard()
    /// The last page with records, over all of a walk's queries.
    var lastKeys: [Hash128] = []
    /// Where that page was asked for; nil where the query begins.
    var lastPosition: PagePosition?
    /// What the request under way is to find out; nil for an ordinary page.
    var question: Question?
    /// Records of the page before the first one that did not come since; nil where it was not asked for.
    var keysBelow: Set<Hash128>?
    /// The first two of them, in order.
    var beginningBelow: [Hash128] = []
    var wasShiftedByOne = false
    /// It has the records of the first one.
    var sharesBelow = false
    /// The cursor as this walk found it.
    var cursorBefore: Int64?
    /// Contents that keys went through in this run.
    var flips: [Hash128: [Flip]] = [:]
    /// Keys that show a content which an earlier reading had replaced: the rest of this one tells what they are.
    var suspects: Set<Hash128> = []
    /// Keys that are one record each, however often it changes back.
    var cleared: Set<Hash128> = []
    /// Records that no walk saw since this one are being called gone.
    var deletesFrom: Int64?
    /// What an earlier run missed was counted by this one.
    var hasCountedUnseen = false
    /// Records without a cursor value that can be read.
    var unreadableValues: Int64 = 0
    /// Keys that were found to stand for several records.
    var severalKeys: Int64 = 0
    /// A checkpoint of this run forgot ties that lie before the cursor's next place.
    var hasForgotten = false
    /// How the last page promised another.
    var promise: Promise?
    /// What follows the page that has come, and is not taken yet.
    var foreseen: PageStep?
    /// Told with the next actions.
    var notes: [SyncNote] = []
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
    /// How often they were read so far.
    var sweeps = 0
    /// Readings from a first page on, in this run.
    var scans = 0
    /// The query was begun at a record that lies there.
    var isAnchoredAtRecord = false
    /// The cursor as this run found it, where it begins there.
    var cursorAtStart: Int64?
    /// … or resumes an earlier walk.
    var cursorFound: Int64?
    /// A person had it begin beyond the cursor: that must not pass what lies between.
    var leavesGap = false
    /// What is being found out about the filter; nil for nothing.
    var probe: Probe?
    var shown = Shown()
    /// The lower bound that the walk began at.
    var queryLower: Int64?
    /// The last of several pages of the walk before, and what that asked for: as a first page it is an old answer.
    var endBefore: (lower: Int64?, marks: [Hash128])?
    /// The highest cursor value of the walk before.
    var highestBefore: Int64?
    /// The walk before repeated records, and had no news.
    var hasRepeated = false
    /// Steps by which the lower bound went on in a row, none of which brought anything.
    var creeps = 0
    /// Pages behind which queries of this run ended although they had promised another.
    var endsSeen: Set<UInt64> = []
    /// Where the query goes on if there is a page behind its first one, which was not full.
    var behindShort: Int64?
    /// Pages that were not full had others behind them.
    var shortPagesGoOn = false
    /// Where the query goes on once the page at the server's own position was looked at for its order.
    var spotCheck: Int64?
    /// Queries that this walk began at a value reached.
    var anchors = 0
    /// The last page ended with records that pages can't be cut between, and one of this walk had another behind it.
    var sharesLast = false
    var cutsTies = false
    /// The list was begun again once for a page that repeats the one before it in the middle.
    var hasRereadForPast = false
    /// The query's first page, and the last one that showed what this walk had left behind.
    var firstPage: [Hash128] = []
    /// A smaller page was asked for, and the same one came.
    var sizeWasIgnored = false
    var pageThatWentBack: [Hash128] = []
    /// Restarts until this walk began.
    var restartsBefore = 0
    /// Records of a page that named no next one, and neither did a part of it.
    var unnamedCount: Int?

    struct Scan: Sendable {
        var highest: Int64?
        var lowest: Int64?
        /// The highest that is no record of the future: what comes while the list is read stands before such a one.
        var orderedTo: Int64?
        /// The first record's value.
        var front: Int64?
        /// Pages with records, and the records on them.
        var pages = 0
        var records: Int64 = 0
        /// A page promised another, and it came.
        var promiseKept = false
        /// Whether pages go on behind a field that the list is sorted by.
        var keyset = KeysetWatch()
        /// Records of a full walk that came once more, unchanged.
        var repeats = 0
        /// Pages with fewer records than were asked for, behind which others came.
        var cappedPages = 0
        /// Ends that the source declared, and that were none.
        var falseEnds = 0
        /// The last page called itself the last one.
        var saidEnd = false
        /// Records of the source's total that had not come at the last page.
        var left: Int64?
        /// Whether it is read from its first page on in this process.
        var isWhole = true
        /// Whether its pages bring the same records for ever.
        var repeatWatch = RepeatWatch()
        /// An error or an earlier page stood where its end is, or nothing where a page was promised.
        var endsOddly = false
    }

    enum Promise: Sendable {
        /// By `more`, `last` or a total.
        case said
        /// By a token or a link.
        case named
    }

    /// A change of one key's content in this run.
    struct Flip: Sendable, Equatable {
        /// The reading that showed it.
        var scan: Int
        var content: Hash128
        /// What the state had, which this run has not shown.
        var isStored = false
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
        evidence = StreamEvidence(encoded: state?.evidence)
        missingBefore = evidence.missing
        emptyBefore = evidence.emptyUntil
        openEndBefore = evidence.openEnd
        tailsLeft = evidence.tails.count
        memory = DeliveredMemory(mode: plan.memory(evidence), stream: plan.stream, ties: ties)
        walk = WalkPosition(kind: .incremental)
        lastCheckpoint = monotonic
    }

    /// Whether look-ups in the state are to say what is known of a page's records.
    package var remembersAll: Bool { memory.mode == .all }

    // MARK: Events

    package mutating func start() -> [SyncAction] {
        if plan.cursor?.startsNow == true, state.cursor == nil {
            // Whose clock `now` is may not be known yet; an event too many does no harm.
            state.cursor = now.nanoseconds.addingSaturated(-Self.clockTolerance)
        }
        leavesGap = options.since.map { $0 > state.cursor ?? .min } ?? false
        let resumed = resumedWalk()
        cursorFound = state.cursor
        if resumed == nil { cursorAtStart = state.cursor }
        walk = resumed ?? tailWalk() ?? newWalk(pass: 1)
        let actions = beginWalk()
        // What came before this process is not counted, and since then the list may have moved.
        scan.isWhole = resumed.map { $0.position == .first } ?? true
        return told(actions)
    }

    /// A page came and was understood. `now` is the source's time.
    package mutating func pageArrived(_ page: PageHeads, now: Instant) -> [SyncAction] {
        guard reading == .fetching, !isFinished else { return [] }
        defer { foreseen = nil }
        self.now = now
        reading = .resting
        guard ending == nil else { return settle() }
        run.pages += 1
        attempt = 1
        if walk.position == .first, question == nil {
            correctBeginning()
            if run.pages == 1, let actions = clocksWentBack() { return told(actions) }
        }
        return told(taken(page))
    }

    /// The page could not be had. The shell asked its account's retry policy.
    package mutating func fetchFailed(_ failure: SyncFailure, verdict: RetryVerdict) -> [SyncAction] {
        guard reading == .fetching, !isFinished else { return [] }
        reading = .resting
        guard ending == nil else { return settle() }
        if question == .below { return told(noPageBelow(failure)) }
        if failure.kind == .positionLost { return told(lostPosition(failure.message)) }
        if let nothing = nothing(in: failure) { return told(nothingCame(nothing)) }
        if case .retry(let delay) = verdict {
            attempt += 1
            reading = .waiting
            return [.wait(delay)]
        }
        // A place that an earlier process was at may be gone for good.
        if run.pages == 0, walk.position != .first, failure.kind == .gone || failure.kind == .refused {
            return told(lostPosition(failure.message))
        }
        return told(fail(failure))
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

    /// The sink or the state could not be written: nothing after the last checkpoint counts.
    package mutating func failed(_ failure: SyncFailure) -> [SyncAction] {
        guard !isFinished else { return [] }
        isFinished = true
        run.ended = now
        run.outcome = .failed
        run.error = failure.description
        return cancellation + [.finish(.failed(run, failure))]
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
        lastKeys = []
        cursorBefore = state.cursor
        queryLower = walk.lower
        anchors = 0
        (cutsTies, restartsBefore) = (false, restarts)
        if let lower = walk.lower, let upper = walk.queryUpper, lower >= upper {
            ending = .walk
            return settle()
        }
        if isPageBelowUnknown { question = .below }
        return [fetch()]
    }

    /// Our clock was ahead of the source's: the walk began no later than the first answer, less the time it took.
    private mutating func correctBeginning() {
        guard let started = walk.started, now.nanoseconds < started else { return }
        walk.started = now.nanoseconds.addingSaturated(-Self.longestAnswer)
    }

    mutating func fetch() -> SyncAction {
        reading = .fetching
        var request = PageRequest(position: walk.position, lower: walk.lower, upper: walk.queryUpper)
        switch question {
        case .below: request.position = positionBelow
        case .smaller(let count): request.size = Int64(count - 1)
        case .half where plan.paging.style == .offset:
            if case .offset(let offset) = walk.position {
                request.position = .offset(offset - Int64((lastKeys.count + 1) / 2))
            }
        case .half:
            request.size = Int64(lastKeys.count / 2)
            request.position = secondHalf
        case .firstHalf:
            request.position = .first
            request.size = Int64(lastKeys.count / 2)
        case .again, .beyond, .before, .skipped, .past, .atOne, nil: break
        }
        request.mayBeNothing = mayBeNothing
        return .fetch(request)
    }

    /// Takes a page over, and goes on at `next`, where `asking` is to be found out; nil is the list's end.
    mutating func accept(_ page: PageHeads, next: PagePosition?, asking: Question? = nil) -> [SyncAction] {
        if !hasRoom(for: page) {
            rememberAll()
            evidence.remembersAll = true
        }
        let wasUnordered = walk.isUnordered
        let wasAnchored = isAnchored
        let deliveries = judge(page)
        if walk.isUnordered, !wasUnordered { orderIsBroken() }
        lastPosition = walk.position
        let isRestarted = wasAnchored && !isAnchored
        if isRestarted { replaceWalk(by: restartedByPosition()) }
        let goesOn = isRestarted || advance(page, to: next)
        if goesOn, walk.position == next { question = asking }
        var actions: [SyncAction] = []
        if !goesOn {
            ending = .walk
            endBefore = scan.pages > 1 ? (walk.lower, guardian.previous) : nil
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
        guard memory.mode == .ties, memory.tieCount + page.records.count > limits.ties else { return true }
        if let range = rangeInsideWalk { memory.prune(range, isForced: true) }
        let added = page.records.count { memory.known($0) == nil }
        return memory.tieCount + added <= limits.ties
    }

    /// Reads on at another beginning, in the same walk.
    mutating func replaceWalk(by other: WalkPosition) {
        walk = other
        queryLower = other.lower
        shown = Shown()
    }

    mutating func walkFailed(_ error: WalkError) -> [SyncAction] {
        switch error {
        case .startedOver, .positionStandsStill, .emptyPageWithMore:
            return lostPosition(error.explanation)
        case .foreignLink, .missingField, .moreWithoutNext, .undeclaredPages, .unreadableMore:
            return fail(SyncFailure(.badAnswer, error.explanation, hint: error.hint))
        }
    }

    /// The actions, and before them what there is to tell.
    mutating func told(_ actions: [SyncAction]) -> [SyncAction] {
        defer { notes = [] }
        return notes.map(SyncAction.note) + actions
    }

    /// What was seen shows that the place is none to go on from: the next run begins the list again, or behind what this
    /// one has read and forgotten.
    mutating func failAnew(_ failure: SyncFailure) -> [SyncAction] {
        restartWalk()
        return fail(failure)
    }

    mutating func fail(_ failure: SyncFailure) -> [SyncAction] {
        ending = .run(.failed, failure)
        return settle()
    }
}
