/// Where the daemon's parts report what happened.
package protocol EventSink: Sendable {
    func record(_ event: Event)
}

/// Which events are worth a line: of what level, for each connector.
package struct LogLevels: Sendable, Equatable {
    package var usual: LogEntry.Level
    /// Connectors that want another.
    package var connectors: [String: LogEntry.Level]

    package init(_ usual: LogEntry.Level = .info, connectors: [String: LogEntry.Level] = [:]) {
        self.usual = usual
        self.connectors = connectors
    }

    package func passes(_ event: Event) -> Bool {
        guard !connectors.isEmpty else { return event.level <= usual }
        return event.level <= (event.connector.flatMap { connectors[$0] } ?? usual)
    }
}

/// Turns events into log lines: leaves out what is not worth one, or was told a moment ago, and takes every known secret
/// out, whatever way it came in. A value; whoever shares it locks it.
package struct EventLog: Sendable {
    package var levels: LogLevels
    package var redactor: Redactor
    private var repeats = RepeatGuard()

    package init(levels: LogLevels = LogLevels(.debug), redactor: Redactor) {
        self.levels = levels
        self.redactor = redactor
    }

    /// The lines that an event becomes: none, one, or two.
    package mutating func entries(for event: Event, at now: MonotonicInstant) -> [LogEntry] {
        let recovery = repeats.recovery(after: event, at: now).flatMap {
            levels.passes($0) ? entry($0, untold: 0) : nil
        }
        guard levels.passes(event), case .tell(let untold) = repeats.judge(event, at: now) else {
            return recovery.map { [$0] } ?? []
        }
        return (recovery.map { [$0] } ?? []) + [entry(event, untold: untold)]
    }

    private func entry(_ event: Event, untold: Int) -> LogEntry {
        var entry = event.entry
        if untold > 0 {
            entry.message += " (and \(untold) more like it since the last line)"
            entry.fields.append((name: "UNTOLD", value: String(untold)))
        }
        entry.message = redactor.redact(entry.message)
        entry.fields = entry.fields.map { (name: $0.name, value: redactor.redact($0.value)) }
        return entry
    }
}
