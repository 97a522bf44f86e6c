/// Keeps a trouble that lasts from filling the log: it is told at once, then after a minute, and ever more rarely, down
/// to once an hour, with the number of those in between. A value without I/O.
package struct RepeatGuard: Sendable {
    /// Until the second line.
    package static let firstPause: Duration = .seconds(60)
    /// A trouble of the night still has a line in the last hour of the journal.
    package static let longestPause: Duration = .seconds(3_600)
    /// Kinds of trouble times streams; beyond these, each is told.
    private static let maximumTroubles = 10_000

    package enum Verdict: Sendable, Equatable {
        /// With how many like it since the last line.
        case tell(untold: Int)
        case keepBack
    }

    private struct Trouble: Sendable {
        var told: MonotonicInstant
        var pause: Duration
        var untold = 0
    }

    private struct Streak: Sendable {
        var since: MonotonicInstant
        var failures: Int
    }

    private var troubles: [String: Trouble] = [:]
    /// Failures in a row, of streams.
    private var streaks: [StreamID: Streak] = [:]

    package init() {}

    package mutating func judge(_ event: Event, at now: MonotonicInstant) -> Verdict {
        note(event, at: now)
        guard let name = Self.name(of: event) else { return .tell(untold: 0) }
        if var trouble = troubles[name] {
            guard now - trouble.told >= trouble.pause else {
                trouble.untold += 1
                troubles[name] = trouble
                return .keepBack
            }
            let grows = !event.isWebhookProgress && now - trouble.told <= Self.longestPause * 2
            let pause = grows ? trouble.pause * 2 : Self.firstPause
            troubles[name] = Trouble(told: now, pause: min(pause, Self.longestPause))
            return .tell(untold: trouble.untold)
        }
        if troubles.count >= Self.maximumTroubles {
            troubles = troubles.filter { now - $0.value.told < $0.value.pause }
            guard troubles.count < Self.maximumTroubles else { return .tell(untold: 0) }
        }
        troubles[name] = Trouble(told: now, pause: Self.firstPause)
        return .tell(untold: 0)
    }

    /// A success that ends a row of failures: what is to be told of it. The next trouble is told at once again.
    package mutating func recovery(after event: Event, at now: MonotonicInstant) -> Event? {
        guard case .runSucceeded(let stream, _, _) = event, let streak = streaks.removeValue(forKey: stream) else {
            return nil
        }
        troubles = troubles.filter { !$0.key.hasPrefix(Self.prefix(stream)) }
        return .recovered(stream, failures: streak.failures, after: now - streak.since)
    }

    private mutating func note(_ event: Event, at now: MonotonicInstant) {
        switch event {
        case .runFailed(let stream, _, _), .connectorBlocked(let stream, _):
            streaks[stream, default: Streak(since: now, failures: 0)].failures += 1
        default: break
        }
    }

    /// What counts as the same trouble; nil for what is told each time.
    private static func name(of event: Event) -> String? {
        switch event {
        case .runFailed(let stream, _, let failure), .connectorBlocked(let stream, let failure):
            prefix(stream) + "\(event.messageID) \(failure.kind) \(failure.status ?? 0)"
        case .blip(let stream, _), .walkRestarted(let stream, _, _), .stillChanging(let stream, _, _),
            .retrying(let stream, _, _, _, _):
            prefix(stream) + event.messageID
        // Events may come one by one all day long; a line a minute is enough.
        case .runSucceeded(let stream, _, _) where event.isWebhookProgress: prefix(stream) + event.messageID
        case .quotaPause(let connector, _): "\(connector) \(event.messageID)"
        case .stateFailed, .notifyFailed, .unresponsive: event.messageID + event.message
        // These are counted by themselves, or happen once.
        case .started, .stopping, .stopped, .configurationRefused, .connectorDisabled, .configurationWarning, .reloaded,
            .runStarted, .runSucceeded, .recovered, .runInterrupted, .deadLettered, .audited, .listening,
            .listenerFailed, .controlFailed, .webhookRefused, .eventsOrphaned, .doubted, .doubtSettled,
            .planChanged, .stateIsBehind, .stateBegan:
            nil
        }
    }

    private static func prefix(_ stream: StreamID) -> String { "\(stream) " }
}

extension Event {
    /// Events of a webhook were worked off.
    fileprivate var isWebhookProgress: Bool {
        guard case .runSucceeded(let stream, let run, _) = self else { return false }
        return stream.isEvents && run.records + run.deletes > 0
    }
}
