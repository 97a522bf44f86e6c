/// Where a list ends: the strongest evidence wins, and what looks like an end without being one costs no record.
extension SyncMachine {
    /// What the request under way is to find out.
    enum Question: Sendable, Equatable {
        /// There was nothing; is there, when it is asked again?
        case again(Nothing)
        /// The page before called itself the last one; is it?
        case beyond
        /// Is there a page before the first one?
        case below
        /// The first page is full and names no next one: does a smaller one?
        case smaller(than: Int)
        /// The second page is the first one: does the server know the parameter?
        case half
        /// There was nothing twice, behind a full page: does the page before stand?
        case before(Nothing, beyond: PagePosition)
    }

    /// An answer that brings no page.
    enum Nothing: Sendable, Equatable {
        case empty
        /// Records of an earlier page of this walk, and none besides.
        case repeated
        /// A page that is full, and names no next one where those before it did.
        case unnamed
        case status(Int)
    }

    // MARK: Pages

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
    private mutating func proceed(_ page: PageHeads, _ keys: [Hash128], _ step: PageStep) -> [SyncAction] {
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
    private static let mostChances = 3

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

    // MARK: Ends

    /// A few more records may have come just now; full pages show that the word means something else.
    private mutating func endWasNone(_ page: PageHeads) {
        if page.records.count >= evidence.largestPage { scan.falseEnds += 1 }
        guard scan.falseEnds > Self.mostChances else { return }
        if lastWasShort, plan.paging.shortPage == .end {
            evidence.shortEnd = .broken
            doubt(.cappedPages)
        } else {
            evidence.declaredEnd = .broken
            doubt(.declaredEnd)
        }
    }

    private var lastWasShort: Bool { plan.paging.size.map { lastKeys.count < $0 } ?? false }

    /// Whether a failure may mean that the list has no such page.
    func nothing(in failure: SyncFailure) -> Nothing? {
        guard walk.position != .first, let status = failure.status, !failure.isLocal else { return nil }
        if question == .beyond, failure.kind == .gone || failure.kind == .refused { return .status(status) }
        guard plan.paging.countsPages || isAsking else { return nil }
        switch status {
        case 404, 416: return .status(status)
        case 400 where !isFull(lastKeys.count) && !lastKeys.isEmpty: return .status(status)
        default: return plan.paging.pastEnd.contains(status) ? .status(status) : nil
        }
    }

    /// Whether the page under way may be one that is not there, whatever form the answer takes.
    package var mayBeNothing: Bool {
        question == .below || walk.position != .first && (plan.paging.countsPages || question != nil)
    }

    private var isAsking: Bool {
        switch question {
        case .again(.status), .before(.status, beyond: _): true
        case .again, .before, .beyond, .below, .smaller, .half, nil: false
        }
    }

    mutating func nothingCame(_ nothing: Nothing, _ page: PageHeads? = nil) -> [SyncAction] {
        switch question {
        case .beyond:
            if scan.promiseKept, scan.falseEnds == 0 { evidence.declaredEnd = .held }
            let isShort = lastWasShort && lastKeys.count < evidence.largestPage
            if isShort, scan.falseEnds == 0, evidence.shortEnd == .unknown { evidence.shortEnd = .held }
            return endReached(nothing)
        case .again:
            return cameTwice(nothing, page)
        case .before(_, let beyond):
            walk.position = beyond
            return lostPosition("the list shifted while it was read")
        case .below, .smaller, .half, nil:
            guard isWorthAsking(nothing) else { return endReached(nothing) }
            question = .again(nothing)
            return [fetch()]
        }
    }

    /// Where the page before does not show by itself that nothing follows.
    private func isWorthAsking(_ nothing: Nothing) -> Bool {
        switch nothing {
        case .unnamed: return true
        case .status: return mark(lastKeys) == nil || mark(lastKeys) != evidence.endMark
        case .empty, .repeated:
            // The cursor will pass an empty window.
            if walk.position == .first {
                return scan.pages == 0 && (hasNextWindow || walk.kind == .full || evidence.largestPage == 0)
            }
            if let mark = mark(lastKeys), mark == evidence.endMark { return false }
            if nothing == .repeated { return true }
            let isNamed = !plan.paging.countsPages && plan.paging.style != .afterLast
            return isNamed || isFull(lastKeys.count) || scan.left ?? 0 > 0
        }
    }

    private mutating func cameTwice(_ nothing: Nothing, _ page: PageHeads?) -> [SyncAction] {
        switch nothing {
        case .unnamed:
            question = nil
            guard let page else { return endReached(.empty) }
            return proceed(page, page.records.map(\.key), .end)
        case .empty: return endReached(nothing)
        case .repeated:
            // A server that does not know the parameter answers with its first page, too.
            if evidence.pagesDiffer || !isFull(lastKeys.count) { return endReached(nothing) }
            guard plan.paging.style == .page, let size = plan.paging.size, size > 1 else {
                return fail(positionIgnored)
            }
            question = .half
            return [fetch()]
        case .status:
            guard isFull(lastKeys.count) || lastKeys.isEmpty, scan.left.map({ $0 > 0 }) ?? true else {
                return endReached(nothing)
            }
            guard let lastPosition, !lastKeys.isEmpty else {
                question = nil
                return lostPosition("the server refuses the page that it was at")
            }
            question = .before(nothing, beyond: walk.position)
            walk.position = lastPosition
            return [fetch()]
        }
    }

    private mutating func pageBefore(_ nothing: Nothing, _ beyond: PagePosition, _ keys: [Hash128]) -> [SyncAction] {
        walk.position = beyond
        guard Set(keys) == Set(lastKeys) else {
            question = nil
            return lostPosition("the list shifted while it was read")
        }
        walk.isPatchy = true
        doubt(.endByError)
        return endReached(nothing)
    }

    // MARK: Beginnings

    /// Asked once, before a list of numbered pages is read for the first time: one that is counted from 0 has a page
    /// that nobody would ask for.
    var isPageBelowUnknown: Bool {
        plan.paging.style == .page && plan.paging.first == 1 && !evidence.hasNoPageBefore && !evidence.pagesDiffer
            && walk.position == .first && walk.pass == 1
    }

    private mutating func pageBelow(_ keys: [Hash128]) -> [SyncAction] {
        keysBelow = Set(keys)
        return [beginReading()]
    }

    /// Nothing is there, or nobody knows: then it is asked again another time.
    mutating func noPageBelow(_ failure: SyncFailure) -> [SyncAction] {
        if failure.kind == .gone || failure.kind == .refused { evidence.hasNoPageBefore = true }
        return [beginReading()]
    }

    private mutating func beginReading() -> SyncAction {
        question = nil
        return fetch()
    }

    /// The page before is another one: where both share a record they are the same page.
    private mutating func isBehindKeysBelow(_ keys: [Hash128]) -> Bool {
        guard let below = keysBelow else { return false }
        keysBelow = nil
        guard !below.isEmpty, !keys.isEmpty, below.isDisjoint(with: keys) else {
            evidence.hasNoPageBefore = true
            return false
        }
        return true
    }

    private var wrongFirstPage: SyncFailure {
        SyncFailure(
            .badAnswer,
            "the page with number 0 has records that the first page, number 1, does not have",
            hint: "write `first: 0` in `paging`; the cursor stays where it was"
        )
    }

    // MARK: Names of pages

    private func isWorthASmallerPage(_ page: PageHeads, _ step: PageStep) -> Bool {
        guard case .end = step, question == nil, walk.position == .first, !evidence.namesNext, scan.pages == 0 else {
            return false
        }
        guard [.token, .link, .linkHeader].contains(plan.paging.style), page.facts.more == nil,
            let size = plan.paging.size, page.facts.next == nil
        else { return false }
        let count = page.records.count
        return count > 1 && count >= size && mark(page.records.map(\.key)) != evidence.endMark
    }

    private mutating func smallerPage(_ page: PageHeads, than count: Int) -> [SyncAction] {
        let isSmaller = page.records.count < count && !page.records.isEmpty
        if page.facts.next != nil {
            evidence.namesNext = true
        } else if isSmaller {
            return fail(nextNeverNamed)
        } else {
            doubt(.nextNeverSeen)
        }
        // Asked for once more as it was, and believed.
        evidence.endMark = mark(page.records.map(\.key))
        question = .again(.unnamed)
        return [fetch()]
    }

    /// A second page of half the size lies within the first one: a server that knows the parameter shows its end.
    private mutating func halfPage(_ keys: [Hash128]) -> [SyncAction] {
        let half = lastKeys.prefix(lastKeys.count / 2)
        guard !keys.isEmpty, keys.count < lastKeys.count, Set(half).isDisjoint(with: keys) else {
            return fail(positionIgnored)
        }
        evidence.pagesDiffer = true
        return endReached(.repeated)
    }

    private var nextNeverNamed: SyncFailure {
        SyncFailure(
            .badAnswer,
            "a page with fewer records than the list has names no next one",
            hint: "correct `paging.next` in the definition; the cursor stays where it was"
        )
    }

    // MARK: Ends of lists

    /// The list has no more pages. An answer that says so by repeating itself might have come from a shift: such a walk
    /// is followed by another.
    private mutating func endReached(_ nothing: Nothing) -> [SyncAction] {
        question = nil
        if let mark = mark(lastKeys) {
            if nothing == .repeated, mark != evidence.endMark { walk.fresh = max(walk.fresh, 1) }
            evidence.endMark = mark
        }
        return accept(PageHeads(records: [], facts: PageFacts(count: 0)), next: nil)
    }

    /// Whether a page has as many records as the server gives: more may follow.
    private func isFull(_ count: Int) -> Bool {
        let size = plan.paging.size.map { Int(clamping: $0) } ?? .max
        return count >= min(size, max(evidence.largestPage, 1))
    }

    private func mark(_ keys: [Hash128]) -> UInt64? {
        guard !keys.isEmpty else { return nil }
        return keys.reduce(UInt64(keys.count)) { ($0 &* 0x0000_0100_0000_01B3) ^ $1.low ^ ($1.high &* 3) }
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

    private var positionIgnored: SyncFailure {
        SyncFailure(
            .badAnswer,
            "the server answers the second page with the first one",
            hint: "correct `paging.parameter`, or `paging.first`; the cursor stays where it was"
        )
    }

    // MARK: Doubts

    mutating func doubt(_ kind: Doubt.Kind, count: Int64? = nil) {
        if evidence.doubt(kind, count: count) { notes.append(.doubt(Doubt(kind, count: count))) }
    }

    mutating func settleDoubt(_ kind: Doubt.Kind) {
        if evidence.settle(kind) { notes.append(.settled(kind)) }
    }
}
