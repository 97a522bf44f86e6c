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
            _ = run()
            changeBetweenRuns()
        }
        world.isRestless = false
        var last: SyncOutcome?
        for _ in 0..<Self.quietRuns { last = quietRun() }
        defer { process?.end() }
        guard world.problems.isEmpty else { return .broken(world.problems) }
        return verdict(last)
    }

    private mutating func changeBetweenRuns() {
        for _ in 0..<world.chance.number(0...3) where world.mayDisturb() {
            world.change()
            world.pass(seconds: 0...60)
        }
        world.pass(seconds: 0...600)
    }

    private mutating func quietRun() -> SyncOutcome? {
        world.loop.pass(6 * 3_600 * SourceTraits.second)
        world.trace.note("quiet")
        return run()
    }

    private mutating func run() -> SyncOutcome? {
        world.trace.note("run at \(world.loop.time)")
        let process = self.process ?? SimulatedProcess(world)
        let outcome = process.sync(stream)
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
        let losses = losses()
        let doubts = doubts()
        if !losses.isEmpty { return doubts.isEmpty ? .broken(losses) : .doubted(doubts) }
        let before = world.sink.acknowledged(stream.id)
        _ = quietRun()
        var problems: [String] = []
        if world.sink.acknowledged(stream.id) != before {
            problems.append("a run on a quiet source delivers something")
        }
        if world.scenario.isHonest {
            problems += repeats()
            if !doubts.isEmpty { problems.append("an honest source is doubted: \(doubts)") }
        }
        if problems.isEmpty { return .whole }
        return doubts.isEmpty || world.scenario.isHonest ? .broken(problems) : .doubted(doubts)
    }

    /// What the status says of the stream besides its last run.
    private func doubts() -> [String] { [] }

    private func losses() -> [String] {
        let stream = self.stream.id
        var problems: [String] = []
        let lines = world.sink.acknowledged(stream)
        let contents = Set(lines.compactMap(\.content))
        let folded = world.sink.folded(stream)
        for record in visibleRecords {
            if world.scenario.hasTwin(record.id) {
                let missing = [record.content, record.content + 1_000_000].filter { !contents.contains($0) }
                if !missing.isEmpty { problems.append("the sink lacks contents \(missing) of \(record)") }
            } else if folded[record.id] != record.content {
                problems.append("the sink has \(folded[record.id].map(String.init) ?? "nothing") of \(record)")
            }
        }
        for id in folded.keys.sorted() where world.source.records[id] == nil {
            let mustBeTold = world.scenario.seesDeletes && world.scenario.hasUniqueKey(id)
            if mustBeTold || !world.source.deleted.contains(id) {
                problems.append("the sink still has \(id), which is gone")
            }
        }
        return problems + falseDeletions(lines)
    }

    /// Deletions of what was never gone; a reader may have acted on them.
    private func falseDeletions(_ lines: [ShellSink.Line]) -> [String] {
        let untrue = lines.filter { line in
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
    fileprivate func hasTwin(_ id: Int) -> Bool { manners.hasTwins && id % 3 == 0 }

    /// Where several records bear one key, nobody can tell that one of them is gone.
    fileprivate func hasUniqueKey(_ id: Int) -> Bool { definition.key == [["id"]] && !hasTwin(id) }

    var api: SimulatedAPI {
        let cursor = definition.cursor
        return SimulatedAPI(
            manners: manners,
            format: cursor?.filterFormat ?? (traits.isTime ? .unix : .integer),
            granularity: cursor?.granularity ?? 1
        )
    }
}
