package import ConnectorCore

/// Looks through the whole state once a day, at a moment when nothing runs: a disk that changes what was written is
/// told of before a run needs it.
package struct StateInspection: Sendable {
    /// Reads the file from one end to the other: seconds for a state of some millions of records.
    package static let pause: Duration = .seconds(86_400)
    /// A daemon that is never at rest when it is looked at is not spared either.
    package static let patience: Duration = .seconds(86_400)
    private static let step: Duration = .seconds(300)
    /// One line tells all of it: the first ones say where to begin.
    private static let mostTold = 3

    private let clocks: any Clocks
    private let events: any EventSink
    private let isIdle: @Sendable () async -> Bool
    private let damages: @Sendable () async throws(StateError) -> [String]

    /// `damages` says what is not as it was written, without keeping anybody else from the state.
    package init(
        clocks: any Clocks,
        events: any EventSink,
        isIdle: @escaping @Sendable () async -> Bool,
        damages: @escaping @Sendable () async throws(StateError) -> [String]
    ) {
        self.clocks = clocks
        self.events = events
        self.isIdle = isIdle
        self.damages = damages
    }

    /// Until cancelled. The first look is a day after the start, which looks itself.
    package func run() async {
        while await rest(Self.pause), await waitForIdleness() {
            do throws(StateError) {
                let found = try await damages()
                if !found.isEmpty { events.record(.stateFailed(Self.error(found))) }
            } catch {
                events.record(.stateFailed(error))
            }
        }
    }

    private func waitForIdleness() async -> Bool {
        let end = clocks.monotonic + Self.patience
        while clocks.monotonic < end, await !isIdle() {
            guard await rest(Self.step) else { return false }
        }
        return !Task.isCancelled
    }

    private func rest(_ span: Duration) async -> Bool {
        do {
            try await clocks.sleep(for: span)
            return true
        } catch {
            // Cancelled: the daemon stops.
            return false
        }
    }

    private static func error(_ damages: [String]) -> StateError {
        let rest = damages.count - mostTold
        let told = damages.prefix(mostTold).joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
        return StateError(
            .corrupt,
            "the state is not as it was written: \(told)",
            hint: "`check --damage` says all of it; \(StateError.damageRemedy)"
        )
    }
}
