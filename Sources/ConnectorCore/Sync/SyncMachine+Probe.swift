/// Whether the filter shows what it should: held against the record that the cursor was taken from.
extension SyncMachine {
    /// What is being found out about it.
    enum Probe: Sendable, Equatable {
        /// Asked from so many steps further back than the cursor: are there records that the query before left out?
        case further(Int)
        /// There were: does that query leave them out once more?
        case check(Int)
        /// It does: are they still there?
        case confirm(Int)

        /// Index of the reach that is asked with; -1 is the query as it was.
        var step: Int {
            switch self {
            case .further(let step), .confirm(let step): step
            case .check(let step): step - 1
            }
        }
    }

    /// What queries of this run have shown.
    struct Shown: Sendable {
        /// Of the records from the query's bound on.
        var keys: Set<Hash128> = []
        /// … and within the bounds of the query before.
        var keysAbove: Set<Hash128> = []
        /// The bounds of the query before.
        var lowerBefore: Int64?
        var upperBefore: Int64?
        /// What the query before had shown.
        var keysBefore: Set<Hash128> = []
        /// Records that one further back showed and this one did not, or should not have left out.
        var leftOut: Set<Hash128> = []
        /// More came than are followed.
        var isTooMuch = false

        mutating func insert(_ key: Hash128, _ cursor: Int64, lower: Int64?) {
            if cursor >= lower ?? .min { keys.insert(key) }
            if let lowerBefore, cursor >= lowerBefore, cursor < upperBefore ?? .max { keysAbove.insert(key) }
            isTooMuch = isTooMuch || keys.count > Self.most
        }

        /// Queries that are looked at begin near the cursor; what is larger is told by later ones.
        private static let most = 10_000
    }

    private var isFilterUnknown: Bool {
        evidence.filter == .unknown && cursorAtStart != nil && walk.kind == .incremental && walk.pass == 1
            && !walk.isTail
    }

    mutating func noteShown(_ page: PageHeads) {
        guard isFilterUnknown, let rule = plan.cursor, !shown.isTooMuch else { return }
        for head in page.records {
            guard let cursor = head.cursor else { continue }
            shown.insert(head.key, rule.floored(cursor), lower: queryLower)
        }
    }

    /// How far back it is asked at a step; nil for everything.
    func probeReach(_ step: Int) -> Int64? {
        let steps = probeSteps
        return step < 0 ? 0 : step < steps.count ? steps[step] : nil
    }

    /// One step for filters that exclude their bound, a second, a minute and an hour for such as round it, and more than
    /// the widest time zone. Behind the last there is everything: a filter in another unit shows nothing at all.
    private var probeSteps: [Int64] {
        guard let rule = plan.cursor else { return [] }
        guard rule.format.isTime else { return [rule.granularity] }
        let second: Int64 = 1_000_000_000
        return [rule.granularity] + [1, 60, 3_600, 15 * 3_600].map { $0 * second }.filter { $0 > rule.granularity }
    }

    /// A query from the cursor on, bound included, that shows no record from up to there: either that record is gone, or
    /// the filter leaves out what it should include. Asked from ever further back, that shows: records that the query
    /// before should have had. Both are put once more, since records come and go meanwhile. Nil where nothing is left to
    /// find out.
    mutating func probing() -> WalkPosition? {
        guard let rule = plan.cursor, let cursor = cursorAtStart, isFilterUnknown, evidence.noWitness != cursor,
            probe != nil || evidence.fruitless < Self.mostFruitless,
            rule.filtersLower, rule.window == nil, !plan.isFeed, !isStopping, options == SyncOptions(),
            queryLower != nil || probe != nil
        else { return nil }
        // Where the query ends before the cursor, it shows nothing.
        if let upper = walk.queryUpper, upper <= cursor { return nil }
        // What of this run is forgotten must not come again, after a crash in the middle of this either: a shorter one
        // will tell as well.
        if memory.hasPruned || hasForgotten {
            probe = nil
            return nil
        }
        let lowest = walk.lowest.map(rule.floored)
        let isWitnessed = lowest.map { $0 <= rule.floored(cursor) } ?? false
        switch probe {
        case nil where isWitnessed:
            // What lies within the lookback shows nothing of the bound.
            if let lowest, let queryLower, lowest <= queryLower { evidence.filter = .held }
            return nil
        case nil: probe = .further(0)
        case .further(let step): probe = probe(after: step, isWitnessed: isWitnessed)
        case .check(let step):
            shown.leftOut.subtract(shown.keys)
            probe = shown.leftOut.isEmpty ? nil : .confirm(step)
            if probe == nil { foundNoWitness() }
        case .confirm(let step):
            probe = nil
            if shown.leftOut.isDisjoint(with: shown.keysAbove) {
                foundNoWitness()
            } else {
                filterLeavesOut(within: probeReach(step))
            }
        }
        if shown.isTooMuch, probe != nil {
            probe = nil
            foundNoWitness()
        }
        shown = Shown(
            lowerBefore: queryLower,
            upperBefore: walk.queryUpper,
            keysBefore: shown.keys,
            leftOut: shown.leftOut
        )
        return sameWalk()
    }

    private mutating func probe(after step: Int, isWitnessed: Bool) -> Probe? {
        shown.leftOut = shown.keysAbove.subtracting(shown.keysBefore)
        if !shown.leftOut.isEmpty { return .check(step) }
        // Older records, and none besides: the cursor's is gone. So it is where there are none at all.
        let isLast = probeReach(step + 1) == nil && evidence.hasAskedAll
        if isWitnessed || isLast || probeReach(step) == nil {
            evidence.hasAskedAll = evidence.hasAskedAll || probeReach(step) == nil
            foundNoWitness()
            return nil
        }
        return .further(step + 1)
    }

    /// Lists whose newest record changes before each run never have one.
    private static let mostFruitless = 5

    private mutating func foundNoWitness() {
        evidence.noWitness = cursorAtStart
        evidence.fruitless += 1
    }

    private mutating func filterLeavesOut(within reach: Int64?) {
        evidence.filter = .broken
        evidence.filterReach = reach ?? .max
        doubt(.filterShifted)
    }
}
