import ConnectorCore

/// One run of one stream in one process: does what the machine says, in the order that the contract of `SyncAction`
/// allows, until the run is over or the process is killed.
struct Process {
    enum End {
        case finished(SyncOutcome)
        case crashed
    }

    enum Save {
        case flushing([StreamID: SinkPosition])
        case committing(Checkpoint)
    }

    /// A page under way.
    struct Fetch {
        var request: PageRequest
        /// Nil until the source has answered.
        var answer: SourceAnswer?
        /// What the state knew of the records when it was asked, which may be before the page is reported.
        var known: [StreamID: [Hash128: DeliveredRecord]]?
    }

    let plan: SyncPlan
    var machine: SyncMachine
    var fetch: Fetch?
    var isWaiting = false
    var lines: [(SinkLine, StreamID)]?
    var save: Save?
    /// Without a limit: to count.
    var search: (generation: Int64, limit: Int?)?
    var heads: [RecordHead] = []
    var entries: [ListEntry] = []
    var end: End?
    var lastPage: SourceAnswer?
    var steps = 0

    init(_ plan: SyncPlan, in world: inout World) {
        self.plan = plan
        let scenario = world.scenario
        machine = SyncMachine(
            plan: plan,
            state: world.store.states[plan.stream],
            ties: plan.memory(StreamEvidence(encoded: world.store.states[plan.stream]?.evidence)) == .ties
                ? world.store.ties(of: plan.stream) : [],
            runID: "run",
            limits: scenario.limits,
            now: world.daemonNow,
            at: world.monotonic
        )
    }

    /// Steps that no run of these small worlds needs: an endless loop.
    static let mostSteps = 20_000

    mutating func run(in world: inout World) -> End {
        perform(machine.start(), in: &world)
        while end == nil {
            steps += 1
            guard steps < Self.mostSteps else {
                world.problem("the run does not end")
                return .crashed
            }
            step(in: &world)
        }
        return end ?? .crashed
    }

    private mutating func step(in world: inout World) {
        world.moment()
        if world.happens(world.scenario.faults.crash) { return crash(in: &world) }
        if world.happens(world.scenario.faults.stop) {
            world.trace.note("  stop")
            return perform(machine.stop(), in: &world)
        }
        var choices: [(inout Process, inout World) -> Void] = []
        if fetch != nil, fetch?.answer == nil { choices.append { $0.answerFetch(in: &$1) } }
        if fetch?.answer != nil, fetch?.known == nil { choices.append { $0.lookUp(in: &$1) } }
        if fetch?.known != nil, lines == nil { choices.append { $0.reportFetch(in: &$1) } }
        if isWaiting { choices.append { $0.reportWait(in: &$1) } }
        if lines != nil { choices.append { $0.reportWritten(in: &$1) } }
        if save != nil { choices.append { $0.reportSave(in: &$1) } }
        if search != nil { choices.append { $0.reportSearch(in: &$1) } }
        guard !choices.isEmpty else {
            world.problem("the machine waits for nothing")
            end = .crashed
            return
        }
        world.chance.pick(choices)(&self, &world)
    }

    /// Kills the process. A commit under way may have reached the disk.
    mutating func crash(in world: inout World) {
        if case .committing(let checkpoint)? = save, world.chance.percent(50) { commit(checkpoint, in: &world) }
        world.trace.note("  crash")
        end = .crashed
    }

    // MARK: Actions

    mutating func perform(_ actions: [SyncAction], in world: inout World) {
        for (index, action) in actions.enumerated() where end == nil {
            if index > 0, world.happens(world.scenario.faults.crash) { return crash(in: &world) }
            world.trace.note("  → \(action.brief)")
            begin(action, isLast: index == actions.count - 1, in: &world)
        }
    }

    private mutating func begin(_ action: SyncAction, isLast: Bool, in world: inout World) {
        switch action {
        case .fetch(let request):
            expect(fetch == nil && !isWaiting, "two fetches at once", in: &world)
            fetch = Fetch(request: request)
            if world.chance.percent(30) { answerFetch(in: &world) }
        case .cancelFetch:
            fetch = nil
            isWaiting = false
        case .wait:
            expect(fetch == nil && !isWaiting, "a wait beside a fetch", in: &world)
            isWaiting = true
        case .write(let deliveries):
            expect(lines == nil && isLast, "a write that others would overtake", in: &world)
            lines = deliveries.map(line)
        case .writeDeletes(let records):
            expect(lines == nil && isLast, "a write that others would overtake", in: &world)
            lines = records.map { (SinkLine(id: Int($0.keyText ?? "") ?? -1), plan.stream) }
        case .flush:
            expect(save == nil, "two checkpoints at once", in: &world)
            save = .flushing(world.sink.positions)
        case .commit(let checkpoint):
            expect(save == nil, "two checkpoints at once", in: &world)
            save = .committing(checkpoint)
        case .findUnseen(let generation, let limit):
            expect(isLast && search == nil, "a search that others would overtake", in: &world)
            search = (generation, limit)
        case .countUnseen(let generation):
            expect(isLast && search == nil, "a search that others would overtake", in: &world)
            search = (generation, nil)
        case .note(.doubt(let doubt)):
            let isCapped =
                doubt.kind == .cappedPages && plan.paging.size.map { $0 > world.scenario.traits.pageSize } ?? false
            if doubt.kind != .deletesHeld, !isCapped { world.doubts.insert(doubt.kind) }
        case .note: break
        case .finish(let outcome):
            expect(isLast && fetch == nil && lines == nil && save == nil, "a finish with work under way", in: &world)
            end = .finished(outcome)
        }
    }

    func expect(_ isTrue: Bool, _ text: String, in world: inout World) {
        if !isTrue { world.problem(text) }
    }

    private func line(_ delivery: Delivery) -> (SinkLine, StreamID) {
        let entry = entries[delivery.index]
        let isDelete = delivery.operation == .delete
        return (SinkLine(id: entry.record.id, content: isDelete ? nil : entry.record.content), delivery.stream)
    }
}
