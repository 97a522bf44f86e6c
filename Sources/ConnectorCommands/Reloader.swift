import ConnectorConfiguration
import ConnectorCore
import ConnectorDaemon

/// Changes the running daemon over to what the files say now: wholly, or not at all.
actor Reloader {
    enum Outcome: Sendable {
        case reloaded(added: Int, changed: Int, removed: Int, warnings: [String])
        /// The old configuration stays in force.
        case refused(lines: [String])
    }

    private let places: Places
    private let log: ServiceLog
    private let events: any EventSink
    private let supervisor: Supervisor
    private let intake: WebhookIntake
    private let board: StatusBoard
    /// What the daemon began with: sinks and listener are made once.
    private let started: DaemonConfig
    private var configuration: Configuration
    /// The last one asked for: they are made one after the other.
    private var last: Task<Outcome, Never>?

    init(
        places: Places,
        configuration: Configuration,
        log: ServiceLog,
        events: any EventSink,
        supervisor: Supervisor,
        intake: WebhookIntake,
        board: StatusBoard
    ) {
        self.places = places
        self.configuration = configuration
        started = configuration.daemon
        self.log = log
        self.events = events
        self.supervisor = supervisor
        self.intake = intake
        self.board = board
    }

    func reload() async -> Outcome {
        let before = last
        let task = Task {
            _ = await before?.value
            return await change()
        }
        last = task
        return await task.value
    }

    private func change() async -> Outcome {
        let fresh = ConfigurationLoader(places: places).load(inForce: started)
        log.change(from: configuration, to: fresh)
        await board.noteReload(isRefused: !fresh.allLines.isEmpty)
        guard fresh.allLines.isEmpty else {
            events.record(.configurationRefused(lines: fresh.allLines + ["the old configuration stays in force"]))
            return .refused(lines: fresh.allLines)
        }
        for line in fresh.warnings { events.record(.configurationWarning(line: line)) }
        let counts = await supervisor.reload(fresh.connectors, disabled: [:])
        intake.open(fresh.connectors, closed: fresh.disabled.map(\.name))
        configuration = fresh
        // What waits for streams that are new, or begin anew, was told to nobody of them.
        await supervisor.resumeEvents()
        events.record(.reloaded(added: counts.added, changed: counts.changed, removed: counts.removed))
        return .reloaded(
            added: counts.added,
            changed: counts.changed,
            removed: counts.removed,
            warnings: fresh.warnings
        )
    }
}
