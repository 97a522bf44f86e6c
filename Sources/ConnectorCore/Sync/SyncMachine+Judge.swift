/// What of a page is new: compared with the memory, record by record.
extension SyncMachine {
    mutating func judge(_ page: PageHeads) -> [Delivery] {
        memory.pageBegins()
        let deliveries = memory.mode == .ties && !plan.isFeed ? judgeTies(page) : judgeOneByOne(page)
        if let range = rangeInsideWalk { memory.prune(range) }
        return deliveries
    }

    private mutating func judgeOneByOne(_ page: PageHeads) -> [Delivery] {
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(page.records.count)
        let before = scan
        let sight = plan.cursor.map(sight)
        for (index, head) in page.records.enumerated() {
            let delivery = plan.isFeed ? judgeEvent(head, at: index) : judgeRecord(head, at: index)
            if let sight { observe(head.cursor, sight, isNew: delivery != nil, before: before) }
            if let delivery { deliveries.append(delivery) }
        }
        return deliveries
    }

    /// The same without anything that large ordered lists do not need: this is where their records pass.
    private mutating func judgeTies(_ page: PageHeads) -> [Delivery] {
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(page.records.count)
        let before = scan
        let sight = plan.cursor.map(sight)
        let stream = plan.stream
        for index in page.records.indices {
            let (key, content, cursor) = page.records[index].identity
            let isNew = memory.takesTie(key, content: content, cursor: cursor ?? 0)
            if let sight { observe(cursor, sight, isNew: isNew, before: before) }
            if isNew { deliveries.append(Delivery(index: index, stream: stream)) }
        }
        walk.fresh += Int64(deliveries.count)
        run.records += Int64(deliveries.count)
        return deliveries
    }

    private mutating func judgeRecord(_ head: RecordHead, at index: Int) -> Delivery? {
        let record = remembered(head)
        if let known = memory.known(head), known.content == head.content {
            if memory.mode == .all, known.generation < record.generation {
                memory.remember(record, of: plan.stream)
            }
            return nil
        }
        memory.remember(record, of: plan.stream)
        walk.fresh += 1
        run.records += 1
        return Delivery(index: index, stream: plan.stream)
    }

    private func remembered(_ head: RecordHead) -> DeliveredRecord {
        DeliveredRecord(
            key: head.key,
            content: head.content,
            cursor: head.cursor ?? 0,
            generation: walk.kind == .full ? walkGeneration : state.generation,
            keyText: head.keyText
        )
    }

    /// An event is news once; what it carries is delivered unless a newer event, or the same content, was before it.
    private mutating func judgeEvent(_ event: RecordHead, at index: Int) -> Delivery? {
        let isNews = memory.known(event) == nil
        if isNews {
            memory.remember(remembered(event), of: plan.stream)
            walk.fresh += 1
        }
        guard let routed = event.routed else { return nil }
        // Events that are no news settle their objects all the same: what is older than they are is stale.
        let time = event.cursor ?? 0
        guard settles(routed, at: time), isNews else { return nil }
        let known = memory.known(routed)
        if let known, known.cursor > time, plan.cursor != nil { return nil }
        return routed.isDelete
            ? judgeDeletion(routed, known, time: time, at: index) : judgeObject(routed, known, time: time, at: index)
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

    /// Follows the walk's highest and lowest value, and notices pages that come against the declared order.
    private mutating func observe(_ cursor: Int64?, _ sight: Sight, isNew: Bool, before: Scan) {
        guard let cursor else { return }
        let isAtLowerBound = sight.isAtLowerBound(cursor)
        if cursor <= sight.ceiling, !sight.isSweeping || isAtLowerBound {
            walk.highest = max(walk.highest ?? cursor, cursor)
        }
        walk.lowest = min(walk.lowest ?? cursor, cursor)
        scan.highest = max(scan.highest ?? cursor, cursor)
        scan.lowest = min(scan.lowest ?? cursor, cursor)
        guard isNew else { return }
        if isAtLowerBound { walk.sweepFresh += 1 }
        switch sight.order {
        case .ascending: if let highest = before.highest, cursor < highest { walk.isUnordered = true }
        case .descending: if let lowest = before.lowest, cursor > lowest { walk.isUnordered = true }
        case .none: break
        }
    }
}
