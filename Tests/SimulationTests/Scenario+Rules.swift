import ConnectorCore

/// The rules of each family.
extension Scenario {
    static let stream = StreamID(connector: "shop", stream: "orders")
    static let feed = StreamID(connector: "shop", stream: "events")
    static let base = URLReference("https://shop.example/list")

    mutating func drawRules(_ chance: inout Chance) {
        switch family {
        case .ascendingTies: ascendingTies(&chance)
        case .ascendingReanchored: ascendingReanchored(&chance)
        case .descendingFrontier: descendingFrontier(&chance)
        case .unorderedKeyset: unorderedKeyset(&chance)
        case .drifting: drifting(&chance)
        case .fullRefresh: fullRefresh(&chance)
        case .resync: resync(&chance)
        case .feed: feed(&chance)
        case .windows: windows(&chance)
        }
    }

    // MARK: Families

    private mutating func ascendingTies(_ chance: inout Chance) {
        traits.isTime = chance.percent(85)
        traits.changes = [.insert, .insert, .ties, .update, .update, .delete]
        let cursor = cursor(.ascending, upper: chance.percent(30), &chance)
        let paging = paging(chance.pick([.none, .token, .link, .afterLast]), &chance)
        // A key that the list is not sorted by is no better than a number where ties fill more than a page.
        if paging.style == .afterLast, mayFillPages(cursor) { changesPerWalk = 1 }
        plans = [plan(paging, cursor)]
    }

    private mutating func ascendingReanchored(_ chance: inout Chance) {
        traits.changes = [.insert, .insert, .ties, .update, .update, .delete]
        traits.tieCount = chance.pick([2, traits.pageSize + 3])
        let cursor = cursor(.ascending, upper: chance.percent(30), &chance)
        if mayFillPages(cursor) { changesPerWalk = 1 }
        traits.countsPositions = true
        var paging = paging(chance.pick([.offset, .page, .link]), &chance)
        paging.anchor = .cursor
        plans = [plan(paging, cursor)]
    }

    private mutating func descendingFrontier(_ chance: inout Chance) {
        traits.isTime = chance.percent(85)
        traits.changes = [.insert, .insert, .ties, .delete]
        if chance.percent(50) { traits.changes += [.update, .update] }
        let hasUpper = chance.percent(80)
        let cursor = cursor(.descending, upper: hasUpper, &chance)
        plans = [plan(paging(chance.pick([.none, .token, .link, .afterLast]), &chance), cursor)]
    }

    private mutating func unorderedKeyset(_ chance: inout Chance) {
        traits.isTime = chance.percent(85)
        traits.changes = [.insert, .insert, .ties, .update, .update, .delete]
        let cursor = cursor(.none, upper: chance.percent(40), &chance)
        plans = [plan(paging(chance.pick([.none, .token, .link, .afterLast]), &chance), cursor)]
    }

    private mutating func drifting(_ chance: inout Chance) {
        changesPerWalk = 1
        traits.changes = [.insert, .insert, .ties, .update, .update, .delete]
        let cursor = cursor(chance.pick([.ascending, .descending, .none]), upper: chance.percent(40), &chance)
        plans = [plan(paging(chance.pick([.offset, .page]), &chance), cursor)]
    }

    private mutating func fullRefresh(_ chance: inout Chance) {
        seesDeletes = true
        traits.changes = [.insert, .insert, .silentUpdate, .update, .delete]
        let paging = paging(chance.pick([.none, .offset, .page, .token, .afterLast]), &chance)
        // One walk that drifts can hide a record from itself only; two make it look deleted, and it comes again.
        if paging.mayShift { changesPerWalk = 1 }
        plans = [plan(paging, nil)]
    }

    private mutating func resync(_ chance: inout Chance) {
        seesDeletes = true
        traits.changes = [.insert, .insert, .ties, .update, .silentUpdate, .delete]
        let isWindowed = chance.percent(20)
        let order = chance.pick([CursorRule.Order.ascending, .descending, .none])
        var cursor = cursor(order, upper: isWindowed || chance.percent(40), &chance)
        if isWindowed { cut(&cursor, &chance) }
        let paging = paging(chance.pick([.none, .offset, .token, .link, .afterLast]), &chance)
        if paging.mayShift { changesPerWalk = 1 }
        plans = [plan(paging, cursor, resync: .seconds(chance.pick([600, 3_600])))]
    }

