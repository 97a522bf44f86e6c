/// Order and clocks: what is done once they turn out to be otherwise.
extension SyncMachine {
    /// Whether the walk asks for the next page by the cursor value reached: only where a whole reading by the server's
    /// own positions came in the declared order.
    package var isAnchored: Bool {
        // What a filter leaves out would look deleted, and one that leaves out what it should not leads past records.
        plan.canAnchor && walk.kind == .incremental && evidence.order == .held && !evidence.cannotAnchor
            && !walk.isUnordered && probe == nil && evidence.filter != .broken
    }

    /// Pages may shift while they are read, so the cursor waits until a whole further walk brought nothing new.
    /// So it does where records come in any order: what was written meanwhile may lie behind the place that was being
    /// read, and no clock is sure enough to tell.
    package var holdsCursor: Bool {
        if plan.cursor?.order == CursorRule.Order.none,
            plan.paging.style != .none || plan.cursor?.format.isTime == false
        {
            return true
        }
        if evidence.order == .broken { return true }
        return plan.mayShift && !isAnchored
    }

    /// Whether the cursor may follow an ascending walk page by page: a record that comes against the order would be
    /// left behind by a crash.
    var movesCursorInside: Bool {
        plan.cursor?.order == .ascending && walk.kind == .incremental && evidence.order == .held && !walk.isUnordered
            && !holdsCursor
    }

    mutating func orderIsBroken() {
        // What the order had let the cursor pass may hide records, also in earlier runs where it was relied on.
        let isLateInsight = evidence.order == .held && plan.cursor?.startsNow == false && options.since == nil
        state.cursor = isLateInsight ? nil : cursorBefore
        if isLateInsight { (evidence.final, evidence.candidate, evidence.candidateSince) = (nil, nil, nil) }
        evidence.order = .broken
        rememberAll()
        if isLateInsight { evidence.forgotten = nil }
        doubt(.order)
    }

    /// The walk from its beginning, by the server's positions: the cursor values reached have hidden records.
    mutating func restartedByPosition() -> WalkPosition {
        readAgain()
        var again = sameWalk()
        again.isUnordered = true
        beginScan()
        return again
    }

    /// A complete walk of several pages came in order: from now on it is relied on.
    mutating func proveOrder() {
        guard let order = plan.cursor?.order, order != .none, !walk.isUnordered, evidence.order == .unknown else {
            return
        }
        // What a resumed walk goes on behind may have shifted away the very place that was out of order.
        guard scan.isWhole || !plan.mayShift else { return }
        if scan.pages > 1, evidence.rises >= limits.rises { evidence.order = .held }
    }

    /// Times that are a little ahead of now are those of a clock; what is dated further ahead is a record of the future.
    mutating func noteSourceClock() {
        guard plan.cursor?.format.isTime == true, let newest = scan.highest else { return }
        let ahead = newest.addingSaturated(-now.nanoseconds)
        if ahead > Self.clockSlack, ahead < Self.clockTolerance {
            doubt(.sourceAhead)
        } else {
            settleDoubt(.sourceAhead)
        }
    }

    /// A cursor ahead of now shows that clocks were ahead when it got there: what came since then may lie before it.
    mutating func clocksWentBack() -> [SyncAction]? {
        guard let cursor = state.cursor, plan.cursor?.format.isTime == true, options.since == nil, !plan.isFeed,
            cursor > now.nanoseconds.addingSaturated(Self.clockSlack)
        else { return nil }
        doubt(.clockWentBack)
        state.cursor = evidence.trail.last { $0 <= now.nanoseconds } ?? now.nanoseconds
        cursorFound = state.cursor
        evidence.trail.removeAll { $0 > now.nanoseconds }
        (evidence.candidate, evidence.candidateSince, evidence.final) = (nil, nil, nil)
        state.walk = nil
        walk = newWalk(pass: 1)
        return beginWalk()
    }
}
