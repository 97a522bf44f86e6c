/// What of a page is new: compared with the memory, record by record.
extension SyncMachine {
    mutating func judge(_ page: PageHeads) -> [Delivery] {
        memory.pageBegins()
        noteShown(page)
        if memory.mode == .ties, leaks(page) {
            // Ties from below the bound are forgotten: without the memory of all they would come with every run.
            memory.rememberAll()
            evidence.remembersAll = true
            doubt(.filterIgnored)
        }
        let deliveries = memory.mode == .ties && !plan.isFeed ? judgeTies(page) : judgeOneByOne(page)
        if let range = rangeInsideWalk { memory.prune(range) }
        return deliveries
    }

    private mutating func judgeOneByOne(_ page: PageHeads) -> [Delivery] {
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(page.records.count)
        var seen = Set<Hash128>(minimumCapacity: page.records.count)
        var watch = OrderWatch(scan, mayShift: plan.mayShift)
        let sight = plan.cursor.map(sight)
        let (lower, forgotten) = (lowestAsked, lowestRememberedOfAll)
        defer { pageWasWatched(watch) }
        let (mayStandStill, generation) = (!plan.isFeed, rowGeneration)
        for (index, head) in page.records.enumerated() {
            let isRepeated = !seen.insert(head.key).inserted
            if mayStandStill, flips.isEmpty,
                let before = memory.unchanged(head, hasCursor: sight != nil, generation: generation)
            {
                if before == generation { scan.repeats += 1 }
                if let sight { observe(head.cursor, sight, isKnown: true, isNew: false, &watch) }
                if let cursor = head.cursor, cursor < lower { doubt(.filterIgnored) }
                continue
            }
            let known = memory.known(head)
            if known == nil, let cursor = head.cursor, cursor < forgotten {
                if let sight { observe(cursor, sight, isKnown: true, isNew: false, &watch) }
                continue
            }
            let delivery =
                plan.isFeed
                ? judgeEvent(head, isNews: known == nil, at: index)
                : judgeRecord(head, known, at: index, isRepeated: isRepeated, hasCursor: sight != nil)
            // Beside an anchor, what has changed is no repetition that a shift explains.
            let isKnown = known != nil && (delivery == nil || spotCheck == nil)
            if let sight { observe(head.cursor, sight, isKnown: isKnown, isNew: delivery != nil, &watch) }
            if let cursor = head.cursor, cursor < lower { doubt(.filterIgnored) }
            if let delivery { deliveries.append(delivery) }
        }
        return deliveries
    }

    /// The same without anything that large ordered lists do not need: this is where their records pass.
    private mutating func judgeTies(_ page: PageHeads) -> [Delivery] {
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(page.records.count)
        var watch = OrderWatch(scan, mayShift: plan.mayShift)
        let sight = plan.cursor.map(sight)
        let stream = plan.stream
        let forgotten = lowestRemembered
        defer { pageWasWatched(watch) }
        for index in page.records.indices {
            let (key, content, cursor) = page.records[index].identity
            if let cursor, cursor < forgotten {
                if let sight { observe(cursor, sight, isKnown: true, isNew: false, &watch) }
                continue
            }
            // Without a cursor value it is never pruned, and so never delivered again.
            let judged = memory.takeTie(key, content: content, cursor: cursor ?? .max)
            let isNew = isNews(judged, key, content, cursor ?? .max)
            if let sight { observe(cursor, sight, isKnown: judged != .new, isNew: isNew, &watch) }
            if isNew { deliveries.append(Delivery(index: index, stream: stream)) }
        }
        walk.fresh += Int64(deliveries.count)
        run.records += Int64(deliveries.count)
        return deliveries
    }

    /// Whether the server shows what lies before the bound that it was asked for.
    private func leaks(_ page: PageHeads) -> Bool {
        guard walk.kind == .incremental, walk.windowEnd == nil, let lower = walk.lower,
            cursorAtStart != nil || walk.pass > 1
        else { return false }
        return page.records.contains { $0.cursor.map { $0 < lower } ?? false }
    }

