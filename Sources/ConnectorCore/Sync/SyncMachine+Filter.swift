/// The filter for what is new: held against what it lets through, and against what it leaves out.
extension SyncMachine {
    // MARK: Where a query begins at the value reached

    /// Whether a page that was asked for by the cursor value reached shows records from below it.
    func isBelowAnchor(_ page: PageHeads) -> Bool {
        guard isAnchored, let rule = plan.cursor, let lower = walk.lower else { return false }
        return page.records.contains { $0.cursor.map { rule.floored($0) < lower } ?? false }
    }

    /// One such answer may be an old one, given again. Two show that the filter is coarser than the definition says, or
    /// none: then the value reached leads nowhere, and pages are read by their positions.
    mutating func filterLeaks() -> [SyncAction] {
        guard question == .again(.repeated) else {
            question = .again(.repeated)
            return [fetch()]
        }
        doubt(.filterIgnored)
        return readByPosition()
    }

    /// Whether the answer lacks the record that led here, although the filter includes its value. Nil is an answer
    /// without records.
    func missesAnchor(_ page: PageHeads?) -> Bool {
        guard isAnchored, isAnchoredAtRecord, walk.position == .first, let rule = plan.cursor, let lower = walk.lower
        else { return false }
        guard let page else { return true }
        return !page.records.isEmpty && !page.records.contains { $0.cursor.map { rule.floored($0) <= lower } ?? false }
    }

    /// The record may just have changed; so the walk is no ground, and another follows. Whether that was so too often in
    /// a row.
    mutating func noteAnchorMiss() -> Bool {
        walk.isPatchy = true
        readAgain()
        evidence.anchorMisses += 1
        return evidence.anchorMisses > Self.mostAnchorMisses
    }

    private static let mostAnchorMisses = 2

    /// The value reached leads nowhere: the list is read by the server's positions from now on.
    mutating func readByPosition() -> [SyncAction] {
        beginByPosition()
        return [fetch()]
    }

    mutating func beginByPosition() {
        evidence.cannotAnchor = true
        state.cursor = cursorBefore
        readAgain()
        walk = sameWalk()
        beginScan()
    }

    // MARK: Where a run begins at its cursor

    /// How far back it is looked for the record that the cursor was taken from: one step for filters that exclude their
    /// bound, a second, a minute and an hour for such as round it, and more than the widest time zone.
    func probeReach(_ probe: Int) -> Int64 {
        let steps = probeSteps
        return probe < steps.count ? steps[probe] : 0
    }

    private var probeSteps: [Int64] {
        guard let rule = plan.cursor else { return [] }
        guard rule.format.isTime else { return [rule.granularity] }
        let second: Int64 = 1_000_000_000
        return [rule.granularity] + [1, 60, 3_600, 15 * 3_600].map { $0 * second }.filter { $0 > rule.granularity }
    }

    /// A query from the cursor on, bound included, that shows no record from up to there: either that record is gone, or
    /// the filter leaves out what it should include. Asked from ever further back, that shows; and once more from the
    /// cursor, since the record may have come just now. Nil where nothing is left to find out.
    mutating func probing() -> WalkPosition? {
        guard let rule = plan.cursor, let cursor = cursorAtStart, evidence.filter == .unknown,
            evidence.noWitness != cursor,
            rule.filtersLower, rule.window == nil, walk.kind == .incremental, walk.pass == 1, !plan.isFeed, !isStopping,
            options == SyncOptions(), walk.lower != nil || probe != nil
        else { return nil }
        // What of this walk is forgotten must not come again: a walk of one page will tell as well.
        if memory.mode == .ties, rule.order == .descending, scan.pages > 1 { return nil }
        // Where the query ends before the cursor, it shows nothing.
        if let upper = walk.queryUpper, upper <= cursor { return nil }
        let lowest = walk.lowest.map(rule.floored)
        let isWitnessed = lowest.map { $0 <= rule.floored(cursor) } ?? false
        switch probe {
        case nil where isWitnessed:
            evidence.filter = .held
            return nil
        case nil:
            probe = 0
        case let step? where step >= probeSteps.count:
            // The question was put once more as it was.
            probe = nil
            guard !isWitnessed else {
                evidence.filter = .held
                return nil
            }
            evidence.filter = .broken
            evidence.filterReach = filterLag
            doubt(.filterShifted)
        case _? where isWitnessed:
            // Seen from there: is it the record itself, or an older one?
            guard sawCursor else {
                evidence.noWitness = cursor
                probe = nil
                break
            }
            filterLag = probe.map(probeReach) ?? 0
            probe = probeSteps.count
        case let step?:
            probe = step + 1
            if step + 1 >= probeSteps.count {
                evidence.noWitness = cursor
                probe = nil
            }
        }
        return sameWalk()
    }
}
