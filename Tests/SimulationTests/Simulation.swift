import ConnectorCore

/// Plays one seed: runs with faults while the source changes, then quiet, then what must hold.
struct Simulation {
    private var world: World

    init(seed: UInt64, isTraced: Bool = false) {
        let scenario = Scenario(seed: seed)
        world = World(scenario, trace: Trace(isOn: isTraced))
        world.trace.note("\(scenario)")
    }

    /// What did not hold; empty when all is well.
    mutating func play() -> [String] {
        for _ in 0..<world.scenario.runs {
            for plan in world.scenario.plans where isReady(plan) {
                _ = run(plan)
                world.pass(seconds: 0...600)
            }
            changeBetweenRuns()
        }
        settle()
        guard world.problems.isEmpty else { return world.problems }
        check()
        return world.problems
    }

    /// A feed must stand before the list that it keeps up to date is read for the first time.
    private func isReady(_ plan: SyncPlan) -> Bool {
        !plan.isFeedTarget || world.store.states[Scenario.feed] != nil
    }

    private mutating func changeBetweenRuns() {
        for _ in 0..<world.chance.number(0...4) where world.changes < world.scenario.changesPerWalk {
            world.changes += 1
            world.change()
            world.pass(seconds: 0...60)
        }
    }

    /// Runs on the quiet source until every stream succeeded; twice, so that what only a later run may see is seen.
    private mutating func settle() {
        world.isRestless = false
        for round in 1...3 {
            world.clock += 6 * 3_600 * SourceTraits.second
            for plan in world.scenario.plans {
                world.trace.note("quiet \(round)")
                guard untilSuccess(plan) else { return world.problem("no run succeeds on a quiet source") }
            }
        }
    }

    private mutating func untilSuccess(_ plan: SyncPlan) -> Bool {
        for _ in 0..<4 {
            world.pass(seconds: 60...600)
            if run(plan) { return true }
            if !world.problems.isEmpty { return true }
        }
        return false
    }

    private mutating func run(_ plan: SyncPlan) -> Bool {
        world.sink.cut(to: world.store.sinkPositions)
        world.trace.note(
            "run of \(plan.stream) at \(world.clock), cursor \((world.store.states[plan.stream]?.cursor).brief)"
        )
        var process = Process(plan, in: &world)
        let end = process.run(in: &world)
        guard case .finished(let outcome) = end else { return false }
        if !process.isDeaf() { world.problem("a finished machine acts") }
        guard case .succeeded = outcome else { return false }
        if world.sink.positions != world.store.sinkPositions { world.problem("a run succeeded with lines not durable") }
        world.changes = 0
        return true
    }

    // MARK: What must hold

    private mutating func check() {
        checkContent()
        if world.scenario.isExactlyOnce { checkRepeats() }
        let faults = world.scenario.faults
        if faults.shuffledPage + faults.repeatedPage == 0, !world.doubts.isEmpty {
            world.problem("an honest source is doubted: \(world.doubts.map(\.rawValue).sorted())")
        }
        let before = world.sink.lines
        world.clock += 6 * 3_600 * SourceTraits.second
        for plan in world.scenario.plans { _ = untilSuccess(plan) }
        if world.sink.lines != before { world.problem("a run on a quiet source delivers something") }
    }

    private mutating func checkContent() {
        let sink = world.sink.folded(Scenario.stream)
        for record in visibleRecords where sink[record.id] != record.content {
            let found = sink[record.id].map(String.init) ?? "nothing"
            world.problem("the sink has \(found) of \(record)")
        }
        // An empty reading confirms nothing.
        let isBelieved = !world.source.records.isEmpty
        for id in sink.keys.sorted() where world.source.records[id] == nil && isBelieved {
            if world.scenario.seesDeletes || !world.source.deleted.contains(id) {
                world.problem("the sink still has \(id), which is gone")
            }
        }
    }

    /// A source that is asked for records before now shows those of the future when their time has come.
    private var visibleRecords: [SourceRecord] {
        let isCut = world.scenario.plans.contains { $0.cursor?.filtersUpper == true && !$0.isFeed }
        let records = world.source.records.values.sorted { $0.id < $1.id }
        return isCut ? records.filter { $0.stamp < world.clock } : records
    }

    private mutating func checkRepeats() {
        var seen: Set<Int> = []
        for line in world.sink.lines[Scenario.stream] ?? [] {
            guard let content = line.content else { continue }
            if !seen.insert(content).inserted { world.problem("\(line) stands in the sink twice") }
        }
    }
}

extension Process {
    /// A machine that is over answers nothing.
    mutating func isDeaf() -> Bool {
        let page = PageHeads(records: [], facts: PageFacts(count: 0))
        let failure = SyncFailure(.transient, "late", hint: "")
        var answers = machine.pageArrived(page, now: Instant(seconds: 0)) + machine.waited() + machine.committed()
        answers += machine.fetchFailed(failure, verdict: .giveUp(.attemptsUsed)) + machine.failed(failure)
        answers += machine.written(bytes: 1, at: MonotonicInstant(nanoseconds: 0)) + machine.flushed([:])
        return (answers + machine.unseenFound([], since: 0) + machine.stop()).isEmpty
    }
}
