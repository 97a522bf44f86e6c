package import ConnectorCore

/// Feeds systemd's watchdog only while every part of the daemon answers.
package struct HealthReporter: Sendable {
    /// A part that must answer: its name for the log, and a question that returns when it is alive.
    package struct Part: Sendable {
        package var name: String
        package var ping: @Sendable () async -> Bool

        package init(_ name: String, ping: @escaping @Sendable () async -> Bool) {
            self.name = name
            self.ping = ping
        }
    }

    private let parts: [Part]
    private let interval: Duration
    private let events: any EventSink
    private let feed: @Sendable () -> Void

    /// `interval` is half of the watchdog's time.
    package init(parts: [Part], interval: Duration, events: any EventSink, feed: @escaping @Sendable () -> Void) {
        self.parts = parts
        self.interval = interval
        self.events = events
        self.feed = feed
    }

    /// Until cancelled. A part that hangs keeps this from going on, so the watchdog starves.
    package func run() async {
        while !Task.isCancelled {
            var isHealthy = true
            for part in parts where await !part.ping() {
                events.record(.unresponsive(part.name))
                isHealthy = false
            }
            if isHealthy { feed() }
            do {
                try await Task.sleep(for: interval)
            } catch {
                return
            }
        }
    }
}
