/// Pages: what one that came is, and where the list goes on behind it.
extension SyncMachine {
    mutating func taken(_ page: PageHeads) -> [SyncAction] {
        let keys = page.keys
        switch question {
        case .before(let nothing, let beyond): return pageBefore(nothing, beyond, keys)
        case .below: return pageBelow(keys)
        case .smaller(let count): return smallerPage(page, than: count)
        case .half: return halfPage(keys)
        case .firstHalf(let second): return firstHalf(keys, second)
        case .past where keys.isEmpty, .atOne where keys.isEmpty: return nothingCame(.empty, page)
        case .past(let position) where !guardian.knows(page.marks): return pagePast(position)
        case .atOne: return pageAtOne()
        case .again, .beyond, .skipped, .past, nil: break
        }
        let marks = page.marks
        if walk.position == .first { firstPage = marks }
        if goesBack(page) { return wentBack(marks) }
        if isBelowAnchor(page) { return filterLeaks() }
        if missesAnchor(page) {
            if noteAnchorMiss() { return readByPosition() }
        } else if isAnchoredAtRecord, !keys.isEmpty {
            evidence.anchorMisses = 0
        }
        if isEndOfWalkBefore(marks) {
            question = .again(.repeated)
            return [fetch()]
        }
        if plan.paging.style != .none, guardian.knows(marks) { return nothingCame(.repeated, page) }
        do throws(WalkError) {
            let step = if let foreseen { foreseen } else { try step(after: page, keys) }
            if let nothing = nothing(in: page, keys, step) { return nothingCame(nothing, page) }
            if isWorthASmallerPage(page, step) {
                question = .smaller(than: keys.count)
                return [fetch()]
            }
            return proceed(page, keys, marks, step)
        } catch {
            return walkFailed(error)
        }
    }

    private func isEndOfWalkBefore(_ marks: [Hash128]) -> Bool {
        guard question == nil, walk.position == .first, let end = endBefore else { return false }
        return end.lower == walk.lower && end.marks == marks
    }

    private func step(after page: PageHeads, _ keys: [Hash128]) throws(WalkError) -> PageStep {
        // A page is short where a longer one came before, and none that was short had a successor.
        var sight = ListSight(
            believesEnd: believesEnd(page, keys),
            largestPage: evidence.shortEnd == .held ? max(evidence.largestPage, keys.count) : 0,
            countBefore: scan.isWhole ? scan.records : nil
        )
        sight.believesShort = evidence.shortEnd != .broken
        // The same last page was seen to be one, and has room for more.
        if mark(keys) == evidence.endMark, !isFull(keys.count) { sight.largestPage = .max }
        return try plan.paging.step(after: walk.position, page.facts, sight, base: plan.base)
    }

    /// Nil where the source's own word for an end has yet to be proven.
    private func believesEnd(_ page: PageHeads, _ keys: [Hash128]) -> Bool? {
        switch evidence.declaredEnd {
        // What was true of a list can end with its size: searches stop at ten thousand, and call that page the last one.
        case .held: return isFull(keys.count) && mark(keys) != evidence.endMark ? nil : true
        case .broken: return false
        case .unknown:
            // A page behind it is named: only asking for it shows whether it is there.
            if page.facts.next != nil { return nil }
            if mark(keys) == evidence.endMark, !isFull(keys.count) { return true }
            return scan.promiseKept && keys.count < evidence.largestPage ? true : nil
        }
    }

    private func nothing(in page: PageHeads, _ keys: [Hash128], _ step: PageStep) -> Nothing? {
        guard !keys.isEmpty else {
            // Filtered after it was cut, and naming the next one: followed, whatever it says of its being the last.
            if case .unprovenEnd = step, emptyPages < Self.mostChances { return nil }
            return step.next == nil ? .empty : nil
        }
        guard !plan.paging.makesPositions, plan.paging.style != .none,
            walk.position != .first, page.facts.more == nil, page.facts.next == nil, step == .end,
            isFull(keys.count), mark(keys) != evidence.endMark
        else { return nil }
        return .unnamed
    }

    /// A page with news.
    mutating func proceed(
        _ page: PageHeads,
        _ keys: [Hash128],
        _ marks: [Hash128],
        _ step: PageStep
    ) -> [SyncAction] {
        if question == .again(.unnamed), let count = unnamedCount {
            unnamedCount = nil
            if page.facts.next == nil, keys.count >= count { return failAnew(nextNeverNamed) }
        }
        switch question {
        case .beyond where !keys.isEmpty: endWasNone(page)
        case .again(let nothing) where nothing != .unnamed || step.next != nil: notes.append(.blip)
        case .again, .before, .beyond, .below, .skipped, .smaller, .half, .firstHalf, .past, .atOne, nil: break
        }
        question = nil
        if isShiftedByOne(keys) { return asksBelowAgain() ?? failAnew(wrongFirstPage) }
        if isBehindKeysBelow(keys) { return failAnew(wrongFirstPage) }
        let step = step == .end && asksBehindOnlyPage() ? .unprovenEnd(beyond: behindOnlyPage(keys)) : step
        emptyPages = keys.isEmpty || keys == lastKeys ? emptyPages + 1 : 0
        guard emptyPages <= limits.emptyPages else { return fail(endlesslyAlike) }
        guard keys.isEmpty || readsCursorValues(page) else { return fail(noCursorValues) }
        guardian.note(marks)
        scan.repeatWatch.note(marks)
        guard !scan.repeatWatch.isEndless else { return failAnew(endless) }
        notePage(keys, page)
        switch step {
        case .next(let position):
            return accept(page, next: position)
        case .end:
            evidence.endMark = mark(keys) ?? evidence.endMark
            return accept(page, next: nil)
        case .unprovenEnd(let beyond):
            return accept(page, next: beyond, asking: .beyond)
        }
    }

