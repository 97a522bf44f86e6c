import Synchronization

/// How many bytes of bodies all requests hold together, from their first byte until their answer is sent.
final class BodyBudget: Sendable {
    private let limit: Int
    private let held = Mutex(Held())

    private struct Held {
        var byExchange: [ObjectIdentifier: Int] = [:]
        var total = 0
    }

    init(limit: Int) {
        self.limit = limit
    }

    /// False, and everything of this request is given back, where there is no room for it.
    func take(_ count: Int, for exchange: ServedRequest) -> Bool {
        held.withLock { held in
            let name = ObjectIdentifier(exchange)
            guard held.total + count <= limit else {
                held.total -= held.byExchange.removeValue(forKey: name) ?? 0
                return false
            }
            held.byExchange[name, default: 0] += count
            held.total += count
            return true
        }
    }

    func giveBack(_ exchange: ServedRequest) {
        held.withLock { $0.total -= $0.byExchange.removeValue(forKey: ObjectIdentifier(exchange)) ?? 0 }
    }
}
