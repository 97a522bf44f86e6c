import AITBCConnectors
package import ConnectorCore
import Dispatch
import SerialQueue

/// Runs what `SupervisorMachine` decides: starts and stops runs, keeps the timer, tells what state connectors are in.
package actor Supervisor {
    private let services: Services
    private let executor: SerialQueueExecutor
    private var machine: SupervisorMachine
    private var accounts: Accounts
    private var runners: [String: ConnectorRunner] = [:]
    private var streams: [StreamID: StreamDefinition] = [:]
    private var disabled: [String: String] = [:]
    private var generator = SystemRandomNumberGenerator()
    private var scheduler: Scheduler?
    private var orders = SyncOrders() {
        didSet { tellWatchers() }
    }
    /// Those who wait to hear what came of an order.
    private var watchers: [CheckedContinuation<Void, Never>] = []
    private var drained: [CheckedContinuation<Void, Never>] = []
    private var isDrained = false
    private var isEnding = false
    private let onChange: @Sendable (Summary) -> Void
    private var isTellingLater = false
    private var hasChanged = false

    /// How long changes are gathered before `onChange` hears of them together.
    private static let summaryInterval: Duration = .milliseconds(500)
    /// Whoever waits for an order's end hears after this long that it is not there yet.
    private static let patience: Duration = .seconds(10)

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// For systemd's status line and `status`.
    package struct Summary: Sendable, Equatable {
        package var states: [String: ConnectorState]
        /// Streams that only a person can help, of connectors that go on.
        package var blockedStreams: [StreamID]

        package init(states: [String: ConnectorState], blockedStreams: [StreamID] = []) {
            self.states = states
            self.blockedStreams = blockedStreams
        }
    }

    /// `onChange` is called after runs and changes of configuration, within a second; it must not block.
    package init(services: Services, maximumRuns: Int, onChange: @escaping @Sendable (Summary) -> Void) {
        self.services = services
        self.onChange = onChange
        executor = SerialQueueExecutor(label: "supervisor")
        machine = SupervisorMachine(maximumRuns: maximumRuns)
        accounts = Accounts(clocks: services.clocks)
    }

    /// Starts the connectors; runs begin when they are due. `disabled` are those whose files have mistakes.
    package func start(_ connectors: [ConnectorDefinition], disabled: [String: String]) {
        scheduler = Scheduler(queue: executor.queue, clocks: services.clocks) { [weak self] in
            guard let self else { return }
            self.assumeIsolated { $0.timerFired() }
        }
        apply(connectors, disabled: disabled)
    }

    /// Takes over a new configuration: connectors that did not change go on undisturbed, and what waited for a person
    /// begins anew.
    package func reload(_ connectors: [ConnectorDefinition], disabled: [String: String]) -> (
        added: Int, changed: Int, removed: Int
    ) {
        let old = runners.mapValues(\.connector)
        let new = Dictionary(connectors.map { ($0.name, $0) }) { _, last in last }
        let removed = old.keys.filter { new[$0] == nil }
        let changed = new.values.filter { old[$0.name] != nil && old[$0.name] != $0 }
        let added = new.values.filter { old[$0.name] == nil }
        for name in removed + changed.map(\.name) { take(machine.remove(connector: name)) }
        let gone = Set(removed + changed.map(\.name))
        orders.drop { gone.contains($0.connector) }
        for name in removed { runners[name] = nil }
        // A changed connector may have lost some of its streams.
        streams = streams.filter { !gone.contains($0.key.connector) }
        machine.release(at: services.clocks.monotonic)
        apply(connectors, disabled: disabled)
        return (added.count, changed.count, removed.count)
    }

    private func apply(_ connectors: [ConnectorDefinition], disabled: [String: String]) {
        self.disabled = disabled
        let gates = accounts.gates(for: connectors)
        for connector in connectors where runners[connector.name]?.connector != connector {
            guard let gate = gates[connector.name] else { continue }
            runners[connector.name] = ConnectorRunner(connector, gate: gate, services: services)
            machine.limit(connector.name, to: connector.maximumConcurrentStreams)
            for stream in connector.streams { streams[stream.id] = stream }
            machine.add(
                connector.plans,
                wall: services.clocks.now,
                monotonic: services.clocks.monotonic,
                using: &generator
            )
        }
        changed()
    }

    private func timerFired() {
        take(machine.timerFired(wall: services.clocks.now, monotonic: services.clocks.monotonic, using: &generator))
        changed()
    }

    private func take(_ actions: [SupervisorMachine.Action]) {
        for action in actions {
            switch action {
            case .start(let run): begin(run)
            case .cancel(let run):
                guard let runner = runners[run.stream.connector] else { continue }
                Task { await runner.stop(run.stream) }
            case .drained: finishDraining()
            }
        }
    }

    /// Events came in, and wait there.
    package func eventsArrived(in streams: Set<StreamID>) {
        for stream in streams.sorted() { take(machine.trigger(stream, at: services.clocks.monotonic)) }
        changed()
    }

    /// What an earlier life of the process left to do: events that wait, syncs that they asked for.
    package func resumeEvents() async {
        guard let inbox = services.inbox else { return }
        do throws(StateError) {
            let waiting = try await inbox.waitingCounts()
            for (stream, count) in waiting where !machine.knows(stream) {
                services.events.record(.eventsOrphaned(stream, count: count))
            }
            eventsArrived(in: Set(waiting.keys))
            eventsArrived(in: Set(try await inbox.earlySyncs()))
        } catch {
            services.events.record(.stateFailed(error))
        }
    }

    private func workOff(_ run: SupervisorMachine.Run, _ runner: ConnectorRunner) {
        Task {
            let outcome = await runner.workOff(run.stream) { [weak self] streams in
                guard let self else { return }
                Task { await self.eventsArrived(in: Set(streams)) }
            }
            ended(run, outcome)
        }
    }

    private func begin(_ run: SupervisorMachine.Run) {
        let stream = run.stream
        if stream.isEvents, let runner = runners[stream.connector] { return workOff(run, runner) }
        guard let runner = runners[stream.connector], let definition = streams[stream] else {
            // Its place is another's at once; the machine has no part in what the configuration lacks.
            return take(machine.runEnded(run, .interrupted, at: services.clocks.monotonic, using: &generator))
        }
        let options = orders.begin(stream)
        Task {
            let outcome = await runner.sync(definition, options: options)
            ended(run, outcome)
        }
    }

    /// Has streams run as soon as they may. Answers a number to ask for what came of it, nil where one of them is asked
    /// for already.
    package func order(_ streams: [StreamID: SyncOptions]) -> Int? {
        guard let number = orders.place(streams) else { return nil }
        // A person who asks may know that the server is back.
        for name in Set(streams.keys.map(\.connector)) { runners[name]?.forgetTrouble() }
        for stream in streams.keys.sorted() { take(machine.request(stream, at: services.clocks.monotonic)) }
        // While the daemon ends, none of them begins.
        if isEnding { orders.drop { streams[$0] != nil } }
        changed()
        return number
    }

    /// As soon as more than `known` of its streams are settled, or nothing has come for a while. What concerns others wakes
    /// nobody: who is answered that nothing is known yet has to ask again, and the daemon may have ended by then.
    package func cameOf(order number: Int, beyond known: Int) async -> SyncOrders.Order? {
        let end = services.clocks.monotonic + Self.patience
        while let order = orders.order(number), !order.isDone, order.settled <= known {
            let rest = end - services.clocks.monotonic
            guard rest > .zero else { break }
            executor.schedule(after: rest) { [weak self] in
                guard let self else { return }
                self.assumeIsolated { $0.tellWatchers() }
            }
            await withCheckedContinuation { watchers.append($0) }
        }
        return orders.order(number)
    }

    private func tellWatchers() {
        for watcher in watchers { watcher.resume() }
        watchers = []
    }

    package func knows(_ stream: StreamID) -> Bool { streams[stream] != nil }

    private func ended(_ run: SupervisorMachine.Run, _ outcome: SyncOutcome) {
        orders.ended(run.stream, outcome)
        let ending = SupervisorMachine.Ending(outcome)
        // The other streams would be refused, too; nobody waits an hour for that. An old credential's refusal says
        // nothing of the new one.
        if case .lockedOut = ending, machine.isCurrent(run) { orders.drop { $0.connector == run.stream.connector } }
        take(machine.runEnded(run, ending, at: services.clocks.monotonic, using: &generator))
        changed()
    }

    private func changed() {
        scheduler?.set(machine.nextDue)
        tellChange()
    }

    /// At once, then after a while what has come together: with hundreds of connectors something changes all the time.
    private func tellChange() {
        guard !isTellingLater else { return hasChanged = true }
        hasChanged = false
        isTellingLater = true
        onChange(summary)
        executor.schedule(after: Self.summaryInterval) { [weak self] in
            guard let self else { return }
            self.assumeIsolated { $0.tellLater() }
        }
    }

    private func tellLater() {
        isTellingLater = false
        if hasChanged { tellChange() }
    }

    package var summary: Summary {
        var states = disabled.mapValues(ConnectorState.disabled)
        let known = machine.states
        for name in runners.keys { states[name] = known[name] ?? .stopped }
        return Summary(states: states, blockedStreams: machine.blockedStreams)
    }

    /// What a status says of now.
    package func fill(_ facts: inout StatusFacts) {
        facts.connectors = summary.states
        facts.situations = machine.situations(wall: services.clocks.now, monotonic: services.clocks.monotonic)
        facts.configured = Set(facts.situations.keys)
    }

    /// Whether no run is under way.
    package var isIdle: Bool { machine.runningStreams.isEmpty }

    /// Answers when the queue is free: for the watchdog.
    package func ping() {}

    /// Starts nothing more, lets runs end at their next page, and returns when all have.
    package func drain() async {
        isEnding = true
        orders.drop { _ in true }
        services.retireSinks()
        take(machine.drain())
        changed()
        guard !isDrained else { return }
        await withCheckedContinuation { drained.append($0) }
    }

    private func finishDraining() {
        isDrained = true
        for waiting in drained { waiting.resume() }
        drained = []
    }
}

