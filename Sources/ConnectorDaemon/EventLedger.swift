package import ConnectorCore
import Synchronization

/// Passes events on to the log, and counts them for the metrics.
package final class EventLedger: EventSink {
    private let log: any EventSink
    private let state = Mutex(EventCounts())

    package init(_ log: any EventSink) {
        self.log = log
    }

    package func record(_ event: Event) {
        state.withLock { $0.count(event) }
        log.record(event)
    }

    package var counts: EventCounts { state.withLock { $0 } }
}
