import ConnectorCore

/// Plays one seed over the shells: runs with faults while the source changes, then quiet ones, then what must hold.
struct ShellSimulation {
    enum Verdict: Equatable {
        /// The sink has what the source has.
        case whole
        /// The last run failed, and said why.
        case refused(String)
        /// It is not whole, and the status says so.
        case doubted([String])
        case broken([String])
    }

    /// Runs on the quiet source: what only a later run may see or confirm is seen.
    private static let quietRuns = 4

    let world: ShellWorld
    private var process: SimulatedProcess?

    init(_ scenario: ShellScenario, isTraced: Bool = false) {
        world = ShellWorld(scenario, trace: Trace(isOn: isTraced))
        world.trace.note("\(scenario)")
    }

    private var stream: StreamDefinition { world.scenario.definition }

    mutating func play() -> Verdict {
        for _ in 0..<world.scenario.runs {
            for definition in world.scenario.definitions where isReady(definition) { _ = run(definition) }
            changeBetweenRuns()
        }
        world.isRestless = false
        var last: SyncOutcome?
        var left = Self.quietRuns
        for _ in 0..<2 * Self.quietRuns where left > 0 {
            last = quietRuns()
            // A stop that was asked for before ends the first one: nothing could be confirmed in it.
            if case .interrupted = last { continue }
            left -= 1
        }
        defer { process?.end() }
        guard world.problems.isEmpty else { return .broken(world.problems) }
        return verdict(last)
    }

    private mutating func changeBetweenRuns() {
        // After a run that is over, no walk is under way that could miss something.
        let isFree = world.changes == 0
        for _ in 0..<world.chance.number(0...world.scenario.changesBetweenRuns) where isFree || world.mayDisturb() {
            world.change()
            world.pass(seconds: 0...60)
        }
        world.pass(seconds: 0...600)
    }

    /// A feed must stand before the list that it keeps up to date is read for the first time.
    private func isReady(_ definition: StreamDefinition) -> Bool {
        guard definition.isFeedTarget, let feed = world.scenario.feed else { return true }
        return world.evidence[feed.definition.id] != nil
    }

    /// One of each stream; the outcome of the last, or of the first that did not succeed.
    private mutating func quietRuns() -> SyncOutcome? {
        world.loop.pass(6 * 3_600 * SourceTraits.second)
        world.trace.note("quiet")
        var last: SyncOutcome?
        for definition in world.scenario.definitions {
            last = run(definition)
            guard case .succeeded = last else { return last }
        }
        return last
    }

    private mutating func run(_ definition: StreamDefinition) -> SyncOutcome? {
        world.trace.note("run of \(definition.id) at \(world.loop.time)")
        let process = self.process ?? SimulatedProcess(world)
        let outcome = process.sync(definition)
        world.trace.note("  outcome: \(outcome.map { "\($0)" } ?? "killed")")
        if case .succeeded = outcome { world.changes = 0 }
        // Most processes live for one run, some for several.
        if process.isDead || world.chance.percent(50) {
            process.end()
            self.process = nil
        } else {
            self.process = process
        }
        return outcome
    }

    // MARK: What must hold

    private mutating func verdict(_ last: SyncOutcome?) -> Verdict {
        switch last {
        case .failed(_, let failure):
            guard !failure.message.isEmpty, !failure.isLocal else {
                return .broken(["fails without words: \(failure)"])
            }
            return world.scenario.isHonest
                ? .broken(["an honest source is refused: \(failure)"]) : .refused("\(failure)")
        case .succeeded: break
        default: return .broken(["no quiet run ends: \(last.map { "\($0)" } ?? "killed")"])
        }
        let doubts = doubts()
        let words = doubts.map(\.rawValue).sorted()
        // Of all other doubts, what they are about was read in a way that needs no trust.
        let missing = missing()
        let mayMiss = doubts.contains { Doubt($0).mayMissRecords }
        if !missing.isEmpty { return mayMiss && !world.scenario.isHonest ? .doubted(words) : .broken(missing) }
        let extra = extra()
        // What ends elsewhere in each reading confirms nothing.
        let mayKeep = !doubts.isDisjoint(with: [.deletesHeld, .endByError]) || world.scenario.manners.sizesVary
        if !extra.isEmpty { return mayKeep ? .doubted(words) : .broken(extra) }
        let before = world.sink.acknowledged(stream.id)
        _ = quietRuns()
        var problems = falseDeletions()
        if world.sink.acknowledged(stream.id) != before {
            problems.append("a run on a quiet source delivers something")
        }
        if world.scenario.isHonest {
            // An order that was relied on, and that a fault breaks, has all delivered anew.
            let isAnew = world.scenario.isFaulty && doubts.contains(.order)
            if world.scenario.isExactlyOnce, !isAnew { problems += repeats() }
            let untrue = doubts.subtracting(world.scenario.rightDoubts)
            if !untrue.isEmpty { problems.append("an honest source is doubted: \(untrue.map(\.rawValue).sorted())") }
        }
        return problems.isEmpty ? .whole : .broken(problems)
    }