extension SupervisorMachine.Ending {
    /// A refusal blocks what it is about: the credential, or one stream.
    fileprivate init(_ outcome: SyncOutcome) {
        switch outcome {
        case .succeeded: self = .succeeded
        case .interrupted: self = .interrupted
        case .failed(_, let failure) where failure.kind == .credentials && !failure.isLocal:
            self = .lockedOut(failure.description)
        case .failed(_, let failure) where failure.kind.needsPerson && !failure.isLocal:
            self = .blocked(failure.description)
        case .failed(_, let failure): self = .failed(failure.description)
        }
    }
}

extension ConnectorDefinition {
    /// When what runs, and beside what: its lists, and the events that wait for its streams.
    fileprivate var plans: [SupervisorMachine.Plan] {
        let lists = streams.map { stream in
            SupervisorMachine.Plan(stream: stream.id, schedule: stream.schedule, writes: Set(stream.writes))
        }
        return lists
            + eventQueues.map { events in
                let writes = Set([events, events.eventTarget].compactMap { $0 })
                return .init(stream: events, schedule: nil, writes: writes)
            }
    }

    /// Where its webhook's events wait.
    package var eventQueues: [StreamID] {
        guard let webhook else { return [] }
        let targets: [String?] = Set(webhook.effects.compactMap(\.stream)).sorted() + [nil]
        return targets.map { StreamID.events(of: name, into: $0) }
    }
}

extension Supervisor.Summary {
    /// A sentence for `systemctl status`.
    package var sentence: String {
        let counts = Dictionary(grouping: states.values, by: \.name).mapValues(\.count)
        let parts = ["syncing", "idle", "starting", "backing off", "blocked", "disabled", "draining"]
            .compactMap { name in counts[name].map { "\($0) \(name)" } }
        let troubled = states.filter { $0.value.needsAttention }.keys.sorted()
        let blocked = blockedStreams.map(\.description)
        let streams = blocked.isEmpty ? "" : "; \(Counted.text(blocked.count, "stream")) blocked\(Self.named(blocked))"
        return "\(Counted.text(states.count, "connector")): "
            + "\(parts.joined(separator: ", "))\(Self.named(troubled))\(streams)"
    }

    /// The first three.
    private static func named(_ names: [String]) -> String {
        guard !names.isEmpty else { return "" }
        return " (\(names.prefix(3).joined(separator: ", "))\(names.count > 3 ? ", …" : ""))"
    }
}
