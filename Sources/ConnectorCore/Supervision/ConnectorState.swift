/// What a connector is doing, as `status` and the journal name it.
package enum ConnectorState: Sendable, Equatable {
    case starting
    case idle
    case syncing
    /// The last run failed for a reason that passes; the next one is due by the schedule.
    case backingOff(String)
    /// Somebody must act: the credential is refused, or every stream is. Tried again once an hour.
    case blocked(String)
    /// Its file has mistakes; nothing of it runs.
    case disabled(String)
    case draining
    case stopped

    /// Whether an operator wants to see it in the status line.
    package var needsAttention: Bool {
        switch self {
        case .backingOff, .blocked, .disabled: true
        default: false
        }
    }

    /// Why it needs attention.
    package var reason: String? {
        switch self {
        case .backingOff(let reason), .blocked(let reason), .disabled(let reason): reason
        case .starting, .idle, .syncing, .draining, .stopped: nil
        }
    }

    /// Every name there is.
    package static let names = [
        "starting", "idle", "syncing", "backing off", "blocked", "disabled", "draining", "stopped",
    ]

    package var name: String {
        switch self {
        case .starting: "starting"
        case .idle: "idle"
        case .syncing: "syncing"
        case .backingOff: "backing off"
        case .blocked: "blocked"
        case .disabled: "disabled"
        case .draining: "draining"
        case .stopped: "stopped"
        }
    }
}
