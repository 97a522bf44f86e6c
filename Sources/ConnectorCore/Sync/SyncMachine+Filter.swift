/// The filter for what is new: held against what it lets through, and against what it leaves out.
extension SyncMachine {
    // MARK: Where a query begins at the value reached

    /// Whether a page that was asked for by the cursor value reached shows records from below it.
    func isBelowAnchor(_ page: PageHeads) -> Bool {
        // A window may begin within a step of the filter.
        guard isAnchored, let rule = plan.cursor, let lower = walk.lower.map(rule.floored) else { return false }
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
        replaceWalk(by: sameWalk())
        beginScan()
    }
}
