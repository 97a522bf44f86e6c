/// Which events were handled, so that a delivery that comes again, or several at once, does nothing twice.
///
/// An event is running, or settled, or unknown. Only so many settled events are remembered; the oldest is forgotten for
/// the newest. Running events are as many as its user runs at a time. A `Waiter` is what its user wakes when a run ends.
package struct WebhookMemory<Waiter: Sendable>: Sendable {
    private enum Entry {
        case running(run: Int, isListed: Bool, waiters: [Waiter])
        case settled(owing: Set<Int>)
    }

    package enum Beginning: Equatable {
        /// The caller handles it and says so by `end`; where handlers are named, only these are still owed.
        case run(Int, owing: Set<Int>?)
        /// Another delivery is being handled: `wait` for its end.
        case running
        /// It was handled.
        case duplicate
    }

    package enum Waiting: Equatable {
        case waits
        /// The run has ended meanwhile.
        case over
        case full
    }

    /// Senders deliver an event a few times at once at most; each more would hold a connection.
    private static var maximumWaiters: Int { 64 }

    private let limit: Int
    /// By bytes: texts that look alike are two events.
    private var entries: [[UInt8]: Entry] = [:]
    /// The settled events, as a ring: `next` is the oldest once it is full.
    private var ring: [[UInt8]] = []
    private var next = 0
    private var runs = 0

    /// With a limit of at least one event.
    package init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Remembered and running events.
    package var count: Int { entries.count }

    package mutating func begin(_ id: [UInt8]) -> Beginning {
        switch entries[id] {
        case .running: return .running
        case .settled(let owing) where owing.isEmpty: return .duplicate
        case .settled(let owing): return .run(start(id, isListed: true), owing: owing)
        case nil: return .run(start(id, isListed: false), owing: nil)
        }
    }

    private mutating func start(_ id: [UInt8], isListed: Bool) -> Int {
        runs += 1
        entries[id] = .running(run: runs, isListed: isListed, waiters: [])
        return runs
    }

    package mutating func wait(for id: [UInt8], _ waiter: Waiter) -> Waiting {
        guard case .running(let run, let isListed, var waiters) = entries[id] else { return .over }
        guard waiters.count < Self.maximumWaiters else { return .full }
        waiters.append(waiter)
        entries[id] = .running(run: run, isListed: isListed, waiters: waiters)
        return .waits
    }

    /// A run is over. Nil forgets the event: it may come again as if it were new. A set remembers it, with the handlers
    /// that are still owed it. Answers who waits.
    package mutating func end(_ run: Int, _ id: [UInt8], owing: Set<Int>?) -> [Waiter] {
        guard case .running(run, let isListed, let waiters) = entries[id] else { return [] }
        if let owing {
            entries[id] = .settled(owing: owing)
            if !isListed { list(id) }
        } else {
            // A place in the ring may stay behind; when its turn comes, there is nothing, or the event is forgotten early.
            entries[id] = nil
        }
        return waiters
    }

    private mutating func list(_ id: [UInt8]) {
        guard ring.count == limit else { return ring.append(id) }
        forget(ring[next])
        ring[next] = id
        next = (next + 1) % limit
    }

    private mutating func forget(_ id: [UInt8]) {
        switch entries[id] {
        case .running(let run, _, let waiters):
            entries[id] = .running(run: run, isListed: false, waiters: waiters)
        case .settled, nil: entries[id] = nil
        }
    }

    /// Forgets everything. Answers who waits.
    package mutating func removeAll() -> [Waiter] {
        let waiters = entries.values.flatMap { entry -> [Waiter] in
            guard case .running(_, _, let waiters) = entry else { return [] }
            return waiters
        }
        entries = [:]
        ring = []
        next = 0
        return waiters
    }
}
