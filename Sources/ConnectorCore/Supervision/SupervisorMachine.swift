/// Decides which stream runs when: schedules, what may run beside what, blocked connectors, draining.
///
/// A value without I/O; events return the actions to take. Invariants:
///  1. A stream has at most one run at a time; a due time that passes during it is run once, after it.
///  2. Two runs never write into the same stream: an event feed excludes the streams it delivers into.
///  3. No connector keeps another waiting, but for the bound on runs at a time.
package struct SupervisorMachine: Sendable {
    /// What the supervisor needs to know of a stream.
    package struct Plan: Sendable, Equatable {
        package var stream: StreamID
        /// Nil for one that only runs when it is triggered, and again after a failure.
        package var schedule: Schedule?
        /// The streams that a run writes into: itself, and a feed's targets.
        package var writes: Set<StreamID>

        package init(stream: StreamID, schedule: Schedule?, writes: Set<StreamID>) {
            self.stream = stream
            self.schedule = schedule
            self.writes = writes
        }
    }

    /// One run of a stream: a run of a plan that a reload has replaced is another than that of the new one.
    package struct Run: Sendable, Hashable {
        package var stream: StreamID
        package var number: Int
    }

    package enum Action: Sendable, Equatable {
        case start(Run)
        case cancel(Run)
        /// Nothing runs any more and nothing will.
        case drained
    }

    /// How a run ended, as far as the next one depends on it.
    package enum Ending: Sendable, Equatable {
        case succeeded
        case failed(String)
        /// Only a person can mend it; what it is about is this stream.
        case blocked(String)
        /// The credential was refused: no stream of the connector is tried, since sources lock accounts that are
        /// knocked at too often.
        case lockedOut(String)
        case interrupted
    }

    /// Why a connector rests, and the last run that had begun by then: how older ones end says nothing of the credential
    /// as it is now.
    struct Lock: Sendable {
        var reason: String
        var lastRun: Int
    }

    /// A run under way.
    struct Running: Sendable {
        var run: Run
        /// What it writes into. A reload may change the plan meanwhile.
        var writes: Set<StreamID>
        /// Begun before a reload that changed the connector: how it ends says nothing of the new plan.
        var isOfOldPlan = false
    }

    struct Slot: Sendable {
        var plan: Plan
        /// Place in the order of the configuration.
        var rank: Int
        var previous: Schedule.Slot?
        /// When the schedule wants it, while a trigger has it due earlier.
        var regularDue: MonotonicInstant?
        /// When the schedule wanted it, while it rests.
        var heldBack: MonotonicInstant?
        var running: Running?
        var isRunning: Bool { running != nil }
        /// Due since, while it waits for its turn.
        var waitingSince: MonotonicInstant?
        var lastEnding: Ending?
        var lastStart: MonotonicInstant?
        /// In a row.
        var failures = 0
        var isRemoved = false

        /// Why only a person can help this stream, as far as its last run tells.
        var blockedBy: String? {
            if case .blocked(let reason) = lastEnding { reason } else { nil }
        }
    }

    private struct Turn: Sendable {
        var since: MonotonicInstant
        var rank: Int
        var stream: StreamID

        func comesBefore(_ other: Turn) -> Bool { (since, rank) < (other.since, other.rank) }
    }

    /// A blocked stream is tried again after this long, in case what blocked it was mended elsewhere.
    package static let blockedInterval: Duration = .seconds(3600)
    /// Early syncs of a stream begin at most this often: a burst of events is one sync, or two.
    package static let triggerSpacing: Duration = .seconds(5)
    /// Waits after failures of what has no schedule.
    package static let onDemandBackoff = Backoff(base: .seconds(2))

    private(set) var slots: [StreamID: Slot] = [:]
    /// In the order of the configuration: a feed before the lists it feeds.
    private(set) var streamsByConnector: [String: [StreamID]] = [:]
    /// Connectors whose credential was refused.
    private(set) var lockedOut: [String: Lock] = [:]
    /// Those that are due and have not begun, in the order of their turns.
    private var queue: [Turn] = []
    private var lastRank = 0
    private var lastRun = 0
    private(set) var due = DueHeap<StreamID>()
    private(set) var isDraining = false
    private let maximumRuns: Int
    private var maximumRunsPerConnector: [String: Int] = [:]
    private var writing: Set<StreamID> = []
    private var runsByConnector: [String: Int] = [:]
    private var runs = 0

    package init(maximumRuns: Int) {
        self.maximumRuns = maximumRuns
    }

    /// Bounds the runs of one connector at a time.
    package mutating func limit(_ connector: String, to runs: Int) {
        maximumRunsPerConnector[connector] = runs
    }

    /// When the timer is to fire next; nil when nothing is due.
    package var nextDue: MonotonicInstant? { isDraining ? nil : due.next?.due }

    package var runningStreams: [StreamID] {
        slots.values.filter(\.isRunning).sorted { $0.rank < $1.rank }.map(\.plan.stream)
    }

    package func knows(_ stream: StreamID) -> Bool { slots[stream]?.isRemoved == false }

    /// The run of a stream that is under way.
    package func run(of stream: StreamID) -> Run? { slots[stream]?.running?.run }

    /// Whether a run is under way, and by the plan that counts.
    package func isCurrent(_ run: Run) -> Bool {
        guard let slot = slots[run.stream], !slot.isRemoved, let running = slot.running else { return false }
        return running.run == run && !running.isOfOldPlan
    }

    package func nextRun(of stream: StreamID) -> MonotonicInstant? { due.due(of: stream) }

    // MARK: Events

    package mutating func add(
        _ plans: [Plan],
        wall: Instant,
        monotonic: MonotonicInstant,
        using generator: inout some RandomNumberGenerator
    ) {
        for plan in plans {
            var slot = slots[plan.stream] ?? newSlot(plan)
            slot.plan = plan
            slot.previous = nil
            slot.isRemoved = false
            slot.running?.isOfOldPlan = true
            slot.lastEnding = nil
            slot.failures = 0
            slots[plan.stream] = slot
            schedule(plan.stream, wall: wall, monotonic: monotonic, using: &generator)
        }
    }

    /// The connector is gone from the configuration, or will be added anew: its runs end, its due times too.
    package mutating func remove(connector: String) -> [Action] {
        var actions: [Action] = []
        lockedOut[connector] = nil
        for stream in streamsByConnector[connector] ?? [] {
            due.remove(stream)
            stopWaiting(stream)
            if let run = run(of: stream) {
                slots[stream]?.isRemoved = true
                actions.append(.cancel(run))
            } else {
                forget(stream)
            }
        }
        return actions
    }

    private mutating func newSlot(_ plan: Plan) -> Slot {
        lastRank += 1
        streamsByConnector[plan.stream.connector, default: []].append(plan.stream)
        return Slot(plan: plan, rank: lastRank)
    }

    private mutating func forget(_ stream: StreamID) {
        slots[stream] = nil
        streamsByConnector[stream.connector]?.removeAll { $0 == stream }
        if streamsByConnector[stream.connector]?.isEmpty == true { streamsByConnector[stream.connector] = nil }
    }

    private mutating func stopWaiting(_ stream: StreamID) {
        guard let slot = slots[stream], let since = slot.waitingSince else { return }
        queue.remove(at: place(of: Turn(since: since, rank: slot.rank, stream: stream)))
        slots[stream]?.waitingSince = nil
    }

    private mutating func startToWait(_ stream: StreamID, since: MonotonicInstant) {
        guard let slot = slots[stream], slot.waitingSince == nil else { return }
        let turn = Turn(since: since, rank: slot.rank, stream: stream)
        queue.insert(turn, at: place(of: turn))
        slots[stream]?.waitingSince = since
    }

    /// By halving: thousands may wait after a start.
    private func place(of turn: Turn) -> Int {
        var (low, high) = (0, queue.count)
        while low < high {
            let middle = (low + high) / 2
            if queue[middle].comesBefore(turn) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    package mutating func timerFired(
        wall: Instant,
        monotonic: MonotonicInstant,
        using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard !isDraining else { return [] }
        while let (time, stream) = due.popDue(at: monotonic) {
            startToWait(stream, since: time)
            if let regular = slots[stream]?.regularDue {
                slots[stream]?.regularDue = nil
                due.schedule(stream, at: regular)
            } else {
                schedule(stream, wall: wall, monotonic: monotonic, using: &generator)
            }
        }
        return startWaiting(at: monotonic)
    }

    /// Something is known to have changed: the stream runs as soon as it may. A stream with a schedule is not asked for
    /// more often than every `triggerSpacing`, nor while only a person can help it.
    package mutating func trigger(_ stream: StreamID, at monotonic: MonotonicInstant) -> [Action] {
        guard !isDraining, let slot = slots[stream], !slot.isRemoved else { return [] }
        if slot.plan.schedule == nil {
            // What failed waits for its time: whoever triggers does not know why it failed.
            guard slot.failures == 0 || due.due(of: stream) == nil else { return [] }
        } else {
            guard !isResting(slot), slot.waitingSince == nil else { return [] }
            if let next = slot.lastStart.map({ $0 + Self.triggerSpacing }), monotonic < next {
                if let known = due.due(of: stream), known <= next { return [] }
                slots[stream]?.regularDue = due.due(of: stream)
                due.schedule(stream, at: next)
                return []
            }
        }
        startToWait(stream, since: monotonic)
        return startWaiting(at: monotonic)
    }

    /// A person asks: the stream runs as soon as it may, whatever its schedule or its last failure say.
    package mutating func request(_ stream: StreamID, at monotonic: MonotonicInstant) -> [Action] {
        guard !isDraining, knows(stream) else { return [] }
        startToWait(stream, since: monotonic)
        return startWaiting(at: monotonic)
    }

    /// A person has read the configuration anew, and may have mended what was in the way: whatever waits for that is
    /// tried at once.
    package mutating func release(at monotonic: MonotonicInstant) {
        guard !isDraining else { return }
        let resting = slots.values.filter { isResting($0) && !$0.isRemoved }
        lockedOut = [:]
        for slot in resting {
            slots[slot.plan.stream]?.lastEnding = nil
            slots[slot.plan.stream]?.heldBack = nil
            due.schedule(slot.plan.stream, at: monotonic)
        }
    }

    /// Whether only a person can help, as far as is known. What came by itself needs no credential.
    private func isResting(_ slot: Slot) -> Bool {
        slot.blockedBy != nil || slot.plan.schedule != nil && lockedOut[slot.plan.stream.connector] != nil
    }

    /// A run that nobody knows of, or that gave its place back already, changes nothing.
    package mutating func runEnded(
        _ run: Run,
        _ ending: Ending,
        at monotonic: MonotonicInstant,
        using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard let slot = slots[run.stream], let running = slot.running, running.run == run else { return [] }
        slots[run.stream]?.running = nil
        writing.subtract(running.writes)
        runs -= 1
        runsByConnector[run.stream.connector, default: 1] -= 1
        if slot.isRemoved {
            forget(run.stream)
        } else if !running.isOfOldPlan {
            note(ending, of: slot, run, at: monotonic, using: &generator)
        }
        if isDraining { return runs == 0 ? [.drained] : [] }
        return startWaiting(at: monotonic)
    }

    private mutating func note(
        _ ending: Ending,
        of slot: Slot,
        _ run: Run,
        at monotonic: MonotonicInstant,
        using generator: inout some RandomNumberGenerator
    ) {
        let stream = slot.plan.stream
        let failures = if case .failed = ending { slot.failures + 1 } else { 0 }
        slots[stream]?.lastEnding = ending
        slots[stream]?.failures = failures
        let isAsking = slot.plan.schedule != nil
        let isOlder = isAsking && lockedOut[stream.connector].map { run.number <= $0.lastRun } ?? false
        switch ending {
        case .interrupted: break
        case .lockedOut(let reason):
            lockedOut[stream.connector] = Lock(reason: reason, lastRun: lastRun)
            rest(asking(stream.connector), from: monotonic)
        case .blocked:
            if isAsking, !isOlder { unlock(stream.connector, at: monotonic) }
            rest([stream], from: monotonic)
        case .succeeded:
            guard !isOlder else { break }
            lift(stream, at: monotonic)
            if isAsking { unlock(stream.connector, at: monotonic) }
        case .failed where isAsking:
            guard !isOlder else { break }
            lift(stream, at: monotonic)
            // What was in the way now was not the credential; whether that is good, nobody knows.
            lockedOut[stream.connector] = nil
        case .failed:
            stopWaiting(stream)
            let wait = Self.onDemandBackoff.wait(attempt: failures, using: &generator)
            due.schedule(stream, at: monotonic + wait)
        }
    }

    /// The streams of a connector that ask its source.
    private func asking(_ connector: String) -> [StreamID] {
        (streamsByConnector[connector] ?? []).filter { slots[$0]?.plan.schedule != nil }
    }

    /// The credential was taken: what rested for its sake alone goes on.
    private mutating func unlock(_ connector: String, at monotonic: MonotonicInstant) {
        guard lockedOut.removeValue(forKey: connector) != nil else { return }
        for stream in asking(connector) where slots[stream]?.blockedBy == nil { lift(stream, at: monotonic) }
    }

    private mutating func rest(_ streams: some Sequence<StreamID>, from now: MonotonicInstant) {
        for stream in streams {
            guard let slot = slots[stream] else { continue }
            let isOwed = slot.waitingSince != nil
            slots[stream]?.heldBack = isOwed ? now : slot.heldBack ?? slot.regularDue ?? due.due(of: stream)
            stopWaiting(stream)
            slots[stream]?.regularDue = nil
            due.schedule(stream, at: now + Self.blockedInterval)
        }
    }

    /// What rested goes on by its schedule; what it missed is owed.
    private mutating func lift(_ stream: StreamID, at now: MonotonicInstant) {
        guard let regular = slots[stream]?.heldBack else { return }
        slots[stream]?.heldBack = nil
        due.schedule(stream, at: max(regular, now))
    }

    /// Starts nothing more, and asks what runs to end.
    package mutating func drain() -> [Action] {
        guard !isDraining else { return [] }
        isDraining = true
        for turn in queue { slots[turn.stream]?.waitingSince = nil }
        queue = []
        let cancels = runningStreams.compactMap { run(of: $0).map(Action.cancel) }
        return cancels.isEmpty ? [.drained] : cancels
    }

    // MARK: Decisions

    private mutating func schedule(
        _ stream: StreamID,
        wall: Instant,
        monotonic: MonotonicInstant,
        using generator: inout some RandomNumberGenerator
    ) {
        guard let slot = slots[stream], let schedule = slot.plan.schedule else { return }
        let run = schedule.next(after: slot.previous, wall: wall, monotonic: monotonic, using: &generator)
        guard let run else { return }
        slots[stream]?.previous = run.slot
        slots[stream]?.heldBack = nil
        due.schedule(stream, at: run.due)
    }

    /// Starts what waits, longest first, as far as the bounds allow. A stream that is kept waiting by a writer holds
    /// back younger ones that would write where it must, so that a feed finds its turn.
    private mutating func startWaiting(at monotonic: MonotonicInstant) -> [Action] {
        guard runs < maximumRuns else { return [] }
        var actions: [Action] = []
        var claimed = writing
        for turn in queue {
            let stream = turn.stream
            guard runs < maximumRuns, let slot = slots[stream] else { break }
            let limit = maximumRunsPerConnector[stream.connector] ?? maximumRuns
            let isFree = !slot.isRunning && slot.plan.writes.isDisjoint(with: claimed)
            claimed.formUnion(slot.plan.writes)
            guard isFree, runsByConnector[stream.connector, default: 0] < limit else { continue }
            lastRun += 1
            let run = Run(stream: stream, number: lastRun)
            slots[stream]?.running = Running(run: run, writes: slot.plan.writes)
            slots[stream]?.lastStart = monotonic
            stopWaiting(stream)
            writing.formUnion(slot.plan.writes)
            runs += 1
            runsByConnector[stream.connector, default: 0] += 1
            actions.append(.start(run))
        }
        return actions
    }
}