    /// What lies before it was delivered and forgotten: it is only asked for to learn what the filter leaves out.
    private var lowestRemembered: Int64 {
        guard let rule = plan.cursor, let cursor = cursorFound, options == SyncOptions(), !walk.isTail else {
            return .min
        }
        return rule.reach(behind: cursor)
    }

    /// The same where all is remembered, but has not been from the beginning.
    private var lowestRememberedOfAll: Int64 {
        guard let forgotten = evidence.forgotten, walk.kind == .incremental, !plan.isFeed else { return .min }
        return min(forgotten, lowestRemembered)
    }

    /// Goes over from ties to all: what lies below is delivered, and forgotten for good.
    mutating func rememberAll() {
        guard memory.mode == .ties else { return }
        evidence.forgotten = lowestRemembered > .min ? lowestRemembered : nil
        memory.rememberAll()
    }

    /// All before it was delivered by earlier walks: a server that ignores the filter must not repeat it. Filters that
    /// know days only are no trouble, and windows may share what lies between them.
    private var lowestAsked: Int64 {
        guard walk.kind == .incremental, walk.windowEnd == nil, let rule = plan.cursor, let lower = walk.lower else {
            return .min
        }
        return rule.floored(lower).addingSaturated(rule.format.isTime ? -Self.clockTolerance : 0)
    }

    private mutating func isNews(
        _ judged: DeliveredMemory.Sight,
        _ key: Hash128,
        _ content: Hash128,
        _ cursor: Int64
    ) -> Bool {
        switch judged {
        case .new:
            walk.unknown += 1
            return true
        case .changed(let before, let inReading):
            var isSeveral = inReading && comesOnce(cursor)
            if case .several = turn(of: key, from: before, to: content) { isSeveral = true }
            if isSeveral {
                severalKeys += 1
                let contents = Set((flips[key] ?? []).map(\.content) + [before, content])
                memory.tieStandsForSeveral(key, contents, cursor: cursor)
            }
            return true
        case .known: return false
        case .oneOfSeveral(let isNew):
            severalKeys += 1
            return isNew
        }
    }

    private mutating func judgeRecord(
        _ head: RecordHead,
        _ known: DeliveredRecord?,
        at index: Int,
        isRepeated: Bool,
        hasCursor: Bool
    ) -> Delivery? {
        var record = remembered(head, hasCursor: hasCursor)
        if let known {
            if known.content == .several || isRepeated && known.content != head.content {
                return judgeOneOfSeveral(head, known, record, at: index)
            }
            if known.content == head.content {
                if memory.mode == .all, known.generation == record.generation { scan.repeats += 1 }
                if noteStay(head.key, head.content) { return standsForSeveral(head, known, record) }
                if memory.mode == .all, known.generation < record.generation {
                    record.keyText = record.keyText ?? known.keyText
                    memory.confirm(record, knownAs: known)
                }
                return nil
            }
            switch turn(of: head.key, from: known.content, to: head.content) {
            case .several(let isNew):
                _ = standsForSeveral(head, known, record)
                return isNew ? deliver(at: index) : nil
            case .back:
                suspects.insert(head.key)
                return nil
            case .change: break
            }
        }
        memory.remember(record, of: plan.stream)
        if known == nil { walk.unknown += 1 }
        return deliver(at: index)
    }

    private mutating func deliver(at index: Int) -> Delivery {
        walk.fresh += 1
        run.records += 1
        return Delivery(index: index, stream: plan.stream)
    }