    private mutating func feed(_ chance: inout Chance) {
        seesDeletes = true
        traits.changes = [.insert, .insert, .update, .silentUpdate, .delete, .delete]
        traits.tick = SourceTraits.second
        // Of two events of one second only their order says which is the later.
        faults.shuffledPage = 0
        let isDescending = chance.percent(75)
        // Oldest first, an event may be older than what the target's own list has already brought.
        isExactlyOnce = isDescending
        var events = cursor(isDescending ? .descending : .ascending, upper: false, &chance)
        events.startsNow = true
        var list = cursor(.descending, upper: chance.percent(50), &chance)
        list.lookback = events.lookback
        let listPaging = paging(chance.pick([.token, .afterLast]), &chance)
        plans = [
            plan(paging(chance.pick([.token, .afterLast]), &chance), events, isFeed: true),
            plan(listPaging, chance.percent(70) ? list : nil, isFeedTarget: true),
        ]
    }

    private mutating func windows(_ chance: inout Chance) {
        traits.changes = [.insert, .insert, .ties, .update, .delete]
        let order = chance.pick([CursorRule.Order.ascending, .descending, .none])
        var cursor = cursor(order, upper: true, &chance)
        cut(&cursor, &chance)
        var paging = paging(chance.pick([.none, .token, .link, .afterLast, .offset]), &chance)
        if paging.mayShift, order == .ascending { paging.anchor = .cursor }
        if paging.mayShift { changesPerWalk = 1 }
        plans = [plan(paging, cursor)]
    }

    // MARK: Parts

    private func cut(_ cursor: inout CursorRule, _ chance: inout Chance) {
        cursor.window = Int64(chance.pick([1_800, 7_200])) * SourceTraits.second
        cursor.start = ShellWorld.beginning - Int64(chance.number(60...3_600)) * SourceTraits.second
    }

    /// What the filter can't tell apart may be more than a page: it is read by position, which drifts.
    private func mayFillPages(_ cursor: CursorRule) -> Bool {
        cursor.granularity > traits.tick || traits.pageSize < traits.tieCount + 3
    }

    private func plan(
        _ paging: PagingRule,
        _ cursor: CursorRule?,
        resync: Duration? = nil,
        isFeed: Bool = false,
        isFeedTarget: Bool = false
    ) -> SyncPlan {
        guard let base = Self.base else { preconditionFailure("the base URL is a constant") }
        var plan = SyncPlan(
            stream: isFeed ? Self.feed : Self.stream,
            paging: paging,
            cursor: cursor,
            resync: resync,
            isFeed: isFeed,
            isFeedTarget: isFeedTarget,
            base: base
        )
        // Small sources lose a large part of themselves at once.
        plan.deletes.most = .max
        return plan
    }

    private mutating func cursor(_ order: CursorRule.Order, upper: Bool, _ chance: inout Chance) -> CursorRule {
        let filter = [QueryTemplate("from", Template(literal: "x"))]
        guard traits.isTime else {
            traits.tick = 1
            traits.lookback = 0
            traits.changes.removeAll { $0 == .late }
            return CursorRule(fields: [["number"]], format: .integer, order: order, lower: filter)
        }
        let second = SourceTraits.second
        if chance.percent(60) {
            traits.lookback = Int64(chance.pick([5, 60])) * second
            traits.changes += [.late, .lateUpdate].filter { $0 == .late || traits.changes.contains(.update) }
        }
        if chance.percent(15), family != .feed { traits.changes.append(.farFuture) }
        return CursorRule(
            fields: [["modified"]],
            format: traits.tick == second ? .unix : .unixMilliseconds,
            order: order,
            lower: filter,
            upper: upper ? filter : [],
            lookback: traits.lookback,
            lag: upper ? chance.pick([0, 30]) * second : 0,
            granularity: chance.pick([traits.tick, traits.tick, 60 * second])
        )
    }

    private mutating func paging(_ style: PagingRule.Style, _ chance: inout Chance) -> PagingRule {
        traits.promisesTooMuch = chance.percent(20)
        var rule = PagingRule(style: style, size: Int64(traits.pageSize))
        rule.first = Int64(chance.number(0...1))
        rule.field = style == .afterLast ? ["id"] : nil
        if [.page, .offset, .afterLast].contains(style), chance.percent(50) { rule.more = ["more"] }
        if chance.percent(40) {
            rule.shortPage = .end
        } else if chance.percent(30) {
            // The server caps the page in silence.
            rule.size = Int64(traits.pageSize + 5)
        }
        return rule
    }
}