    private mutating func notePage(_ keys: [Hash128], _ page: PageHeads) {
        scan.left = plan.paging.left(
            walk.position,
            page.facts,
            ListSight(countBefore: scan.isWhole ? scan.records : nil)
        )
        if page.facts.unnamedNext != nil { doubt(.nextNeverSeen) }
        guard !keys.isEmpty else { return }
        switch promise {
        case .said: promiseIsKept(said: true)
        case .named: promiseIsKept(said: false)
        case nil: break
        }
        let isSaid = page.facts.more == true || scan.left ?? 0 > 0
        let isNamed = page.facts.next != nil && page.facts.more != false
        promise = isSaid ? .said : isNamed ? .named : nil
        // Once the word is broken nobody asks what it is worth: that shows in passing.
        if evidence.declaredEnd == .broken, scan.saidEnd { scan.falseEnds += 1 }
        scan.saidEnd = page.facts.more == false
        if !evidence.pagesDiffer { notePagesDiffer(keys) }
        keysBelow?.subtract(keys)
        if scan.pages > 0, Set(lastKeys).isDisjoint(with: keys) {
            pageBelowIsFirst()
            if evidence.pagesDiffer { settleDoubt(.positionUnproven) }
            noteSecondPage(keys)
        }
        if case .after(let before) = walk.position, let last = page.facts.lastField { scan.keyset.note(before, last) }
        // A page's end that lies within several records of one value: behind it come only those of the next.
        if sharesLast { cutsTies = true }
        sharesLast = page.facts.isLastShared && plan.paging.style == .afterLast
        lastKeys = keys
        if page.facts.next != nil { evidence.namesNext = true }
        evidence.largestPage = max(evidence.largestPage, keys.count)
        scan.pages += 1
        scan.records += Int64(keys.count)
        walk.seen += Int64(keys.count)
    }

    /// A server that does not know positions gives its first page again, with a record or two changed meanwhile, or
    /// once with another page's worth of new ones: twice that is no chance. Names of pages come from the server itself.
    private mutating func notePagesDiffer(_ keys: [Hash128]) {
        let few = plan.paging.makesPositions ? 2 : 1
        let pages = min(keys.count, lastKeys.count) > 1 ? few : Self.mostChances
        guard scan.pages >= pages, !lastKeys.isEmpty else { return }
        // A shift shows a few records of the page before once more.
        guard 4 * Set(lastKeys).intersection(keys).count < min(keys.count, lastKeys.count) else { return }
        evidence.pagesDiffer = true
        settleDoubt(.positionUnproven)
    }

    /// A list of two pages never shows a third. Where it is doubted, the same two in the readings of two runs are a
    /// proof: a server that gives its first page to every question has not both of them twice.
    private mutating func noteSecondPage(_ keys: [Hash128]) {
        guard !evidence.pagesDiffer, evidence.doubts(.positionUnproven), scan.pages == 1, walk.pass == 1 else { return }
        let pair = mark(lastKeys + keys)
        guard pair == evidence.secondPage else { return evidence.secondPage = pair }
        evidence.pagesDiffer = true
        settleDoubt(.positionUnproven)
    }

    private mutating func promiseIsKept(said: Bool) {
        if said { scan.promiseKept = true }
        guard let size = plan.paging.size, lastKeys.count == evidence.largestPage, lastKeys.count < size else { return }
        scan.cappedPages += 1
        if scan.cappedPages > Self.mostGrowth { doubt(.cappedPages) }
    }

    /// A list that grows while it is read may end behind its end, by chance, so often.
    static let mostChances = 3

    /// … and so often by as much as it has on a page.
    private static let mostGrowth = 8

    // MARK: Foresight

    /// The page that is asked for next for certain once this one, which has just come, was taken: worth being asked for
    /// while it is still being looked at. What the machine foresees is what it then does.
    package mutating func foresee(_ page: PageHeads) -> PageRequest? {
        guard question == nil, !isAnchored, reading == .fetching, ending == nil, page.facts.count > 0 else {
            return nil
        }
        do throws(WalkError) {
            let step = try step(after: page, page.keys)
            foreseen = step
            guard let next = step.next else { return nil }
            var request = PageRequest(position: next, lower: walk.lower, upper: walk.queryUpper)
            request.mayBeNothing = plan.paging.style != .none
            return request
        } catch {
            // The page itself meets the same error, and says what it means.
            return nil
        }
    }

    // MARK: What is wrong

    private mutating func readsCursorValues(_ page: PageHeads) -> Bool {
        guard plan.cursor != nil else { return true }
        let unreadable = page.records.count { $0.cursor == nil }
        if unreadable < page.records.count { evidence.hasCursorValues = true }
        unreadableValues += Int64(unreadable)
        return evidence.hasCursorValues
    }

    private var noCursorValues: SyncFailure {
        let names = (plan.cursor?.fields ?? []).map { $0.joined(separator: ".") }.joined(separator: ", ")
        let format = plan.cursor?.format.rawValue ?? ""
        return SyncFailure(
            .badAnswer,
            "no record of the page has a value in \(names) that is of the format \(format)",
            hint: "correct `cursor.field` or `cursor.format` in the definition; the cursor stays where it was"
        )
    }
}
