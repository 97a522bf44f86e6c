/// Walks: where one begins, what follows its end, and how a run is over.
extension SyncMachine {
    /// How far an empty window may lag behind now before the cursor passes it: no two clocks differ by more.
    static let clockTolerance: Int64 = 86_400 * 1_000_000_000

    /// No page is under way for longer than this: transfers time out before.
    static let longestAnswer: Int64 = 600 * 1_000_000_000

    /// Clocks that differ by less are taken for equal: the next walk finds what lies between.
    static let clockSlack: Int64 = 60 * 1_000_000_000

    /// Full walks are numbered; what the walk sees bears its number.
    var walkGeneration: Int64 { state.generation + 1 }

    /// The walk that a crash or a stop left behind. An ascending one begins again at its cursor, and one that has
    /// seen nothing is not worth resuming. A resumed walk is always followed by a closing one.
    func resumedWalk() -> WalkPosition? {
        // A feed's events are settled newest first: without those of the pages before, older ones would count.
        guard options == SyncOptions(), !plan.isFeed, let text = state.walk, var walk = WalkPosition(encoded: text)
        else { return nil }
        let resumesAtCursor =
            plan.cursor?.order == .ascending && walk.kind == .incremental && evidence.order == .held && !holdsCursor
        guard !resumesAtCursor || walk.isUnordered else { return nil }
        guard walk.position != .first || walk.highest != nil else { return nil }
        guard walk.kind == .full || plan.cursor != nil else { return nil }
        walk.fresh = max(walk.fresh, 1)
        walk.unknown = max(walk.unknown, 1)
        walk.pass = 1
        // Noted once more at the end.
        if walk.windowEnd == nil { walk.openEnd = nil }
        return walk
    }

    func newWalk(pass: Int) -> WalkPosition {
        guard let rule = plan.cursor else { return WalkPosition(kind: .full, pass: pass) }
        if isFullWalkDue(pass: pass) {
            return fullWalk(rule, pass: pass)
        }
        return window(
            WalkPosition(kind: .incremental, lower: lowerBound(rule, pass: pass), upper: upperBound(rule), pass: pass)
        )
    }

    /// A full walk confirms itself: what it did not see is only gone when a second one does not see it either.
    private func isFullWalkDue(pass: Int) -> Bool {
        guard memory.mode == .all, !plan.isFeed else { return false }
        if pass > 1 { return walk.kind == .full }
        if options.full || options.acceptsDeletes { return true }
        guard let resync = plan.resync, options.since == nil else { return false }
        guard let last = state.lastFullWalk else { return true }
        return now - last >= resync || confirmsNext
    }

    /// Without bounds: a delivered record that a bound leaves out would look deleted. Where the source answers windows
    /// only, the last one ends later than any clock.
    private func fullWalk(_ rule: CursorRule, pass: Int) -> WalkPosition {
        guard rule.window != nil, let start = rule.start else { return WalkPosition(kind: .full, pass: pass) }
        let end = rule.floored(now.nanoseconds.addingSaturated(Self.clockTolerance)).addingSaturated(rule.granularity)
        return window(WalkPosition(kind: .full, lower: start, upper: end, pass: pass))
    }

    private func lowerBound(_ rule: CursorRule, pass: Int) -> Int64? {
        guard rule.filtersLower else { return nil }
        if pass == 1 {
            if options.full { return rule.start }
            if let since = options.since { return rule.floored(since) }
        }
        guard let cursor = probe == nil ? state.cursor : cursorAtStart else { return rule.start }
        // What lies before a final value can't change any more.
        let reach = rule.reach(behind: cursor)
        let lower = evidence.final.map { max(reach, min(rule.floored($0), rule.floored(cursor))) } ?? reach
        guard let back = probe.map({ probeReach($0.step) }) ?? 0, evidence.filterReach < .max else { return rule.start }
        return lower.addingSaturated(-evidence.filterReach).addingSaturated(-back)
    }

    /// The end of the source's current step is included: what else arrives in it is within the next walk's reach.
    private func upperBound(_ rule: CursorRule) -> Int64? {
        guard rule.filtersUpper, rule.format.isTime else { return nil }
        // A cursor beyond now shows that the source's clock is ahead of ours.
        let latest = max(now.nanoseconds, state.cursor ?? .min).addingSaturated(-rule.lag)
        return rule.floored(latest).addingSaturated(rule.granularity)
    }

    /// The answers showed that the source's clock is ahead of where the first walk ended: what lies between is unseen.
    /// Later walks know that clock.
    private var endsBeforeNow: Bool {
        guard walk.pass == 1, let upper = walk.upper, let rule = plan.cursor else { return false }
        // Small differences are those of equal clocks, unless the cursor shows that the source's is ahead.
        let slack = state.cursor ?? .min >= walk.started ?? .max ? 0 : Self.clockSlack
        return now.nanoseconds.addingSaturated(-rule.lag) >= upper.addingSaturated(slack)
    }

