import ConnectorCore

/// What one seed plays: a source, its definition, which may not fit it, and faults.
struct ShellScenario {
    static let stream = StreamID(connector: "shop", stream: "orders")

    /// How often things go wrong: in a ten-thousandth of the steps, or a thousandth of the requests and calls.
    struct Faults {
        var crash = 0
        var stop = 0
        var localFailure = 0
        var failedAnswer = 0
        var throttled = 0
        var lostPosition = 0
        var repeatedPage = 0
        var shuffledPage = 0
        var change = 0
    }

    /// An event log that is read beside the list, and delivers into it.
    struct Feed {
        var manners: Manners
        var definition: StreamDefinition
    }

    let seed: UInt64
    var traits = SourceTraits()
    var manners = Manners()
    var definition = StreamDefinition(id: ShellScenario.stream, path: Template(literal: SimulatedAPI.path))
    var feed: Feed?
    private(set) var misfits: Set<Misfit> = []
    var faults = Faults()
    var limits = SyncLimits()
    var rateLimit: Double?
    /// How far the machine's clock is ahead of the source's.
    var skew: Int64 = 0
    var initialChanges = 10
    var runs = 2
    /// At most.
    var changesBetweenRuns = 3
    /// Deletions reach the sink.
    var seesDeletes = false
    /// No line may stand in the sink twice.
    var isExactlyOnce = true
    /// Most changes from the beginning of a run until one succeeds: pages that drift in two walks in a row may hide a
    /// record from both, which no rule can see.
    var changesPerWalk = Int.max

    /// A source that keeps to its definition, of a family.
    init(seed: UInt64) {
        self.seed = seed
    }

    /// `allows` says which misfits may be drawn.
    init(lyingSeed seed: UInt64, allows: (Misfit) -> Bool = { Misfit.excluded[$0] == nil }) {
        self.seed = seed
        var chance = Chance(seed: seed)
        drawSurroundings(&chance)
        drawSource(&chance)
        drawDefinition(&chance)
        drawMisfits(&chance, allows)
        changesPerWalk = manners.drifts(traits) || mayFillPages ? 1 : .max
    }

    var isHonest: Bool { misfits.allSatisfy(\.isHonest) }

    /// In the order in which they are read.
    var definitions: [StreamDefinition] { (feed.map { [$0.definition] } ?? []) + [definition] }

    /// What the filter can't tell apart may be more than a page: it is read by position.
    private var mayFillPages: Bool {
        guard let cursor = definition.cursor, definition.plan(base: Self.base).canAnchor else { return false }
        return cursor.granularity > traits.tick || manners.pageSize < traits.tieCount + 3
    }

    static var base: URLReference {
        guard let base = URLReference("https://shop.example") else { preconditionFailure("the URL is a constant") }
        return base
    }

    // MARK: What is drawn

    private mutating func drawSurroundings(_ chance: inout Chance) {
        if chance.percent(60) {
            faults.crash = chance.pick([0, 0, 10, 40])
            faults.stop = chance.pick([0, 0, 0, 20])
            faults.localFailure = chance.pick([0, 0, 30])
            faults.failedAnswer = chance.pick([0, 40, 120])
            faults.throttled = chance.pick([0, 0, 30])
        }
        faults.change = chance.pick([0, 100, 300])
        initialChanges = chance.percent(8) ? chance.number(20...60) : chance.number(0...9)
        runs = chance.number(1...3)
        if chance.percent(15) { rateLimit = 0.5 }
        skew = Int64(chance.pick([0, 0, 0, -1, 1]) * chance.number(0...5 * 3_600)) * SourceTraits.second
        limits.checkpointInterval = chance.pick([.zero, .seconds(3), .seconds(3_600)])
        limits.checkpointRecords = chance.pick([2, 5, 50_000])
        limits.deleteBatch = chance.number(1...4)
        limits.passes = chance.pick([3, 10])
    }

