/// Deletions by absence: what complete readings of two runs lack, counted before it is believed.
extension SyncMachine {
    /// After a full walk: first what an earlier run missed already, then whether anything is missing for the first time.
    mutating func lookForUnseen() -> [SyncAction] {
        if let deletesFrom {
            ending = .lookingUp
            return [.findUnseen(generation: deletesFrom, limit: limits.deleteBatch)]
        }
        guard let missing = confirmable else {
            ending = .lookingUp
            return [.findUnseen(generation: walkGeneration, limit: 1)]
        }
        ending = .counting
        return [.countUnseen(generation: missing.generation)]
    }

    /// Whether the walk showed all there is.
    private var isGround: Bool {
        !walk.isPatchy && missingOfTotal == 0 && !repeatsRecords && !isRestarted && !losesTies && !isResumed
    }

    /// A list that moved while it was read, or whose order is another one for each page: others may be on no page. What
    /// a reading showed before it was begun again is no repetition.
    var repeatsRecords: Bool { walk.kind == .full && scan.repeats > 0 && !isRestarted }

    var isRestarted: Bool { restarts > restartsBefore }

    /// An earlier process read the list's beginning, and since then records may have moved there.
    private var isResumed: Bool { !scan.isWhole && plan.mayShift }

    /// Pages were cut within records of one value, and no total shows that all came.
    var losesTies: Bool { cutsTies && scan.left != 0 }

    /// Only a later run's reading confirms, once, and not right after the first one. Of a list that shifts it is the
    /// second of that run: a record that changed place during one reading is on none of its pages.
    private var confirmable: StreamEvidence.Missing? {
        guard let missing = missingBefore, !hasCountedUnseen, isGround, walk.pass > 1 || !plan.mayShift else {
            return nil
        }
        if options.acceptsDeletes { return missing }
        guard !isEndNew else { return nil }
        guard !missing.isEmpty || walk.seen == 0, now - missing.since >= plan.deletes.after else { return nil }
        return missing
    }

    /// The answer to `countUnseen`.
    package mutating func unseenCounted(_ count: Int64, of remembered: Int64) -> [SyncAction] {
        guard ending == .counting, !isFinished, let missing = missingBefore else { return [] }
        ending = .lookingUp
        hasCountedUnseen = true
        // An empty reading confirms nothing.
        let isHeld = walk.seen == 0 && count > 0 || plan.deletes.holds(count, of: remembered)
        if !options.acceptsDeletes, isHeld {
            doubt(.deletesHeld, count: count)
            return told([.findUnseen(generation: walkGeneration, limit: 1)])
        }
        settleDoubt(.deletesHeld)
        evidence.missing = nil
        deletesFrom = missing.generation
        let generation = count > 0 ? missing.generation : walkGeneration
        return told([.findUnseen(generation: generation, limit: count > 0 ? limits.deleteBatch : 1)])
    }

    /// The answer to `findUnseen`: records that no walk saw since `generation`.
    package mutating func unseenFound(_ records: [DeliveredRecord], since generation: Int64) -> [SyncAction] {
        guard ending == .lookingUp, !isFinished else { return [] }
        guard generation == deletesFrom else {
            hasMissing = !records.isEmpty
            deletesFrom = nil
            noteMissing()
            return told(endWalk())
        }
        guard !records.isEmpty else {
            deletesFrom = nil
            return [.findUnseen(generation: walkGeneration, limit: 1)]
        }
        for record in records { memory.forget(record.key, of: plan.stream, at: walk.started) }
        run.deletes += Int64(records.count)
        ending = .deletions
        isWriting = true
        return [.writeDeletes(records)]
    }

    private mutating func noteMissing() {
        guard hasMissing else {
            evidence.missing = nil
            settleDoubt(.deletesHeld)
            return
        }
        guard isGround, evidence.missing.map({ $0.isEmpty && walk.seen > 0 }) ?? true else { return }
        evidence.missing = StreamEvidence.Missing(
            generation: walkGeneration,
            since: Instant(nanoseconds: walk.started ?? now.nanoseconds),
            isEmpty: walk.seen == 0
        )
    }

    /// Whether the next scheduled run reads everything, to confirm what this one lacked.
    var confirmsNext: Bool {
        guard let missing = evidence.missing, !evidence.doubts(.deletesHeld) else { return false }
        return now - missing.since >= plan.deletes.after
    }
}