    /// Found out by its turns: all its contents of this run were delivered.
    private mutating func standsForSeveral(
        _ head: RecordHead,
        _ known: DeliveredRecord,
        _ record: DeliveredRecord
    ) -> Delivery? {
        severalKeys += 1
        suspects.remove(head.key)
        var variant = record
        variant.keyText = nil
        for content in Set((flips[head.key] ?? []).map(\.content) + [known.content, head.content]) {
            (variant.key, variant.content) = (head.key.variant(content), content)
            memory.remember(variant, of: plan.stream)
        }
        (variant.key, variant.content) = (head.key, .several)
        memory.remember(variant, of: plan.stream)
        return nil
    }

    /// A key that stands for several records at once: each of their contents is news once.
    private mutating func judgeOneOfSeveral(
        _ head: RecordHead,
        _ known: DeliveredRecord,
        _ record: DeliveredRecord,
        at index: Int
    ) -> Delivery? {
        severalKeys += 1
        var variant = record
        variant.keyText = nil
        if known.content != .several || known.generation < record.generation {
            var mark = variant
            mark.content = .several
            memory.remember(mark, of: plan.stream)
        }
        if known.content != .several {
            var first = variant
            (first.key, first.content) = (head.key.variant(known.content), known.content)
            memory.remember(first, of: plan.stream)
        }
        guard memory.knownVariant(head) == nil else { return nil }
        variant.key = head.key.variant(head.content)
        memory.remember(variant, of: plan.stream)
        return deliver(at: index)
    }

    /// Whether a record with this cursor value can't have come before in the same reading, with another content: what
    /// changes meanwhile moves to the list's newest end.
    private func comesOnce(_ cursor: Int64) -> Bool {
        guard let rule = plan.cursor, !walk.isUnordered, evidence.order != .broken else { return false }
        if rule.order == .descending { return true }
        guard rule.format.isTime, let started = walk.started else { return false }
        return cursor < started.addingSaturated(-Self.clockTolerance)
    }

    private enum Turn {
        /// A change like any other.
        case change
        /// Back to what an earlier reading showed before the present content; whether that is still there, too, shows
        /// in the rest of this reading.
        case back
        /// Both contents stand in this reading, as they did in an earlier one. `isNew`: this one was not delivered yet.
        case several(isNew: Bool)
    }

    /// Keys whose contents take turns in every reading stand for several records, wherever the pages put them.
    private mutating func turn(of key: Hash128, from before: Hash128, to content: Hash128) -> Turn {
        var past = flips[key] ?? []
        guard !past.isEmpty || flips.count < Self.mostFlips else { return .change }
        if past.isEmpty { past.append(Flip(scan: scans, content: before, isStored: true)) }
        defer {
            past.append(Flip(scan: scans, content: content))
            flips[key] = past.suffix(Self.mostTurns)
        }
        // Ties are of lists that show each record once a reading: away from what was stored, and back to it.
        guard memory.mode == .all else {
            return past.contains { $0.isStored && $0.scan == scans && $0.content == content }
                ? .several(isNew: false) : .change
        }
        guard !cleared.contains(key) else { return .change }
        // More contents than anyone follows, in one reading: no record changes that often.
        let turns = past.count { $0.scan == scans }
        let isNew = !past.contains { $0.content == content }
        if turns > Self.mostTurns / 2 { return .several(isNew: isNew) }
        // Away from what was stored and back to it, within one reading that shows each record once.
        let wasStored = past.contains { $0.isStored && $0.content == content }
        if !plan.mayShift, wasStored { return .several(isNew: false) }
        guard past.contains(where: { $0.content == content && $0.scan < scans }) else { return .change }
        return past.contains { $0.content == before && $0.scan == scans } ? .several(isNew: false) : .back
    }

    /// A content that did not change: it counts for keys that have changed in this run.
    private mutating func noteStay(_ key: Hash128, _ content: Hash128) -> Bool {
        guard !flips.isEmpty, flips[key] != nil else { return false }
        flips[key, default: []].append(Flip(scan: scans, content: content))
        return suspects.remove(key) != nil
    }

    /// Those that are still suspected at a reading's end have changed back; another reading delivers them.
    mutating func clearSuspects() {
        guard !suspects.isEmpty else { return }
        cleared.formUnion(suspects)
        suspects = []
        readAgain()
    }

