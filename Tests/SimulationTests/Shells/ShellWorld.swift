import ConnectorCore

/// Everything that outlives a process: the source, the store, the sink, and time.
///
/// `@unchecked Sendable`: confined to the thread of its loop.
final class ShellWorld: @unchecked Sendable {
    /// When a scenario begins, by the source's clock.
    static let beginning: Int64 = 100 * 86_400 * SourceTraits.second

    let scenario: ShellScenario
    let loop: VirtualLoop
    let store = InMemoryStore()
    let trace: Trace
    var chance: Chance
    var source = SimulatedSource()
    var sink = ShellSink()
    /// What the last checkpoint of a stream says of its source; nil where nothing was committed.
    private(set) var evidence: [StreamID: StreamEvidence] = [:]
    /// Faults and changes happen.
    var isRestless = true
    /// Changes since the last run that succeeded began.
    var changes = 0
    /// A bad moment lasted for the rest of a run.
    var hadOutage = false
    /// What was asked when bad moments began.
    var placesOfBlips: Set<String> = []
    /// Of the source, at the end of the run before.
    var recordsBefore: Int?
    /// A source that changes faster than it is read is read without end.
    var changesLeft = 60
    private(set) var problems: [String] = []
    private var linesSinceCheckpoint = 0

    init(_ scenario: ShellScenario, trace: Trace) {
        self.scenario = scenario
        self.trace = trace
        chance = Chance(seed: ~scenario.seed)
        loop = VirtualLoop(seed: scenario.seed ^ 0xABCD, time: Self.beginning)
        for _ in 0..<scenario.initialChanges {
            pass(seconds: 0...20)
            change()
        }
    }

    func noted(_ checkpoint: Checkpoint) {
        trace.note("  committed \(checkpoint.brief)")
        evidence[checkpoint.stream] = StreamEvidence(encoded: checkpoint.state.evidence)
        sink.positions.merge(checkpoint.sinkPositions) { _, new in new }
        linesSinceCheckpoint = 0
    }

    /// Whatever a source does, what is written goes no further ahead of what is durable than a checkpoint's records and
    /// the pages that came while it was made.
    func wrote(_ lines: Int) {
        linesSinceCheckpoint += lines
        let most = 2 * scenario.limits.checkpointRecords + 3 * Self.largestPage
        if linesSinceCheckpoint > most { problem("\(linesSinceCheckpoint) lines since the last checkpoint") }
    }

    /// More than any source of the simulation has, all on one page.
    private static let largestPage = 150

    /// What a run before wrote and did not make durable is cut off.
    func opened(_ stream: StreamID, at position: SinkPosition?) {
        sink.open(stream, at: position)
        linesSinceCheckpoint = 0
    }

    func pass(seconds: ClosedRange<Int>) {
        loop.pass(Int64(chance.number(seconds)) * SourceTraits.second + Int64(chance.number(0...999)) * 1_000_000)
    }

    func change() {
        guard changesLeft > 0 else { return }
        changesLeft -= 1
        let what = source.change(scenario.traits, now: loop.time, with: &chance)
        trace.note("    source: \(what)")
    }

    /// Whether something that shifts pages, or hides them, may happen now.
    func mayDisturb() -> Bool {
        guard isRestless, changes < scenario.changesPerWalk else { return false }
        changes += 1
        return true
    }

    func happens(_ permille: Int) -> Bool { isRestless && chance.permille(permille) }

    /// For what is asked at every step.
    func happensNow(_ perTenThousand: Int) -> Bool {
        isRestless && perTenThousand > 0 && chance.number(1...10_000) <= perTenThousand
    }

    func problem(_ text: String) {
        trace.note("PROBLEM: \(text)")
        problems.append(text)
    }
}
