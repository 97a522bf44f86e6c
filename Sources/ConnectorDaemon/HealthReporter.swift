package import ConnectorCore

/// Feeds systemd's watchdog only while every part of the daemon answers.
package struct HealthReporter: Sendable {
    /// A part that must answer: its name for the log, and a question that returns when it is alive.
    package struct Part: Sendable {
        package var name: String
        package var ping: @Sendable () async -> Bool

        /// How long it may take before the daemon counts as ill: a disk may need seconds for a sync.
        package static let patience: Duration = .seconds(5)

        /// False also where no answer comes in time.
        package func answers(within patience: Duration = patience, by clocks: any Clocks) async -> Bool {
            await Patience.wait(patience, by: clocks, for: ping) ?? false
        }

        package init(_ name: String, ping: @escaping @Sendable () async -> Bool) {
            self.name = name
            self.ping = ping
        }
    }

    private let parts: [Part]
    private let interval: Duration
    private let patience: Duration
    private let clocks: any Clocks
    private let events: any EventSink
    private let feed: @Sendable () -> Void

    /// `interval` is half of the watchdog's time.
    package init(
        parts: [Part],
        interval: Duration,
        patience: Duration = Part.patience,
        clocks: any Clocks,
        events: any EventSink,
        feed: @escaping @Sendable () -> Void
    ) {
        self.parts = parts
        self.interval = interval
        self.patience = patience
        self.clocks = clocks
        self.events = events
        self.feed = feed
    }

    /// Until cancelled. While a part hangs, it is said and the watchdog starves.
    package func run() async {
        while !Task.isCancelled {
            var isHealthy = true
            for part in parts where await !part.answers(within: patience, by: clocks) {
                guard !Task.isCancelled else { return }
                events.record(.unresponsive(part.name))
                isHealthy = false
            }
            if isHealthy { feed() }
            do {
                try await clocks.sleep(for: interval)
            } catch {
                return
            }
        }
    }
}
