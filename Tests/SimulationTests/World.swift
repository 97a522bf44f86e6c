import ConnectorCore

/// Everything that outlives a process: the source, the store, the sink, and time.
struct World {
    /// When a scenario begins, by the source's clock.
    static let beginning: Int64 = 100 * 86_400 * SourceTraits.second

    let scenario: Scenario
    var chance: Chance
    var source = SimulatedSource()
    var store = SimulatedStore()
    var sink = SimulatedSink()
    /// The source's clock.
    var clock = World.beginning
    /// Faults and changes happen.
    var isRestless = true
    /// Changes since the last run that succeeded began.
    var changes = 0
    /// A source that changes faster than it is read is read without end.
    var changesLeft = 80
    var problems: [String] = []
    /// What the daemon came to doubt of a source that keeps to its definition.
    var doubts: Set<Doubt.Kind> = []
    var trace: Trace

    init(_ scenario: Scenario, trace: Trace) {
        self.scenario = scenario
        self.trace = trace
        chance = Chance(seed: ~scenario.seed)
        for _ in 0..<scenario.initialChanges {
            pass(seconds: 0...20)
            change()
        }
    }

    /// The daemon's clock before it has heard of the source's.
    var daemonNow: Instant { Instant(nanoseconds: clock + scenario.skew) }
    /// What a `Date` header says.
    var headerNow: Instant { Instant(seconds: Instant(nanoseconds: clock).seconds) }
    var monotonic: MonotonicInstant { MonotonicInstant(nanoseconds: clock) }

    mutating func pass(seconds: ClosedRange<Int>) {
        clock += Int64(chance.number(seconds)) * SourceTraits.second + Int64(chance.number(0...999)) * 1_000_000
    }

    mutating func change() {
        guard changesLeft > 0 else { return }
        changesLeft -= 1
        let what = source.change(scenario.traits, now: clock, with: &chance)
        trace.note("    source: \(what)")
    }

    /// A moment passes beside the daemon's work.
    mutating func moment() {
        pass(seconds: 0...2)
        guard isRestless, changes < scenario.changesPerWalk, chance.permille(scenario.faults.change) else { return }
        changes += 1
        change()
    }

    mutating func happens(_ permille: Int) -> Bool { isRestless && chance.permille(permille) }

    mutating func problem(_ text: String) {
        trace.note("PROBLEM: \(text)")
        problems.append(text)
    }
}

/// What happened, for the replay of one seed; empty otherwise.
struct Trace {
    let isOn: Bool

    func note(_ text: @autoclosure () -> String) {
        if isOn { print(text()) }
    }
}
