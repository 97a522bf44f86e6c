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
        /// Page 1 is page 0 again, as servers have it that count from 1; is there a page 2?
        case skipped
        /// The first page is full and names no next one: does a smaller one?
        case smaller(than: Int)
        /// The second page is the first one: does the server know the parameter?
        case half
        /// A second page of half the size shows these: does the first one show others?
        case firstHalf([Hash128])
        /// A page is one that came before; is there another one behind it?
        case past(PagePosition)
        /// Page 0 is empty, and nothing ever came; is there a page 1?
        case atOne
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

    // MARK: Ends

    /// A few more records may have come just now; full pages show that the word means something else.
    mutating func endWasNone(_ page: PageHeads) {
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

    var lastWasShort: Bool { plan.paging.size.map { lastKeys.count < $0 } ?? false }

    /// Whether a failure may mean that the list has no such page.
    func nothing(in failure: SyncFailure) -> Nothing? {
        guard walk.position != .first, let status = failure.status, !failure.isLocal else { return nil }
        if question == .beyond || question == .atOne, failure.kind == .gone || failure.kind == .refused {
            return .status(status)
        }
        guard plan.paging.countsPages || isAsking else { return nil }
        switch status {
        case 404, 416: return .status(status)
        case 400 where !isFull(lastKeys.count) && !lastKeys.isEmpty: return .status(status)
        default: return plan.paging.pastEnd.contains(status) ? .status(status) : nil
        }
    }

    /// Whether the page under way may be one that is not there, whatever form the answer takes.
    var mayBeNothing: Bool {
        question == .below || walk.position != .first && plan.paging.style != .none
    }

    private var isAsking: Bool {
        switch question {
        case .again(.status), .before(.status, beyond: _): true
        case .again, .before, .beyond, .below, .skipped, .smaller, .half, .firstHalf, .past, .atOne, nil: false
        }
    }

    mutating func nothingCame(_ nothing: Nothing, _ page: PageHeads? = nil) -> [SyncAction] {
        if nothing == .repeated, let page, leadsInCircles(page) {
            guard question == .again(.repeated) else {
                question = .again(.repeated)
                return [fetch()]
            }
            return evidence.pagesDiffer ? walkFailed(.startedOver) : failAnew(positionIgnored)
        }
        if nothing == .repeated, isNumberedFromOne {
            question = .skipped
            walk.position = .page(2)
            return [fetch()]
        }
        switch question {
        case .skipped:
            walk.position = .page(1)
            question = .again(.repeated)
            return cameTwice(.repeated, page)
        case .beyond where nothing == .repeated && !evidence.pagesDiffer && isFull(lastKeys.count):
            question = .again(nothing)
            return [fetch()]
        case .beyond:
            // Only of a reading from the first page on it is known that what came behind a promise was news.
            if scan.promiseKept, scan.falseEnds == 0, scan.isWhole { evidence.declaredEnd = .held }
            let isShort = lastWasShort && lastKeys.count < evidence.largestPage
            if isShort, scan.isWhole, scan.falseEnds == 0, evidence.shortEnd == .unknown { evidence.shortEnd = .held }
            return endReached(nothing, isPart: page.map { $0.records.count < lastKeys.count } ?? false)
        case .again:
            return cameTwice(nothing, page)
        case .past(let position):
            walk.position = position
            return endReached(.repeated)
        case .atOne:
            walk.position = .first
            return endReached(.empty)
        case .before(_, let beyond):
            walk.position = beyond
            return lostPosition("the list shifted while it was read")
        case .below, .smaller, .half, .firstHalf, nil:
            guard isWorthAsking(nothing) else { return endReached(nothing) }
            question = .again(nothing)
            return [fetch()]
        }
    }

    /// What a page named as the next one is an earlier page, and names a next one itself.
    private func leadsInCircles(_ page: PageHeads) -> Bool {
        guard page.facts.next != nil, page.facts.more != false || evidence.declaredEnd != .held,
            walk.position != lastPosition
        else { return false }
        switch plan.paging.style {
        case .token, .link, .linkHeader: return true
        case .none, .page, .offset, .afterLast: return false
        }
    }

    /// A list that is declared to begin at page 0, whose page 1 repeats it.
    private var isNumberedFromOne: Bool {
        guard plan.paging.style == .page, plan.paging.first == 0, walk.position == .page(1) else { return false }
        switch question {
        case nil, .beyond: return true
        case .again, .before, .below, .skipped, .smaller, .half, .firstHalf, .past, .atOne: return false
        }
    }

    /// Where the page before does not show by itself that nothing follows.
    private func isWorthAsking(_ nothing: Nothing) -> Bool {
        switch nothing {
        case .unnamed: return true
        // A server that does not know positions gives the same page for each.
        case .repeated where !evidence.pagesDiffer && isFull(lastKeys.count): return true
        case .status: return mark(lastKeys) == nil || mark(lastKeys) != evidence.endMark
        case .empty, .repeated:
            // What nothing is known of yet may be having a bad moment; windows are passed by a later run.
            if walk.position == .first {
                return scan.pages == 0 && (walk.kind == .full && walk.windowEnd == nil || evidence.largestPage == 0)
            }
            if let mark = mark(lastKeys), mark == evidence.endMark { return false }
            if nothing == .repeated { return true }
            return !plan.paging.makesPositions || isFull(lastKeys.count) || scan.left ?? 0 > 0
        }
    }

    private mutating func cameTwice(_ nothing: Nothing, _ page: PageHeads?) -> [SyncAction] {
        switch nothing {
        case .unnamed:
            question = nil
            guard let page else { return endReached(.empty) }
            return proceed(page, page.keys, page.marks, .end)
        case .empty where mayBeginAtOne:
            question = .atOne
            walk.position = .page(1)
            return [fetch()]
        case .empty:
            if missesAnchor(nil), noteAnchorMiss() { return readByPosition() }
            return endReached(nothing)
        case .repeated: return repeatedTwice(page)
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

    /// A list that is declared to begin at page 0, which is empty, and of which nothing ever came.
    private var mayBeginAtOne: Bool {
        plan.paging.style == .page && plan.paging.first == 0 && walk.position == .first && evidence.largestPage == 0
    }

    private mutating func repeatedTwice(_ page: PageHeads?) -> [SyncAction] {
        // A next page that the server names itself is no end.
        guard plan.paging.countsPages else {
            // … unless it names no further one.
            if evidence.pagesDiffer, page?.facts.next == nil { return endReached(.repeated) }
            if plan.paging.style == .afterLast, scan.pages > 1 {
                // Its first page may have changed as a whole, or the last record come once more.
                doubt(.positionUnproven)
                return endReached(.repeated)
            }
            return evidence.pagesDiffer ? walkFailed(.startedOver) : failAnew(positionIgnored)
        }
        // A part of what came before was pushed over the page's end.
        if page?.records.count ?? 0 < lastKeys.count { return endReached(.repeated, isPart: true) }
        if !isFull(lastKeys.count) { return endReached(.repeated) }
        if evidence.pagesDiffer, !isOnlyPage { return askPast() }
        // A server that does not know the parameter answers with its first page, too.
        guard canBeHalved, lastKeys.count > 1 else {
            // The first time it may have come from a shift.
            if mark(lastKeys) == evidence.endMark { doubt(.positionUnproven) }
            return endReached(.repeated)
        }
        question = .half
        return [fetch()]
    }

    /// A page from a cache stands in the list's middle as well as at its end.
    mutating func askPast() -> [SyncAction] {
        guard mark(lastKeys) != evidence.endMark, let next = positionBehind else { return endReached(.repeated) }
        question = .past(walk.position)
        walk.position = next
        return [fetch()]
    }

    private var positionBehind: PagePosition? {
        switch walk.position {
        case .page(let number): .page(number + 1)
        case .offset(let offset): .offset(offset + Int64(lastKeys.count))
        case .first, .after, .token, .link: nil
        }
    }

    /// The answer to `past`, with records that are news: so many came in front that a page moved by its whole length, or
    /// it is one from a cache.
    mutating func pagePast(_ position: PagePosition) -> [SyncAction] {
        walk.position = position
        let words = "the server answers a page in the middle of the list with the page before it"
        guard !hasRereadForPast else {
            let hint = "a cache may stand between, or `paging` does not fit; the cursor stays where it was"
            return failAnew(SyncFailure(.badAnswer, words, hint: hint))
        }
        hasRereadForPast = true
        restarts += 1
        restartWalk()
        beginScan()
        return [.note(.restarted(words)), fetch()]
    }

    /// The answer to `atOne`, with records.
    mutating func pageAtOne() -> [SyncAction] {
        let words = "the page with number 0 is empty, and the one with number 1 is not"
        return failAnew(
            SyncFailure(.badAnswer, words, hint: "write `first: 1` in `paging`; the cursor stays where it was")
        )
    }

    /// The first page of a query is no other than the second: servers that know positions may ignore them beside a filter.
    private var isOnlyPage: Bool {
        scan.pages == 1 && canBeHalved && lastKeys.count > 1 && mark(lastKeys) != evidence.endMark
    }

    private var canBeHalved: Bool {
        switch plan.paging.style {
        case .page: plan.paging.size != nil
        case .offset: true
        case .none, .afterLast, .token, .link, .linkHeader: false
        }
    }

    mutating func pageBefore(_ nothing: Nothing, _ beyond: PagePosition, _ keys: [Hash128]) -> [SyncAction] {
        walk.position = beyond
        guard Set(keys) == Set(lastKeys) else {
            question = nil
            return lostPosition("the list shifted while it was read")
        }
        walk.isPatchy = true
        doubt(.endByError)
        return endReached(nothing)
    }

    /// The list has no more pages. An answer that says so by repeating itself might have come from a shift, and one that
    /// shows nothing where a page was promised from a fault: such a walk is followed by another. `isPart`: it repeats only
    /// some of the last page's records, as a shift does.
    mutating func endReached(_ nothing: Nothing, isPart: Bool = false) -> [SyncAction] {
        question = nil
        if walk.position == .first, isBehindKeysBelow([]) { return failAnew(wrongFirstPage) }
        if nothing != .repeated { pageBelowIsFirst() }
        if sharesLast, isFull(lastKeys.count), scan.left != 0 { cutsTies = true }
        scan.endsOddly = nothing != .empty || promise != nil
        if let mark = mark(lastKeys) {
            let contradicts = nothing == .repeated || promise != nil
            if contradicts, mark != evidence.endMark, !endsSeen.contains(mark), endsSeen.count < Self.mostEnds {
                endsSeen.insert(mark)
                readAgain()
                walk.isPatchy = true
            } else if nothing == .repeated, isFull(lastKeys.count), !lastWasShort, !isPart {
                if scan.pages == 1, !canBeHalved {
                    // A list of one page, and a server that knows no positions, look the same.
                    doubt(.positionUnproven)
                } else if evidence.endRepeated {
                    doubt(.endByError)
                }
                // Once a shift by a whole page looks like that.
                evidence.endRepeated = true
            } else if nothing == .empty {
                evidence.endRepeated = false
                settleDoubt(.endByError)
                settleDoubt(.positionUnproven)
                mendDeclaredEnd()
            }
            evidence.endMark = mark
        }
        return accept(PageHeads(records: [], facts: PageFacts(count: 0)), next: nil)
    }

    /// A list that grew behind its end again and again, while it was read, looks like one whose word is worth nothing:
    /// a whole reading in which only the last page called itself so takes that back, and the word is to be proven anew.
    private mutating func mendDeclaredEnd() {
        guard evidence.declaredEnd == .broken, scan.isWhole, scan.promiseKept, scan.saidEnd, scan.falseEnds == 0 else {
            return
        }
        evidence.declaredEnd = .unknown
        settleDoubt(.declaredEnd)
    }

    /// Each window of a list has an end of its own.
    private static let mostEnds = 10_000

    /// Whether a page has as many records as the server gives: more may follow.
    func isFull(_ count: Int) -> Bool {
        let size = plan.paging.size.map { Int(clamping: $0) } ?? .max
        return count >= min(size, max(evidence.largestPage, 1))
    }

    func mark(_ keys: [Hash128]) -> UInt64? {
        guard !keys.isEmpty else { return nil }
        return keys.reduce(UInt64(keys.count)) { ($0 &* 0x0000_0100_0000_01B3) ^ $1.low ^ ($1.high &* 3) }
    }
}
