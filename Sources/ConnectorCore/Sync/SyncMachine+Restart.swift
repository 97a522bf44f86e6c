/// A position that is lost: how a walk notices it, and where it begins again.
extension SyncMachine {
    /// Newest first, a page in the middle shows records from where this walk's memory is gone already.
    func goesBack(_ page: PageHeads) -> Bool {
        guard walk.position != .first, plan.cursor?.order == .descending, let gone = rangeInsideWalk else {
            return false
        }
        return page.records.contains { $0.cursor.map(gone.holds) ?? false }
    }

    /// Once it may be an old answer, or a server that began its list again. The same page twice, with nothing of the
    /// list's first one, shows that the list does not come newest first: then what is forgotten has to be read again. A
    /// resumed walk does not know the first one yet, but whether it has jumped before.
    mutating func wentBack(_ marks: [Hash128]) -> [SyncAction] {
        let isElsewhere = firstPage.isEmpty ? walk.hasJumped : Set(firstPage).isDisjoint(with: marks)
        guard pageThatWentBack == marks, isElsewhere else {
            // However often other pages were lost before.
            let isFirstTime = pageThatWentBack != marks && walk.hasJumped
            pageThatWentBack = marks
            return lostPosition(WalkError.startedOver.explanation, asksAgain: isFirstTime)
        }
        orderIsBroken()
        replaceWalk(by: restartedByPosition())
        return [fetch()]
    }

    var endlesslyAlike: SyncFailure {
        SyncFailure(
            .badAnswer,
            "\(emptyPages) pages in a row were empty, or bore the keys of the page before, and each promised another",
            hint: "correct `key`, `paging.more` or `paging.next` in the definition; the cursor stays where it was"
        )
    }

    var endless: SyncFailure {
        SyncFailure(
            .badAnswer,
            "page after page shows only records that came before in the same reading",
            hint: "correct `paging.parameter` or `paging.more`, or ask for a sort that tells all records apart; the "
                + "cursor stays where it was"
        )
    }

    /// The server can't, or does not, go on from where we are. The first time the page is asked for again, then the
    /// walk begins anew: behind what it has delivered where the order allows it, else from its start.
    mutating func lostPosition(_ reason: String, asksAgain: Bool = false) -> [SyncAction] {
        restarts += 1
        question = nil
        // What comes next may be any place of the list.
        (scan.highest, scan.lowest, scan.front) = (nil, nil, nil)
        guard restarts <= limits.restarts || asksAgain && restarts <= 2 * limits.restarts else {
            restartWalk()
            return fail(
                SyncFailure(
                    .positionLost,
                    "\(reason), \(restarts) times",
                    hint: "the list was begun again each time; if it stays so, `paging` does not fit this server"
                )
            )
        }
        if restarts > 1 && !asksAgain || walk.position == .first { restartWalk() }
        if walk.position == .first { beginScan() } else { guardian = CycleGuard() }
        return [.note(.restarted(reason)), fetch()]
    }

    mutating func restartWalk() {
        walk.position = .first
        lastKeys = []
        settledObjects = [:]
        guard let cursor = plan.cursor, !walk.isUnordered, !holdsCursor else { return }
        switch cursor.order {
        case .ascending: beginBehind(highest: cursor)
        case .descending: beginBefore(lowest: cursor)
        case .none: break
        }
    }

    private mutating func beginBehind(highest cursor: CursorRule) {
        guard walk.kind == .incremental, cursor.filtersLower, let highest = walk.highest else { return }
        walk.lower = max(walk.lower ?? .min, cursor.reach(behind: highest))
    }

    private mutating func beginBefore(lowest cursor: CursorRule) {
        // Where it has jumped, what lies above its lowest value was not all read.
        guard cursor.filtersUpper, !walk.hasJumped, let lowest = walk.lowest else { return }
        let behind = cursor.floored(lowest).addingSaturated(cursor.granularity)
        walk.frontier = min(walk.frontier ?? behind, behind)
    }
}
