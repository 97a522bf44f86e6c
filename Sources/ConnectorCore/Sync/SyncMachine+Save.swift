/// Checkpoints: what of a run becomes durable, and when.
extension SyncMachine {
    mutating func afterWrite(at monotonic: MonotonicInstant) -> [SyncAction] {
        guard ending == nil else { return settle() }
        guard saving == .resting, isCheckpointDue(at: monotonic) else { return [] }
        lastCheckpoint = monotonic
        return save()
    }

    package mutating func committed() -> [SyncAction] {
        guard saving == .committing, !isFinished else { return [] }
        saving = .resting
        if question == nil { memory.forgetCommitted() }
        guard ending == nil else { return settle() }
        // What came meanwhile does not wait for the page behind it.
        let actions = !isWriting && pendingRecords >= limits.checkpointRecords ? save() : []
        guard isHeld else { return actions }
        isHeld = false
        return actions + [fetch()]
    }

    /// What the next checkpoint will hold.
    package var pendingRecords: Int { memory.pendingCount }

    /// A feed is made durable walk by walk: which event of an object is its last is only known inside a walk.
    private func isCheckpointDue(at monotonic: MonotonicInstant) -> Bool {
        if memory.pendingCount >= limits.checkpointRecords { return true }
        guard !plan.isFeed else { return unsavedBytes >= limits.feedBytes }
        return unsavedBytes >= limits.checkpointBytes || monotonic - lastCheckpoint >= limits.checkpointInterval
    }

    /// The checkpoint of everything written so far, inside a walk.
    mutating func save() -> [SyncAction] {
        if movesCursorInside { moveCursor(to: walk.highest) }
        state.walk = resumable?.encoded
        let range = rangeInsideWalk
        // Newest first, the cursor stays behind what is forgotten until the walk is over.
        if range != nil, plan.cursor?.order == .descending { hasForgotten = true }
        return saveState(forgetting: range)
    }

    /// Where a later run may go on; nil where it can't know what this one was after.
    private var resumable: WalkPosition? {
        guard probe == nil, !leavesGap else { return nil }
        var walk = walk
        if case .past(let position) = question { walk.position = position }
        return walk
    }

    /// The checkpoint between two walks, or at the end.
    mutating func saveBetweenWalks() -> [SyncAction] {
        saveState(forgetting: rangeBetweenWalks)
    }

    private mutating func saveState(forgetting range: Checkpoint.ForgetRange?) -> [SyncAction] {
        let changes = memory.takeChanges(keeping: range)
        state.evidence = evidence.encoded
        var checkpoint = Checkpoint(
            stream: plan.stream,
            state: state,
            run: run,
            remember: changes.remember,
            forget: changes.forget,
            forgetBetween: range
        )
        checkpoint.seen = changes.seen
        if plan.hasTimedEvents {
            checkpoint.gone = changes.gone
            checkpoint.goneUntil = now + WebhookRule.defaultRemember
        }
        guard unsavedBytes > 0 else {
            saving = .committing
            return [.commit(checkpoint)]
        }
        unsavedBytes = 0
        saving = .flushing(checkpoint)
        return [.flush]
    }

    /// Never backwards, and never beyond now: one record dated 2099 must not hide those of the years before.
    mutating func moveCursor(to highest: Int64?) {
        guard let highest, let rule = plan.cursor, !leavesGap, !holdsForEnd else { return }
        let reached = rule.format.isTime ? min(highest, now.nanoseconds) : highest
        let before = state.cursor
        state.cursor = max(state.cursor ?? .min, reached)
        guard state.cursor != before, let cursor = state.cursor, rule.format.isTime else { return }
        evidence.pass(cursor: cursor)
    }

    /// Ties that nothing will be compared with any more. Newest first, two regions are still needed: what the next
    /// walk will reach back to, and where this walk would begin again.
    var rangeInsideWalk: Checkpoint.ForgetRange? {
        // A query that asks further back only to find out about the filter is no measure of what is needed.
        guard memory.mode == .ties, probe == nil, let rule = plan.cursor else { return nil }
        switch rule.order {
        case .ascending:
            guard !walk.isUnordered else { return nil }
            // Before the order is proven the cursor waits, and a crash resumes at the walk's place.
            let reached = evidence.order == .held || holdsCursor ? nil : walk.highest.map { min($0, now.nanoseconds) }
            return highest(state.cursor, reached).flatMap { range(above: .min, below: rule.reach(behind: $0)) }
        case .descending:
            guard !walk.isUnordered, let lowest = walk.lowest, let highest = walk.highest else { return nil }
            let next = max(state.cursor ?? .min, min(highest, now.nanoseconds))
            let above = max(lowest.addingSaturated(rule.granularity), tailFrontier ?? .min)
            return range(above: above, below: rule.reach(behind: next))
        case .none:
            return nil
        }
    }

    private func highest(_ left: Int64?, _ right: Int64?) -> Int64? {
        [left, right].compactMap(\.self).max()
    }

    private var rangeBetweenWalks: Checkpoint.ForgetRange? {
        // A feed's own events are like ties: no walk goes back beyond its reach.
        guard memory.mode == .ties || plan.isFeed, let rule = plan.cursor, let cursor = state.cursor else { return nil }
        // What a look behind an open end shows first.
        return range(above: tailFrontier ?? .min, below: rule.reach(behind: cursor))
    }

    private func range(above: Int64, below: Int64) -> Checkpoint.ForgetRange? {
        above < below ? Checkpoint.ForgetRange(above: above, below: below) : nil
    }
}
