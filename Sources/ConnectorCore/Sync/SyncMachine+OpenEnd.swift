/// Ends without a proof: a full page, an error or an earlier page at the end of a list. If the source only has a bad
/// hour, a cursor would pass what lies behind, unless the list comes towards its newest records, and what is missing
/// would be called deleted. So both wait until a later run's reading ends behind the same record.
extension SyncMachine {
    /// Runs in a row that hold the cursor back, each for another end: a list that grows where it ends.
    private static let mostOpenRuns = 3

    /// What no reading ends at.
    private static let noEnd: UInt64 = 0

    /// Whether this walk ended, or a window of it did, where no earlier run saw that end.
    var isEndOpen: Bool {
        (isEndNew || isShorter) && evidence.openRuns < Self.mostOpenRuns
    }

    /// Earlier readings from the same bound on showed more.
    private var isShorter: Bool {
        walk.kind == .incremental && evidence.seenFrom == queryLower && walk.seen < evidence.seenMost
    }

    /// … however often.
    var isEndNew: Bool { walk.openEnd.map { $0 != openEndBefore || openEndsDiffer } ?? false }

    /// Up to where records are still to come again in looks behind an end.
    var tailFrontier: Int64? { evidence.tails.map(\.frontier).max() }

    /// Whether the cursor would pass what lies behind such an end. Where only ties are remembered it moves, and the next
    /// run looks behind the end first.
    var holdsForEnd: Bool { holdsAtEnds && isEndOpen && memory.mode == .all }

    /// Whether what lies behind a list's end may be older than what came.
    var holdsAtEnds: Bool {
        guard let order = plan.cursor?.order else { return false }
        if order != .ascending || evidence.order == .broken { return true }
        // Several pages too small to prove the order.
        return memory.mode == .all && evidence.order == .unknown && scan.pages > 1
    }

    /// A query has ended.
    mutating func noteOpenEnd() {
        noteSeen()
        guard endsUnproven, let mark = endOfQuery else { return }
        // Each window has an end of its own.
        walk.openEnd = (walk.openEnd ?? 0) &* 31 &+ mark
        guard !hasNextWindow else { return }
        if let before = openEndInRun, before != walk.openEnd { openEndsDiffer = true }
        openEndInRun = walk.openEnd
    }

    private mutating func noteSeen() {
        let isSame = evidence.seenFrom == queryLower
        (evidence.seenFrom, evidence.seenMost) = (queryLower, max(isSame ? evidence.seenMost : 0, walk.seen))
    }

    /// The last record. It may have moved: of a reading of all as many must have come before it, whatever they hold; from
    /// the cursor on there are more each time, so its content must be the same.
    private var endOfQuery: UInt64? {
        // A resumed walk that found nothing at all: it stands behind a page that nobody knows any more.
        if hasOnlyAnEnd { return ContentHash.hash(walk.position.encoded.bytes).low }
        guard walk.kind == .full else { return mark(Array(guardian.previous.suffix(1))) }
        return mark(Array(lastKeys.suffix(1))).map { $0 &+ UInt64(bitPattern: walk.seen) }
    }

    private var hasOnlyAnEnd: Bool { plan.paging.style != .none && scan.pages == 0 && walk.position != .first }

    private var endsUnproven: Bool {
        if hasOnlyAnEnd { return true }
        guard plan.paging.style != .none, scan.pages > 0, scan.left != 0 else { return false }
        if missingOfTotal > 0 { return true }
        // Newest first, the record that the query reaches back to shows that nothing is missing before it.
        if let rule = plan.cursor, rule.order == .descending, !walk.isUnordered, let lower = walk.lower,
            let lowest = walk.lowest, rule.floored(lowest) <= lower
        {
            return false
        }
        // The pages before were seen by an earlier run: what moved since moved the place at which a list is cut.
        return scan.endsOddly || isShorter || isFull(lastKeys.count) || !scan.isWhole
    }

    /// The run's last walk is over.
    mutating func keepOpenEnd() {
        let end = openEndsDiffer && walk.openEnd != nil ? Self.noEnd : walk.openEnd
        let isOpen = isEndOpen
        evidence.openRuns = isOpen ? evidence.openRuns + 1 : 0
        evidence.openEnd = end
        // What was shown so often is all there is.
        if !isOpen { (evidence.seenFrom, evidence.seenMost) = (queryLower, walk.seen) }
    }

    // MARK: Looking behind an end

    /// So many are remembered, each of which costs the next run a request; of more, what lies behind the oldest ones
    /// matters most. Each window may have one.
    private static let mostTails = 64

    /// What a run looks at before all else: from the last record on, behind which an earlier run's list ended openly.
    func tailWalk() -> WalkPosition? {
        guard let tail = evidence.tails.first, options == SyncOptions() else { return nil }
        var walk = WalkPosition(kind: .incremental, lower: tail.lower, frontier: tail.frontier)
        walk.isTail = true
        return walk
    }

    /// A walk that remembers ties only has ended, or a window of it.
    mutating func noteTail(below known: Int64 = .max) {
        guard memory.mode == .ties, holdsAtEnds, walk.openEnd != nil, probe == nil, options == SyncOptions(),
            let rule = plan.cursor, let lowest = walk.lowest
        else { return }
        let frontier = rule.floored(lowest).addingSaturated(rule.granularity)
        // What shows the same again would do so for ever.
        guard frontier < known, evidence.tails.count < Self.mostTails else { return }
        // As the source was asked: a window may begin within a step of its filter.
        evidence.tails.append(StreamEvidence.Tail(lower: queryLower.map(rule.floored), frontier: frontier))
    }

    /// Nothing new is behind the end, or there is more, and an end of its own: for the next run. Those that this run
    /// came with are looked at one after the other.
    mutating func endTail() -> [SyncAction] {
        let tail = evidence.tails.removeFirst()
        tailsLeft -= 1
        if walk.fresh > 0 { noteTail(below: tail.frontier) }
        walk = (tailsLeft > 0 ? tailWalk() : nil) ?? newWalk(pass: 1)
        state.walk = nil
        ending = .nextWalk
        return saveBetweenWalks()
    }
}
