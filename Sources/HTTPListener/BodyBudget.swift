import Synchronization

/// How many bytes of bodies all requests hold together, from their first byte until their answer is sent.
///
/// Whoever sends slowly must not keep out whoever does not: where there is no room, bodies that came slowest lose their
/// place, and a part is kept for small bodies, as events are.
final class BodyBudget: Sendable {
    /// Events of processors are some kilobytes.
    private static let smallBody = 64 << 10
    /// The part of the limit that only small bodies may use: one in so many.
    private static let reserve = 8
    /// A body that is younger is not slow yet.
    private static let patience = Duration.seconds(1)

    private let limit: Int
    private let held = Mutex(Held())

    private struct Held {
        var bodies: [ObjectIdentifier: Body] = [:]
        var total = 0
    }

    private struct Body {
        let exchange: ServedRequest
        var announced = 0
        var bytes = 0
        let since = ContinuousClock.now
        /// Whether more of it is to come.
        var isComing = true

        /// Bytes a second.
        func rate(at now: ContinuousClock.Instant) -> Double {
            let (seconds, attoseconds) = (now - since).components
            return Double(bytes) / max(0.001, Double(seconds) + Double(attoseconds) / 1e18)
        }
    }

    init(limit: Int) {
        self.limit = limit
    }

    /// The head has come; `length` is what it says of the body, 0 where it does not say.
    func announce(_ length: Int, for exchange: ServedRequest) {
        held.withLock { $0.bodies[ObjectIdentifier(exchange)] = Body(exchange: exchange, announced: length) }
    }

    /// False, and everything of this request is given back, where there is no room for it.
    func take(_ count: Int, for exchange: ServedRequest) -> Bool {
        held.withLock { held in
            let name = ObjectIdentifier(exchange)
            var body = held.bodies[name] ?? Body(exchange: exchange)
            let isSmall = max(body.announced, body.bytes + count) <= Self.smallBody
            let room = isSmall ? limit : limit - limit / Self.reserve
            if held.total + count > room { evict(&held, until: room - count, except: name) }
            guard held.total + count <= room else {
                held.total -= held.bodies.removeValue(forKey: name)?.bytes ?? 0
                return false
            }
            body.bytes += count
            held.bodies[name] = body
            held.total += count
            return true
        }
    }

    private func evict(_ held: inout Held, until total: Int, except name: ObjectIdentifier) {
        let now = ContinuousClock.now
        let slow = held.bodies.filter { $0.key != name && $0.value.isComing && now - $0.value.since >= Self.patience }
        for (name, body) in slow.sorted(by: { $0.value.rate(at: now) < $1.value.rate(at: now) }) {
            guard held.total > total else { return }
            held.total -= body.bytes
            held.bodies[name] = nil
            body.exchange.crowdOut()
        }
    }

    /// The body is whole.
    func completed(_ exchange: ServedRequest) {
        held.withLock { $0.bodies[ObjectIdentifier(exchange)]?.isComing = false }
    }

    func giveBack(_ exchange: ServedRequest) {
        held.withLock { $0.total -= $0.bodies.removeValue(forKey: ObjectIdentifier(exchange))?.bytes ?? 0 }
    }
}