    /// Keys whose changes are followed within a run, and how many of each.
    private static let mostFlips = 10_000
    private static let mostTurns = 32

    private func remembered(_ head: RecordHead, hasCursor: Bool) -> DeliveredRecord {
        DeliveredRecord(
            key: head.key,
            content: head.content,
            cursor: head.rowCursor(hasCursor),
            generation: rowGeneration,
            keyText: head.keyText
        )
    }

    private var rowGeneration: Int64 { walk.kind == .full ? walkGeneration : state.generation }

    /// An event is news once; what it carries is delivered unless a newer event, or the same content, was before it.
    private mutating func judgeEvent(_ event: RecordHead, isNews: Bool, at index: Int) -> Delivery? {
        if isNews {
            memory.remember(remembered(event, hasCursor: plan.cursor != nil), of: plan.stream)
            walk.fresh += 1
            walk.unknown += 1
        }
        guard let routed = event.routed else { return nil }
        // Events that are no news settle their objects all the same: what is older than they are is stale.
        let time = event.cursor ?? 0
        guard settles(routed, at: time), isNews else { return nil }
        let known = memory.known(routed)
        // Also of a deletion: under its name another record may have been made since.
        if let known, isOlder(time, than: known) { return nil }
        return routed.isDelete
            ? judgeDeletion(routed, known, time: time, at: index) : judgeObject(routed, known, time: time, at: index)
    }

    /// A list's value that is yet to come, or can't be read, is no time of a change.
    private func isOlder(_ time: Int64, than known: DeliveredRecord) -> Bool {
        plan.cursor != nil && known.cursor > time
            && known.cursor <= now.nanoseconds.addingSaturated(Self.clockSlack)
    }

    /// Newest first, the first event of an object is its last.
    private mutating func settles(_ routed: RoutedHead, at time: Int64) -> Bool {
        guard plan.cursor?.order == .descending else { return true }
        let object = SettledObject(stream: routed.stream, key: routed.key)
        if let settled = settledObjects[object], settled >= time { return false }
        settledObjects[object] = time
        return true
    }

    private mutating func judgeDeletion(
        _ routed: RoutedHead,
        _ known: DeliveredRecord?,
        time: Int64,
        at index: Int
    ) -> Delivery? {
        // Also where it never came: an older event must not make it.
        memory.forget(routed.key, of: routed.stream, at: plan.cursor?.format.isTime == true ? time : nil)
        guard known != nil else { return nil }
        run.deletes += 1
        return Delivery(index: index, operation: .delete, stream: routed.stream)
    }

    private mutating func judgeObject(
        _ routed: RoutedHead,
        _ known: DeliveredRecord?,
        time: Int64,
        at index: Int
    ) -> Delivery? {
        let record = DeliveredRecord(
            key: routed.key,
            content: routed.content,
            cursor: time,
            generation: known?.generation ?? routed.generation,
            keyText: routed.keyText
        )
        memory.remember(record, of: routed.stream)
        guard known?.content != routed.content else { return nil }
        run.records += 1
        return Delivery(index: index, stream: routed.stream)
    }

    /// The highest value that the cursor may take over from a record. What the source writes from the walk's beginning
    /// on shows at least that time, less the lookback, and may appear behind the place that is being read while later
    /// records still come: a cursor that followed those would pass it by. The next walk takes them over.
    private func ceiling(_ rule: CursorRule) -> Int64 {
        guard rule.format.isTime else { return .max }
        return min(now.nanoseconds, walk.started ?? .max).addingSaturated(-rule.lag)
    }

    /// What of the cursor's rule every record is held against.
    private struct Sight {
        var order: CursorRule.Order
        var ceiling: Int64
        var granularity: Int64
        var lower: Int64
        var isSweeping: Bool

        func isAtLowerBound(_ cursor: Int64) -> Bool {
            CursorRule.floored(cursor, to: granularity) <= lower
        }
    }

