import ConnectorCore
import Synchronization

/// The log of a process whose secrets change with its configuration.
final class ServiceLog: EventSink {
    private let sink: any LogSink
    private let redacting: Mutex<RedactingEventSink>

    init(_ sink: any LogSink, hiding configuration: Configuration) {
        self.sink = sink
        redacting = Mutex(RedactingEventSink(sink, redactor: configuration.redactor))
    }

    func record(_ event: Event) {
        redacting.withLock { $0 }.record(event)
    }

    /// From now on the secrets of these are taken out; runs that end may still speak of the older ones.
    func hide(_ configurations: [Configuration]) {
        var redactor = Redactor()
        for configuration in configurations { configuration.addSecrets(to: &redactor) }
        let fresh = RedactingEventSink(sink, redactor: redactor)
        redacting.withLock { $0 = fresh }
    }
}
