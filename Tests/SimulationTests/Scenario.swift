import ConnectorCore

/// What one seed plays: a source, its rules and its faults.
struct Scenario {
    enum Family: Int, CaseIterable {
        case ascendingTies
        case ascendingReanchored
        case descendingFrontier
        case unorderedKeyset
        case drifting
        case fullRefresh
        case resync
        case feed
        case windows
    }

    /// How often things go wrong, in a thousandth of the driver's steps or fetches.
    struct Faults {
        var crash = 0
        var stop = 0
        var localFailure = 0
        var failedFetch = 0
        var lostPosition = 0
        var repeatedPage = 0
        var shuffledPage = 0
        var change = 0
    }

    let seed: UInt64
    let family: Family
    var plans: [SyncPlan] = []
    var traits = SourceTraits()
    var faults = Faults()
    var limits = SyncLimits()
    /// How far the daemon's clock is ahead of the source's.
    var skew: Int64 = 0
    var initialChanges = 10
    var runs = 4
    /// No line may stand in the sink twice.
    var isExactlyOnce = true
    /// Deletions reach the sink.
    var seesDeletes = false
    /// Most changes from the start of a walk until a run succeeds: pages that drift in two walks in a row may hide a
    /// record from both, which no rule can see; only a `resync` brings it.
    var changesPerWalk = Int.max

    static func seed(_ number: Int, of family: Family) -> UInt64 {
        UInt64(number * Family.allCases.count + family.rawValue)
    }

    init(seed: UInt64) {
        self.seed = seed
        family = Family.allCases[Int(seed % UInt64(Family.allCases.count))]
        var chance = Chance(seed: seed)
        drawSurroundings(&chance)
        drawRules(&chance)
    }

    private mutating func drawSurroundings(_ chance: inout Chance) {
        let isCalm = chance.percent(15)
        if !isCalm {
            faults.crash = chance.pick([0, 5, 20, 60])
            faults.stop = chance.pick([0, 0, 5, 20])
            faults.localFailure = chance.pick([0, 0, 10])
            faults.failedFetch = chance.pick([0, 20, 120])
            faults.lostPosition = chance.pick([0, 0, 20])
            faults.repeatedPage = chance.pick([0, 0, 30])
            faults.shuffledPage = chance.pick([0, 0, 60])
        }
        faults.change = chance.pick([0, 20, 60, 150])
        initialChanges = chance.number(0...25)
        runs = chance.number(1...5)
        traits.pageSize = chance.number(1...7)
        traits.tick = chance.pick([SourceTraits.second, SourceTraits.second, SourceTraits.second / 1_000])
        traits.lostAnchor = chance.pick(SourceTraits.LostAnchor.allCases)
        skew = Int64(chance.pick([0, 0, -1, 1]) * chance.number(0...5 * 3_600)) * SourceTraits.second
        limits.checkpointInterval = chance.pick([.zero, .seconds(3), .seconds(3_600)])
        limits.checkpointRecords = chance.pick([2, 5, 50_000])
        limits.deleteBatch = chance.number(1...4)
        limits.passes = chance.pick([2, 10])
    }
}
