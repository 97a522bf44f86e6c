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

    /// The list has no more pages. An answer that says so by repeating itself might have come from a shift: such a walk
    /// is followed by another.
    mutating func endReached(_ nothing: Nothing) -> [SyncAction] {
        question = nil
        if let mark = mark(lastKeys) {
            if nothing == .repeated, mark != evidence.endMark { walk.fresh = max(walk.fresh, 1) }
            evidence.endMark = mark
        }
        return accept(PageHeads(records: [], facts: PageFacts(count: 0)), next: nil)
    }

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