    /// What the status says of the stream besides its last run.
    private func doubts() -> Set<Doubt.Kind> { Set(world.evidence[stream.id]?.doubts.map(\.kind) ?? []) }

    private func missing() -> [String] {
        var problems: [String] = []
        let contents = Set(world.sink.acknowledged(stream.id).compactMap(\.content))
        let folded = world.sink.folded(stream.id)
        for record in visibleRecords {
            if world.scenario.hasTwin(record.id) {
                let missing = [record.content, record.content + 1_000_000].filter { !contents.contains($0) }
                if !missing.isEmpty { problems.append("the sink lacks contents \(missing) of \(record)") }
            } else if folded[record.id] != record.content {
                problems.append("the sink has \(folded[record.id].map(String.init) ?? "nothing") of \(record)")
            }
        }
        return problems
    }

    private func extra() -> [String] {
        // An empty reading confirms nothing.
        let isBelieved = !world.source.records.isEmpty
        return world.sink.folded(stream.id).keys.sorted().compactMap { id in
            guard world.source.records[id] == nil else { return nil }
            let mustBeTold = isBelieved && world.scenario.seesDeletes && world.scenario.hasUniqueKey(id)
            guard mustBeTold || !world.source.deleted.contains(id) else { return nil }
            return "the sink still has \(id), which is gone"
        }
    }

    /// Deletions of what was never gone; a reader may have acted on them.
    private func falseDeletions() -> [String] {
        let untrue = world.sink.acknowledged(stream.id).filter { line in
            line.content == nil && world.scenario.hasUniqueKey(line.id) && !world.source.deleted.contains(line.id)
        }
        return untrue.map { "\($0.id) was called deleted and never was" }
    }

    /// A source that is asked for records before now shows those of the future when their time has come.
    private var visibleRecords: [SourceRecord] {
        let records = world.source.records.values.sorted { $0.id < $1.id }
        return stream.cursor?.filtersUpper == true ? records.filter { $0.stamp < world.loop.time } : records
    }

    private func repeats() -> [String] {
        var seen: Set<Int> = []
        return world.sink.acknowledged(stream.id).compactMap { line in
            guard let content = line.content, !seen.insert(content).inserted else { return nil }
            return "\(line) stands in the sink twice"
        }
    }
}

extension ShellScenario {
    fileprivate var isFaulty: Bool { faults.shuffledPage + faults.repeatedPage > 0 }

    /// What may be said of an honest source, too.
    fileprivate var rightDoubts: Set<Doubt.Kind> {
        let isCapped = definition.paging.size.map { $0 > manners.pageSize } ?? false
        // A fault of the answers is one, whoever made it.
        if isFaulty { return Set(Doubt.Kind.allCases) }
        var right: Set<Doubt.Kind> = [.deletesHeld]
        if isCapped || manners.sizesVary { right.insert(.cappedPages) }
        // A list that has by chance as many records as were asked for.
        if manners.ignoresSize { right.insert(.nextNeverSeen) }
        return right
    }

    fileprivate func hasTwin(_ id: Int) -> Bool { manners.hasTwins && id % 3 == 0 }

    /// Where several records bear one key, nobody can tell that one of them is gone.
    fileprivate func hasUniqueKey(_ id: Int) -> Bool { definition.key == [["id"]] && !hasTwin(id) }

    func api(_ request: SimulatedAPI.Request) -> SimulatedAPI {
        let feed = request.path == SimulatedAPI.feedPath ? feed : nil
        let cursor = (feed?.definition ?? definition).cursor
        return SimulatedAPI(
            manners: feed?.manners ?? manners,
            isFeed: feed != nil,
            format: cursor?.filterFormat ?? (traits.isTime ? .unix : .integer),
            granularity: cursor?.granularity ?? 1
        )
    }
}