    private mutating func drawSource(_ chance: inout Chance) {
        traits.isTime = chance.percent(85)
        traits.tick = traits.isTime ? chance.pick([1, 1, 0]) * SourceTraits.second : 1
        if traits.tick == 0 { traits.tick = SourceTraits.second / 1_000 }
        traits.changes = [.insert, .insert, .ties, .update, .delete]
        manners.style = chance.pick(PagingRule.Style.allCases)
        manners.order = chance.pick(Manners.Order.allCases)
        // See `Misfit.anchorMoves`.
        if manners.style == .afterLast, manners.order == .nearlyAscending { manners.order = .mixed }
        manners.pageSize = chance.number(1...5)
        manners.first = Int64(chance.number(0...1))
        manners.lostAnchor = chance.pick(SourceTraits.LostAnchor.allCases)
        manners.isBare = [.none, .page, .offset, .afterLast, .linkHeader].contains(manners.style) && chance.percent(25)
        manners.promisesTooMuch = chance.percent(20)
        manners.hasTotal = chance.percent(40)
        if chance.percent(40) { manners.more = .boolean }
    }

    private mutating func drawDefinition(_ chance: inout Chance) {
        let hasCursor = chance.percent(70)
        if hasCursor { drawCursor(&chance) }
        definition.records = manners.isBare ? [] : ["data"]
        definition.paging = paging(&chance)
        if hasCursor, chance.percent(30) { definition.resync = .seconds(chance.pick([600, 3_600])) }
        seesDeletes = !hasCursor || definition.resync != nil
        if seesDeletes, chance.percent(50) { traits.changes.append(.silentUpdate) }
        definition.comparison = chance.percent(20) ? .members : .bytes
    }

    private mutating func drawCursor(_ chance: inout Chance) {
        let second = SourceTraits.second
        let format: CursorFormat =
            !traits.isTime ? .integer : traits.tick == second ? chance.pick([.unix, .iso8601]) : .unixMilliseconds
        var rule = CursorRule(fields: [["at"]], format: format, order: order)
        if chance.percent(85) { rule.lower = [Self.filter("from", "${cursor}")] }
        guard traits.isTime else {
            definition.cursor = rule
            return
        }
        if chance.percent(60) {
            traits.lookback = Int64(chance.pick([5, 60])) * second
            traits.changes += [.late, .lateUpdate]
        }
        rule.lookback = traits.lookback
        if chance.percent(25) {
            rule.upper = [Self.filter("until", "${until}")]
            rule.lag = chance.pick([0, 30]) * second
        }
        if chance.percent(15) { rule.granularity = 60 * second } else { rule.granularity = traits.tick }
        definition.cursor = rule
    }

    private var order: CursorRule.Order {
        switch manners.order {
        case .stampAscending: .ascending
        case .stampDescending: .descending
        default: .none
        }
    }

    static func filter(_ name: String, _ value: String) -> QueryTemplate {
        guard let template = Template(value) else { preconditionFailure("the template is a constant") }
        return QueryTemplate(name, template)
    }

    private func paging(_ chance: inout Chance) -> PagingRule {
        var rule = PagingRule(style: manners.style)
        guard manners.style != .none else { return rule }
        rule.first = manners.first
        rule.anchor = anchor
        switch manners.style {
        case .page: rule.parameter = "page"
        case .offset: rule.parameter = "offset"
        case .afterLast:
            rule.parameter = "after"
            rule.field = ["id"]
        case .token:
            rule.parameter = "mark"
            rule.next = ["next"]
        case .link: rule.next = ["next"]
        default: break
        }
        if case .boolean = manners.more, !manners.isBare, chance.percent(70) { rule.more = ["more"] }
        if chance.percent(80) {
            // More than the server gives: it caps the page in silence.
            let isCapped = chance.percent(30)
            rule.size = Int64(manners.pageSize + (isCapped ? 4 : 0))
            rule.sizeParameter = "limit"
            if !isCapped, chance.percent(50) { rule.shortPage = .end }
        }
        return rule
    }

    /// As the reader of definitions has it where nothing is written.
    private var anchor: PagingRule.Anchor {
        guard let cursor = definition.cursor else { return .server }
        switch manners.style {
        case .page, .offset: return .cursor
        case .link, .linkHeader: return cursor.order == .ascending && cursor.filtersLower ? .cursor : .server
        case .none, .afterLast, .token: return .server
        }
    }

    mutating func declare(_ order: CursorRule.Order) {
        definition.cursor?.order = order
        definition.paging.anchor = anchor
    }

    private mutating func drawMisfits(_ chance: inout Chance, _ allows: (Misfit) -> Bool) {
        let count = chance.pick([0, 0, 0, 1, 1, 1, 2, 2])
        for _ in 0..<count {
            let misfit = chance.pick(Misfit.allCases)
            if allows(misfit), apply(misfit) { misfits.insert(misfit) }
        }
    }
}
