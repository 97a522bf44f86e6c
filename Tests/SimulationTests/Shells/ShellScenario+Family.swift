import ConnectorCore

/// Sources that keep to their definitions, in families: each is a rule of reading with the faults that it must stand.
extension ShellScenario {
    init(_ family: Scenario) {
        self.init(seed: family.seed)
        traits = family.traits
        limits = family.limits
        skew = family.skew
        initialChanges = family.initialChanges
        runs = family.runs
        seesDeletes = family.seesDeletes
        isExactlyOnce = family.isExactlyOnce
        changesPerWalk = family.changesPerWalk
        faults = Self.faults(family.faults)
        for plan in family.plans {
            if plan.isFeed {
                feed = Feed(manners: Self.manners(plan, family.traits), definition: Self.definition(plan))
            } else {
                manners = Self.manners(plan, family.traits)
                definition = Self.definition(plan)
            }
        }
    }

    /// A page of the shells takes many steps, and a change comes at most once a request.
    private static func faults(_ drawn: Scenario.Faults) -> Faults {
        var faults = Faults()
        faults.crash = drawn.crash
        faults.stop = drawn.stop
        faults.localFailure = drawn.localFailure
        faults.failedAnswer = drawn.failedFetch
        faults.throttled = drawn.failedFetch / 4
        faults.lostPosition = drawn.lostPosition
        faults.repeatedPage = drawn.repeatedPage
        faults.shuffledPage = drawn.shuffledPage
        faults.change = 2 * drawn.change
        return faults
    }

    private static func manners(_ plan: SyncPlan, _ traits: SourceTraits) -> Manners {
        var manners = Manners()
        manners.style = plan.paging.style
        manners.order =
            switch plan.cursor?.order {
            case .ascending: .stampAscending
            case .descending: .stampDescending
            case nil, .some(.none): .idAscending
            }
        manners.pageSize = traits.pageSize
        manners.first = plan.paging.first
        manners.more = plan.paging.more == nil ? .none : .boolean
        manners.promisesTooMuch = traits.promisesTooMuch
        manners.countsPositions = traits.countsPositions
        manners.lostAnchor = traits.lostAnchor
        return manners
    }

    private static func definition(_ plan: SyncPlan) -> StreamDefinition {
        let path = plan.isFeed ? SimulatedAPI.feedPath : SimulatedAPI.path
        var definition = StreamDefinition(id: plan.stream, path: Template(literal: path), records: ["data"])
        definition.paging = plan.paging
        definition.paging.sizeParameter = "limit"
        switch plan.paging.style {
        case .page: definition.paging.parameter = "page"
        case .offset: definition.paging.parameter = "offset"
        case .afterLast: definition.paging.parameter = "after"
        case .token:
            definition.paging.parameter = "mark"
            definition.paging.next = ["next"]
        case .link: definition.paging.next = ["next"]
        case .none, .linkHeader: break
        }
        if var cursor = plan.cursor {
            cursor.fields = [["at"]]
            if cursor.filtersLower { cursor.lower = [filter("from", "${cursor}")] }
            if cursor.filtersUpper { cursor.upper = [filter("until", "${until}")] }
            definition.cursor = cursor
        }
        definition.resync = plan.resync
        definition.isFeedTarget = plan.isFeedTarget
        if plan.isFeed {
            definition.feed = FeedRule(
                object: ["object"],
                key: ["object", "id"],
                type: ["type"],
                routes: ["order": Scenario.stream.stream],
                deletes: ["order.gone"]
            )
        }
        return definition
    }
}
