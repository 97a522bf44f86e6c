/// Pages: what one that came is, and where the list goes on behind it.
extension SyncMachine {
    mutating func taken(_ page: PageHeads) -> [SyncAction] {
        let keys = page.records.map(\.key)
        switch question {
        case .before(let nothing, let beyond): return pageBefore(nothing, beyond, keys)
        case .below: return pageBelow(keys)
        case .smaller(let count): return smallerPage(page, than: count)
        case .half: return halfPage(keys)
        case .again, .beyond, nil: break
        }
        if goesBack(page) { return lostPosition(WalkError.startedOver.explanation) }
        do throws(WalkError) {
            let step = try step(after: page, keys)
            if let nothing = try nothing(in: page, keys, step) { return nothingCame(nothing, page) }
            if isWorthASmallerPage(page, step) {
                question = .smaller(than: keys.count)
                return [fetch()]
            }
            return proceed(page, keys, step)
        } catch {
            return walkFailed(error)
        }
    }

    private func step(after page: PageHeads, _ keys: [Hash128]) throws(WalkError) -> PageStep {
        // A page is short where a longer one came before, and none that was short had a successor.
        var sight = ListSight(
            believesEnd: believesEnd(page, keys),
            largestPage: evidence.shortEnd == .held ? max(evidence.largestPage, keys.count) : 0,
            countBefore: scan.isWhole ? scan.records : nil
        )
        sight.believesShort = evidence.shortEnd != .broken
        // The same last page was seen to be one.
        if mark(keys) == evidence.endMark { sight.largestPage = .max }
        return try plan.paging.step(after: walk.position, page.facts, sight, base: plan.base)
    }

    /// Nil where the source's own word for an end has yet to be proven.
    private func believesEnd(_ page: PageHeads, _ keys: [Hash128]) -> Bool? {
        switch evidence.declaredEnd {
        case .held: return true
        case .broken: return false
        case .unknown:
            if mark(keys) == evidence.endMark { return true }
            return scan.promiseKept && keys.count < evidence.largestPage ? true : nil
        }
    }

    private func nothing(in page: PageHeads, _ keys: [Hash128], _ step: PageStep) throws(WalkError) -> Nothing? {
        guard !keys.isEmpty else { return step.next == nil ? .empty : nil }
        if repeatsLastPage(page, keys) || guardian.knows(keys) {
            guard plan.paging.countsPages || question == .beyond else { throw .startedOver }
            return .repeated
        }
        let isUnnamed = !plan.paging.countsPages && plan.paging.style != .none && page.facts.more == nil
        if isUnnamed, page.facts.next == nil, step == .end, walk.position != .first, isFull(keys.count),
            mark(keys) != evidence.endMark, plan.paging.style != .afterLast
        {
            return .unnamed
        }
        return nil
    }

    /// A page with news.
    mutating func proceed(_ page: PageHeads, _ keys: [Hash128], _ step: PageStep) -> [SyncAction] {
        switch question {
        case .beyond where !keys.isEmpty: endWasNone(page)
        case .again(let nothing) where nothing != .unnamed || step.next != nil: notes.append(.blip)
        case .again, .before, .beyond, .below, .smaller, .half, nil: break
        }
        question = nil
        if isBehindKeysBelow(keys) { return fail(wrongFirstPage) }
        emptyPages = keys.isEmpty ? emptyPages + 1 : 0
        guard emptyPages <= limits.emptyPages else { return fail(endlesslyEmpty) }
        guard keys.isEmpty || readsCursorValues(page) else { return fail(noCursorValues) }
        guardian.note(keys)
        notePage(keys, page)
        switch step {
        case .next(let position):
            return accept(page, next: position)
        case .end:
            evidence.endMark = mark(keys) ?? evidence.endMark
            return accept(page, next: nil)
        case .unprovenEnd(let beyond):
            let actions = accept(page, next: beyond)
            if walk.position == beyond, ending == nil { question = .beyond }
            return actions
        }
    }

    private mutating func notePage(_ keys: [Hash128], _ page: PageHeads) {
        scan.left = plan.paging.left(
            walk.position,
            page.facts,
            ListSight(countBefore: scan.isWhole ? scan.records : nil)
        )
        guard !keys.isEmpty else { return }
        switch promise {
        case .said: promiseIsKept(said: true)
        case .named: promiseIsKept(said: false)
        case nil: break
        }
        let isSaid = page.facts.more == true || scan.left ?? 0 > 0
        promise = isSaid ? .said : page.facts.next == nil ? nil : .named
        lastKeys = keys
        if page.facts.next != nil { evidence.namesNext = true }
        evidence.largestPage = max(evidence.largestPage, keys.count)
        scan.pages += 1
        if scan.pages > 1 { evidence.pagesDiffer = true }
        scan.records += Int64(keys.count)
        walk.seen += Int64(keys.count)
    }

    private mutating func promiseIsKept(said: Bool) {
        if said { scan.promiseKept = true }
        guard let size = plan.paging.size, lastKeys.count == evidence.largestPage, lastKeys.count < size else { return }
        scan.cappedPages += 1
        if scan.cappedPages > Self.mostChances { doubt(.cappedPages) }
    }

    /// A list that grows while it is read may end behind its end, by chance, so often.
    static let mostChances = 3

    // MARK: Foresight

    /// The page that is asked for next for certain after one with these facts: worth being asked for while that one is
    /// still being looked at.
    package func foreseen(_ facts: PageFacts) -> PageRequest? {
        guard question == nil, !isAnchored, reading == .fetching, ending == nil, facts.count > 0 else { return nil }
        let sight = ListSight(
            believesEnd: evidence.declaredEnd == .held ? true : evidence.declaredEnd == .broken ? false : nil,
            largestPage: max(evidence.largestPage, facts.count),
            countBefore: scan.isWhole ? scan.records : nil
        )
        do throws(WalkError) {
            let step = try plan.paging.step(after: walk.position, facts, sight, base: plan.base)
            guard let next = step.next else { return nil }
            return PageRequest(position: next, lower: walk.lower, upper: walk.queryUpper)
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