    private func sight(_ rule: CursorRule) -> Sight {
        Sight(
            order: rule.order,
            ceiling: ceiling(rule),
            granularity: rule.granularity,
            lower: walk.lower ?? .min,
            isSweeping: isSweeping
        )
    }

    /// What the order of a page's records is held against.
    private struct OrderWatch {
        /// Of the pages before.
        var before: Scan
        /// Of the page's first record, and of the record before.
        var first: Int64?
        var last: Int64?
        /// New records that came one step further than the record before.
        var rises = 0
        /// A new record belongs before the last one of the pages before, and none of theirs has come again behind it: one
        /// does where the list only shifted.
        var isBetween = false
        /// A new record from above the list's front came behind older ones.
        var jumps = false
        let mayShift: Bool

        init(_ before: Scan, mayShift: Bool) { (self.before, self.mayShift) = (before, mayShift) }

        /// Whether a record lies one step further than the one before.
        func rises(by cursor: Int64, _ order: CursorRule.Order) -> Bool {
            switch order {
            case .descending: (last ?? before.lowest).map { cursor < $0 } ?? false
            case .ascending: (last ?? before.orderedTo).map { cursor > $0 } ?? false
            case .none: false
            }
        }

        /// A page is one answer, so nothing excuses disorder within it. A record that was seen before may be shown
        /// again by a shift.
        mutating func isAgainst(_ order: CursorRule.Order, _ cursor: Int64, isKnown: Bool) -> Bool {
            let isBetween: Bool
            switch order {
            case .ascending:
                if cursor < last ?? .min { return true }
                isBetween = !isKnown && cursor < before.orderedTo ?? .min
            case .descending:
                if cursor > last ?? .max { return true }
                // A page that begins at the list's front is no page of this place: the record it was behind has moved.
                let isAbove = !isKnown && cursor > before.lowest ?? .max
                isBetween = isAbove && first ?? cursor < before.front ?? .min
                if isAbove, !isBetween { jumps = true }
            case .none: return false
            }
            let isOfBefore =
                order == .ascending ? cursor <= before.orderedTo ?? .min : cursor >= before.lowest ?? .max
            if isKnown, isOfBefore { self.isBetween = false }
            if isBetween { self.isBetween = true }
            return isBetween && !mayShift
        }
    }

    private mutating func pageWasWatched(_ watch: OrderWatch) {
        if watch.isBetween { walk.isUnordered = true }
        if watch.jumps { walk.hasJumped = true }
        if evidence.order == .unknown { evidence.rises = min(evidence.rises + watch.rises, limits.rises) }
    }

    /// Follows the walk's highest and lowest value, and notices records that come against the declared order.
    private mutating func observe(
        _ cursor: Int64?,
        _ sight: Sight,
        isKnown: Bool,
        isNew: Bool,
        _ watch: inout OrderWatch
    ) {
        guard let cursor else { return }
        let isAtLowerBound = sight.isAtLowerBound(cursor)
        if cursor <= sight.ceiling, !sight.isSweeping || isAtLowerBound {
            walk.highest = max(walk.highest ?? cursor, cursor)
        }
        walk.lowest = min(walk.lowest ?? cursor, cursor)
        scan.highest = max(scan.highest ?? cursor, cursor)
        if cursor <= sight.ceiling { scan.orderedTo = max(scan.orderedTo ?? cursor, cursor) }
        scan.lowest = min(scan.lowest ?? cursor, cursor)
        if watch.isAgainst(sight.order, cursor, isKnown: isKnown) { walk.isUnordered = true }
        if isNew, watch.rises(by: cursor, sight.order) { watch.rises += 1 }
        watch.first = watch.first ?? cursor
        watch.last = cursor
        if scan.front == nil, walk.position == .first { scan.front = cursor }
        if isNew, isAtLowerBound { walk.sweepFresh += 1 }
    }
}