    private func window(_ walk: WalkPosition) -> WalkPosition {
        guard let span = plan.cursor?.window, let lower = walk.lower, let upper = walk.upper else { return walk }
        var windowed = walk
        windowed.windowEnd = min(lower.addingSaturated(span), upper)
        return windowed
    }

    /// Carries the ending on as soon as nothing is under way.
    mutating func settle() -> [SyncAction] {
        guard let ending, saving == .resting, !isWriting, reading == .resting, !isFinished else { return [] }
        switch ending {
        case .walk:
            noteOpenEnd()
            guard walk.kind == .full, memory.mode == .all, !hasNextWindow else { return endWalk() }
            self.ending = .unseen
            return save()
        case .unseen:
            return lookForUnseen()
        case .counting, .lookingUp:
            return []
        case .deletions:
            self.ending = .unseen
            return save()
        case .nextWalk where isStopping:
            close(.interrupted, nil)
            return saveBetweenWalks()
        case .nextWalk:
            self.ending = nil
            return told(beginWalk())
        case .run(let outcome, let failure):
            close(outcome, failure)
            return save()
        case .over(let outcome, let failure):
            return finish(outcome, failure)
        }
    }

    mutating func endWalk() -> [SyncAction] {
        if lacksKeysBelow() { return failAnew(wrongFirstPage) }
        if let next = nextWindow() {
            walk = next
            ending = .nextWalk
            return save()
        }
        if walk.isTail { return endTail() }
        if let probing = probing() {
            walk = probing
            ending = .nextWalk
            return save()
        }
        clearSuspects()
        // A list that shifts may have hidden what it lacks; one that can't has shown all there is.
        let mayHide = hasMissing && plan.mayShift && walk.pass == 1
        let goesOn = hasNews && !standsStill || mayHide || isShortOfTotal || endsBeforeNow || repeatsOnce
        hasRepeated = repeatsRecords && walk.fresh == 0
        let isLast = !goesOn || walk.pass >= limits.passes
        let waits = holdsCursor
        proveOrder()
        // What changed in the last of many readings may lie beyond what came unseen meanwhile.
        let reached = !goesOn && walk.fresh > 0 ? lowest(walk.highest, highestBefore) : walk.highest
        if !waits || !goesOn { moveCursor(to: reached) }
        highestBefore = walk.highest
        noteTail()
        if !goesOn { noteComplete() }
        if walk.kind == .full {
            state.generation = walkGeneration
            state.lastFullWalk = now
        }
        guard isLast else {
            walk = newWalk(pass: walk.pass + 1)
            state.walk = walk.kind == .full || waits ? walk.encoded : nil
            ending = .nextWalk
            return saveBetweenWalks()
        }
        state.walk = nil
        keepOpenEnd()
        close(.succeeded, nil)
        if goesOn { notes.append(.stillChanging(passes: walk.pass)) }
        return saveBetweenWalks()
    }

    private func lowest(_ left: Int64?, _ right: Int64?) -> Int64? {
        [left, right].compactMap(\.self).min()
    }

    /// This walk once more from its beginning: what it brought so far stays counted.
    func sameWalk() -> WalkPosition {
        var again = newWalk(pass: walk.pass)
        (again.started, again.fresh, again.unknown) = (walk.started, walk.fresh, walk.unknown)
        return again
    }

    /// Another walk follows this one, whatever else it brings.
    mutating func readAgain() {
        walk.fresh = max(walk.fresh, 1)
        walk.unknown = max(walk.unknown, 1)
    }

    /// Records that change in every reading are no reason for ever more of them: only such as never came before are.
    private var hasNews: Bool { walk.pass < Self.mostReadings ? walk.fresh > 0 : walk.unknown > 0 }

    /// Readings of a list in which known records change each time.
    private static let mostReadings = 4

    /// A list that was read whole behind a field that it is sorted by: nothing can have moved to where it was read.
    private var standsStill: Bool {
        plan.cursor == nil && walk.pass == 1 && scan.isWhole && restarts == 0 && !walk.isPatchy
            && scan.keyset.isSorted(by: limits.rises)
    }

    /// A record that came in front while the list was read pushes another over a page's end, and is news to the next
    /// reading; where that has no news either, the pages overlap by themselves.
    private var repeatsOnce: Bool { repeatsRecords && !hasRepeated }

    /// Fewer records came than the source counts: once more, since a list that shifted may have hidden them.
    private var isShortOfTotal: Bool { walk.pass == 1 && missingOfTotal > 0 && missingOfTotal != evidence.totalGap }

