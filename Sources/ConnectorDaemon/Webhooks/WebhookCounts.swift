package import ConnectorCore
import Synchronization

/// What came of the requests of each connector's webhook since the start.
package struct WebhookCounts: Sendable, Equatable {
    package var accepted: Int64 = 0
    package var duplicates: Int64 = 0
    package var refused: [String: Int64] = [:]
    package var lastEvent: Instant?
    package var lastType: String?

    package init() {}
}

/// Keeps the counts, and decides which refusals are worth a line: one a minute for a peer and reason.
final class WebhookLedger: Sendable {
    /// A hostile network has many addresses; beyond these only counts tell of them.
    private static let maximumPeers = 1_024
    private static let quiet: Duration = .seconds(60)

    private struct State {
        var counts: [String: WebhookCounts] = [:]
        var told: [String: MonotonicInstant] = [:]
        var untold: [String: Int] = [:]
    }

    private let state = Mutex(State())

    func counts() -> [String: WebhookCounts] { state.withLock { $0.counts } }

    func accepted(_ connector: String, new: Int, of events: [IncomingEvent], at: Instant) {
        state.withLock { state in
            state.counts[connector, default: WebhookCounts()].accepted += Int64(new)
            state.counts[connector, default: WebhookCounts()].duplicates += Int64(events.count - new)
            state.counts[connector, default: WebhookCounts()].lastEvent = at
            if let last = events.last { state.counts[connector, default: WebhookCounts()].lastType = last.type }
        }
    }

    /// Answers how many like it went untold where this one is to be logged; nil where it is not.
    func refused(_ connector: String, reason: String, peer: String, at now: MonotonicInstant) -> Int? {
        state.withLock { state in
            state.counts[connector, default: WebhookCounts()].refused[reason, default: 0] += 1
            let name = "\(connector) \(reason) \(peer)"
            if let last = state.told[name], now - last < Self.quiet {
                state.untold[name, default: 0] += 1
                return nil
            }
            if state.told.count >= Self.maximumPeers {
                state.told = state.told.filter { now - $0.value < Self.quiet }
                state.untold = state.untold.filter { state.told[$0.key] != nil }
                guard state.told.count < Self.maximumPeers else { return nil }
            }
            state.told[name] = now
            return state.untold.removeValue(forKey: name) ?? 0
        }
    }
}
