/// Whether the first page is the first one, whether it names a next one, and whether the server knows positions.
extension SyncMachine {
    // MARK: Beginnings

    /// Asked before the first readings of a list of numbered pages, or of one whose offset begins at 1: one that is counted
    /// from 0 has a page, or a record, that nobody would ask for.
    var isPageBelowUnknown: Bool {
        plan.paging.countsPages && plan.paging.first == 1 && !evidence.hasNoPageBefore && walk.position == .first
    }

    /// The page with the number 0, or the offset 0.
    var positionBelow: PagePosition { plan.paging.style == .offset ? .offset(-1) : .page(plan.paging.first - 1) }

    mutating func pageBelow(_ keys: [Hash128]) -> [SyncAction] {
        keysBelow = Set(keys)
        beginningBelow = Array(keys.prefix(2))
        return [beginReading()]
    }

    /// An offset of 0 that gives what 1 does, and a record before it: the server counts from 0. Twice, since the first record
    /// may have gone, or moved on, just now.
    mutating func isShiftedByOne(_ keys: [Hash128]) -> Bool {
        guard plan.paging.style == .offset, keysBelow != nil, walk.position == .first, scan.pages == 0,
            !isAnchoredAtRecord, beginningBelow.count == 2,
            keys.first == beginningBelow[1], !keys.contains(beginningBelow[0])
        else { return false }
        return true
    }

    /// Asks for both once more; nil: that was done.
    mutating func asksBelowAgain() -> [SyncAction]? {
        guard !wasShiftedByOne else { return nil }
        (wasShiftedByOne, keysBelow) = (true, nil)
        question = .below
        return [fetch()]
    }

    /// Nothing is there, or nobody knows: then it is asked again another time.
    mutating func noPageBelow(_ failure: SyncFailure) -> [SyncAction] {
        if failure.kind == .gone || failure.kind == .refused { nothingCameBelow() }
        return [beginReading()]
    }

    /// Two such answers are no blip.
    private mutating func nothingCameBelow() {
        evidence.hasNoPageBefore = evidence.sawNoPageBefore
        evidence.sawNoPageBefore = true
    }

    private mutating func beginReading() -> SyncAction {
        question = nil
        return fetch()
    }

    /// The page before is another one: it shares no record with the first.
    mutating func isBehindKeysBelow(_ keys: [Hash128]) -> Bool {
        guard let below = keysBelow, walk.position == .first else { return false }
        guard !below.isEmpty else {
            keysBelow = nil
            if !keys.isEmpty { nothingCameBelow() }
            return false
        }
        // A part of its records may have moved on from it just now: then they are in the list.
        sharesBelow = below == Set(keys)
        return below.isDisjoint(with: keys)
    }

    /// Whether records of page 0 came nowhere in the reading, for the second time: they are no part of what is read.
    mutating func lacksKeysBelow() -> Bool {
        guard let left = keysBelow else { return false }
        keysBelow = nil
        defer { evidence.lackedBelow = !left.isEmpty }
        return !left.isEmpty && evidence.lackedBelow
    }

    /// Page 0 is page 1 where the list goes on, or ends, behind it: twice, since a list may shift by a page. Of a list with
    /// one page a server that counts from 0 may have given its last page for the one behind.
    mutating func pageBelowIsFirst() {
        guard sharesBelow else { return }
        sharesBelow = false
        nothingCameBelow()
    }

    func behindOnlyPage(_ keys: [Hash128]) -> PagePosition {
        plan.paging.style == .offset ? .offset(Int64(keys.count)) : .page(2)
    }

    /// Asked once: what stands behind the only page.
    mutating func asksBehindOnlyPage() -> Bool {
        guard sharesBelow, walk.position == .first, !evidence.sharedBelow else { return false }
        evidence.sharedBelow = true
        return true
    }

    var wrongFirstPage: SyncFailure {
        SyncFailure(
            .badAnswer,
            plan.paging.style == .offset
                ? "the list has a record at offset 0, before the first one that is asked for"
                : "the page with number 0 has records that the first page, number 1, does not have",
            hint: "write `first: 0` in `paging`; the cursor stays where it was"
        )
    }

    // MARK: Names of pages

    func isWorthASmallerPage(_ page: PageHeads, _ step: PageStep) -> Bool {
        guard case .end = step, question == nil, walk.position == .first, scan.pages == 0, !evidence.namesNext,
            !evidence.ignoresSize, evidence.declaredEnd != .held
        else { return false }
        return [.token, .link, .linkHeader].contains(plan.paging.style) && plan.paging.size != nil
            && page.facts.next == nil && page.records.count > 1
    }

    mutating func smallerPage(_ page: PageHeads, than count: Int) -> [SyncAction] {
        if page.facts.next != nil {
            evidence.namesNext = true
        } else if page.records.count >= count {
            // Once it may be an old answer.
            guard sizeWasIgnored else {
                sizeWasIgnored = true
                question = .smaller(than: count)
                return [fetch()]
            }
            evidence.ignoresSize = true
            // By chance the list has just so many records; or there is more that nobody can ask for.
            if plan.paging.size == Int64(count) { doubt(.nextNeverSeen) }
        } else if !page.records.isEmpty {
            // Unless one of the records has gone since.
            unnamedCount = count
        }
        // Asked for once more as it was, and believed.
        question = .again(.unnamed)
        return [fetch()]
    }

    /// The page of half the size that lies within the last page, behind its first half.
    var secondHalf: PagePosition {
        guard case .page(let number) = walk.position else { return walk.position }
        let (size, half) = (Int64(lastKeys.count), Int64(lastKeys.count / 2))
        let before = (number - 1 - plan.paging.first) * size
        return .page(plan.paging.first + (before + half + half - 1) / half)
    }

    /// A page of half the size lies within the last one: a server that knows the parameter shows its end.
    mutating func halfPage(_ keys: [Hash128]) -> [SyncAction] {
        let half = lastKeys.prefix(lastKeys.count / 2)
        // The size is ignored, and two pages differed: those behind say whether it was the first page that changed.
        if keys.count >= lastKeys.count, scan.pages > 1 { return askPast() }
        guard !keys.isEmpty, keys.count < lastKeys.count, Set(half).isDisjoint(with: keys) else {
            return failAnew(positionIgnored)
        }
        guard plan.paging.style == .page else { return positionsCount() }
        question = .firstHalf(keys)
        return [fetch()]
    }

    /// A list that has changed its order just now may look as if it had pages.
    mutating func firstHalf(_ keys: [Hash128], _ second: [Hash128]) -> [SyncAction] {
        Set(keys).isDisjoint(with: second) ? positionsCount() : failAnew(positionIgnored)
    }

    private mutating func positionsCount() -> [SyncAction] {
        evidence.pagesDiffer = true
        // Behind several pages the one that came again may be one from a cache.
        return scan.pages > 1 ? askPast() : endReached(.repeated)
    }

    var nextNeverNamed: SyncFailure {
        SyncFailure(
            .badAnswer,
            "a page with fewer records than the list has names no next one",
            hint: "correct `paging.next` in the definition; the cursor stays where it was"
        )
    }

    var positionIgnored: SyncFailure {
        SyncFailure(
            .badAnswer,
            "the server answers the second page with the first one",
            hint: "correct `paging.parameter`, or `paging.first`; the cursor stays where it was"
        )
    }
}