    var missingOfTotal: Int64 { max(scan.left ?? 0, 0) }

    /// Nothing is left to read.
    private mutating func noteComplete() {
        if !holdsForEnd, evidence.tails.isEmpty { evidence.completeAt = now }
        let gap = missingOfTotal
        if gap > 0 {
            noteGap(gap)
        } else if scan.left != nil, !holdsAtEnds || walk.lower ?? .min <= evidence.gapLower ?? .min {
            // Where the cursor may have passed what was lacking, only a reading of all that shows that it is whole.
            (evidence.totalGap, evidence.gapLower) = (nil, nil)
            settleDoubt(.total)
        }
        if repeatsRecords {
            doubt(.unstableOrder, count: Int64(scan.repeats))
        } else if !isRestarted {
            settleDoubt(.unstableOrder)
        }
        if unreadableValues > 0 { doubt(.cursorValues, count: unreadableValues) }
        if severalKeys > 0 { doubt(.duplicateKeys, count: severalKeys) }
        if losesTies || severalKeys > 0 && plan.paging.style == .afterLast {
            doubt(.keysetNotUnique)
        } else if walk.lower == nil, scan.isWhole {
            settleDoubt(.keysetNotUnique)
        }
        if let cursor = state.cursor, cursor <= now.nanoseconds { settleDoubt(.clockWentBack) }
        noteSourceClock()
        if !isEndOpen { noteFinal() }
    }

    /// What a reading of more lacked counts until such a reading fits.
    private mutating func noteGap(_ gap: Int64) {
        let isWider = evidence.totalGap != nil && evidence.gapLower ?? .min < walk.lower ?? .min
        guard !isWider || !holdsAtEnds else { return }
        (evidence.totalGap, evidence.gapLower) = (gap, walk.lower)
        doubt(.total, count: gap)
    }

    /// A record can appear behind a value for as long as the lookback says. What a reading saw that began later than
    /// that after the value came is final.
    private mutating func noteFinal() {
        guard let rule = plan.cursor, rule.format.isTime, rule.lookback > 0 else { return }
        if let candidate = evidence.candidate, let since = evidence.candidateSince, let started = walk.started,
            started >= since.nanoseconds.addingSaturated(rule.lookback)
        {
            // A single answer may be an old one.
            if evidence.candidateSeen || run.pages > 1 {
                evidence.final = max(evidence.final ?? candidate, candidate)
                (evidence.candidate, evidence.candidateSince) = (nil, nil)
            }
            evidence.candidateSeen = true
        }
        if evidence.candidate == nil, let cursor = state.cursor, cursor > evidence.final ?? .min {
            (evidence.candidate, evidence.candidateSince, evidence.candidateSeen) = (cursor, now, false)
        }
        // Clocks went back: nothing is known of how long ago that was.
        if let since = evidence.candidateSince, since > now { evidence.candidateSince = now }
    }

    var hasNextWindow: Bool {
        guard let end = walk.windowEnd, let upper = walk.upper else { return false }
        return end < upper
    }

    /// The window after this one, where a window cuts the span. The cursor passes an empty window once it is old.
    private mutating func nextWindow() -> WalkPosition? {
        guard hasNextWindow, let end = walk.windowEnd, let upper = walk.upper, let span = plan.cursor?.window else {
            return nil
        }
        if !holdsCursor {
            moveCursor(to: walk.highest)
            passWindow(until: min(end, now.nanoseconds.addingSaturated(-Self.clockTolerance)))
        }
        noteTail()
        var next = walk
        next.lower = end
        next.windowEnd = min(end.addingSaturated(span), upper)
        next.position = .first
        next.frontier = nil
        next.lowest = nil
        next.hasJumped = false
        next.sweepFresh = 0
        if memory.mode == .ties { next.openEnd = nil }
        return next
    }

    /// An empty window may be a source that has a bad hour: the cursor passes it once another run finds it empty, too.
    private mutating func passWindow(until end: Int64) {
        guard scan.records == 0 else { return moveCursor(to: end) }
        if let before = emptyBefore, end <= before { moveCursor(to: end) }
        evidence.emptyUntil = max(evidence.emptyUntil ?? end, end)
    }

    private mutating func close(_ outcome: RunRecord.Outcome, _ failure: SyncFailure?) {
        run.ended = now
        run.outcome = outcome
        run.error = failure?.description
        ending = .over(outcome, failure)
    }

    private mutating func finish(_ outcome: RunRecord.Outcome, _ failure: SyncFailure?) -> [SyncAction] {
        isFinished = true
        if let failure { return [.finish(.failed(run, failure))] }
        return [.finish(outcome == .interrupted ? .interrupted(run) : .succeeded(run))]
    }
}
