import ConnectorCore

/// A machine with a clock: both start at zero and go on together.
struct SupervisorTable {
    var machine: SupervisorMachine
    var generator = SeededGenerator(seed: 1)
    var now = MonotonicInstant(nanoseconds: 0)

    init(maximumRuns: Int = 16) {
        machine = SupervisorMachine(maximumRuns: maximumRuns)
    }

    mutating func add(_ name: String, every: Int = 60, jitter: Int = 0, writes: [String] = []) {
        add([(name, every, writes)], jitter: jitter)
    }

    mutating func add(_ streams: [(name: String, every: Int, writes: [String])], jitter: Int = 0) {
        let plans = streams.map { stream in
            SupervisorMachine.Plan(
                stream: id(stream.name),
                schedule: .every(.seconds(stream.every), jitter: .seconds(jitter)),
                writes: Set([id(stream.name)] + stream.writes.map(id))
            )
        }
        machine.add(plans, wall: Instant(nanoseconds: now.nanoseconds), monotonic: now, using: &generator)
    }

    /// The names of streams that begin.
    mutating func fire(at seconds: Int) -> [String] {
        now = MonotonicInstant(nanoseconds: Int64(seconds) * 1_000_000_000)
        return names(machine.timerFired(wall: Instant(nanoseconds: now.nanoseconds), monotonic: now, using: &generator))
    }

    /// Streams that run when they are triggered, and not by themselves.
    mutating func addOnDemand(_ names: String...) {
        let plans = names.map { SupervisorMachine.Plan(stream: id($0), schedule: nil, writes: [id($0)]) }
        machine.add(plans, wall: Instant(nanoseconds: now.nanoseconds), monotonic: now, using: &generator)
    }

    mutating func trigger(_ name: String, at seconds: Int) -> [String] {
        now = MonotonicInstant(nanoseconds: Int64(seconds) * 1_000_000_000)
        return names(machine.trigger(id(name), at: now))
    }

    mutating func end(_ name: String, _ ending: SupervisorMachine.Ending = .succeeded) -> [String] {
        names(end(machine.run(of: id(name)), ending))
    }

    /// Of one that is not under way where there is none.
    mutating func end(
        _ run: SupervisorMachine.Run?,
        _ ending: SupervisorMachine.Ending
    ) -> [SupervisorMachine.Action] {
        guard let run else { return [] }
        return machine.runEnded(run, ending, at: now, using: &generator)
    }

    func state(_ name: String) -> StreamSituation? {
        machine.situations(wall: Instant(nanoseconds: now.nanoseconds), monotonic: now)[id(name)]
    }

    /// When a stream is due, in seconds.
    func due(_ name: String) -> Int64? { machine.nextRun(of: id(name)).map { $0.nanoseconds / 1_000_000_000 } }
}

/// `a` is stream `a` of connector `c`; `x/a` names both.
func id(_ name: String) -> StreamID {
    let parts = name.split(separator: "/").map(String.init)
    return parts.count == 2 ? StreamID(connector: parts[0], stream: parts[1]) : StreamID(connector: "c", stream: name)
}

func names(_ actions: [SupervisorMachine.Action]) -> [String] {
    func short(_ stream: StreamID) -> String { stream.connector == "c" ? stream.stream : stream.description }
    return actions.map { action in
        switch action {
        case .start(let run): short(run.stream)
        case .cancel(let run): "cancel \(short(run.stream))"
        case .drained: "drained"
        }
    }
}
