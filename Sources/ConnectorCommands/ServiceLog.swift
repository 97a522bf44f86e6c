import ConnectorConfiguration
import ConnectorCore
import Synchronization

/// The log of a process whose secrets and levels change with its configuration.
final class ServiceLog: EventSink {
    private let sink: any LogSink
    private let clocks: any Clocks
    private let log: Mutex<EventLog>

    init(_ sink: any LogSink, clocks: any Clocks, for configuration: Configuration) {
        self.sink = sink
        self.clocks = clocks
        log = Mutex(EventLog(levels: configuration.logLevels, redactor: configuration.redactor))
    }

    func record(_ event: Event) {
        let now = clocks.monotonic
        for entry in log.withLock({ $0.entries(for: event, at: now) }) { sink.write(entry) }
    }

    /// From now on `fresh` says what is told, and the secrets of both are taken out; runs that end may still speak of
    /// the older ones.
    func change(from old: Configuration, to fresh: Configuration) {
        var redactor = Redactor()
        for configuration in [old, fresh] { configuration.addSecrets(to: &redactor) }
        log.withLock { log in
            log.redactor = redactor
            // A configuration that is refused says nothing of levels.
            if fresh.allLines.isEmpty { log.levels = fresh.logLevels }
        }
    }
}

extension Configuration {
    var logLevels: LogLevels {
        let own = connectors.compactMap { connector in connector.logLevel.map { (connector.name, $0) } }
        return LogLevels(daemon.logLevel, connectors: Dictionary(own) { first, _ in first })
    }
}
