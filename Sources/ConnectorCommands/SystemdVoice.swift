import ConnectorCore
import Synchronization
import SystemdService

/// Tells systemd, and the log when that fails: once, since a lost notification is no reason to stop.
final class SystemdVoice: Sendable {
    let notifier = ServiceNotifier.fromEnvironment()
    private let events: any EventSink
    private let lastStatus = Mutex("")

    init(_ events: any EventSink) {
        self.events = events
    }

    func tell(_ send: (ServiceNotifier) throws(SystemdError) -> Void) {
        do throws(SystemdError) {
            try send(notifier)
        } catch {
            events.record(.notifyFailed(error.description))
        }
    }

    /// The status line, where it has changed.
    func status(_ sentence: String) {
        let isNew = lastStatus.withLock { last in
            defer { last = sentence }
            return last != sentence
        }
        if isNew { tell { (notifier) throws(SystemdError) in try notifier.status(sentence) } }
    }
}
