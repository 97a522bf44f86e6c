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
    private let events: any EventSink
    private let supervisor: Supervisor
    private let intake: WebhookIntake
    /// The last one asked for: they are made one after the other.
    private var last: Task<Outcome, Never>?

    init(places: Places, events: any EventSink, supervisor: Supervisor, intake: WebhookIntake) {
        self.places = places
        self.events = events
        self.supervisor = supervisor
        self.intake = intake
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
        let fresh = ConfigurationLoader(places: places).load()
        guard fresh.allLines.isEmpty else {
            events.record(.configurationRefused(lines: fresh.allLines + ["the old configuration stays in force"]))
            return .refused(lines: fresh.allLines)
        }
        for line in fresh.warnings { events.record(.configurationWarning(line: line)) }
        let counts = await supervisor.reload(fresh.connectors, disabled: [:])
        intake.open(fresh.connectors)
        events.record(.reloaded(added: counts.added, changed: counts.changed, removed: counts.removed))
        return .reloaded(
            added: counts.added,
            changed: counts.changed,
            removed: counts.removed,
            warnings: fresh.warnings
        )
    }
}
