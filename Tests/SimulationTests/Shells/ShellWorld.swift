import ConnectorCore

/// Everything that outlives a process: the source, the store, the sink, and time.
///
/// `@unchecked Sendable`: confined to the thread of its loop.
final class ShellWorld: @unchecked Sendable {
    let scenario: ShellScenario
    let loop: VirtualLoop
    let store = InMemoryStore()
    let trace: Trace
    var chance: Chance
    var source = SimulatedSource()
    var sink = ShellSink()
    /// Faults and changes happen.
    var isRestless = true
    /// Changes since the last run that succeeded began.
    var changes = 0
    /// A source that changes faster than it is read is read without end.
    var changesLeft = 60
    private(set) var problems: [String] = []

    init(_ scenario: ShellScenario, trace: Trace) {
        self.scenario = scenario
        self.trace = trace
        chance = Chance(seed: ~scenario.seed)
        loop = VirtualLoop(seed: scenario.seed ^ 0xABCD, time: World.beginning)
        for _ in 0..<scenario.initialChanges {
            pass(seconds: 0...20)
            change()
        }
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

    func problem(_ text: String) {
        trace.note("PROBLEM: \(text)")
        problems.append(text)
    }
}
