import Synchronization

/// The exchanges under way, so that stopping can wait for them and then end what remains.
/// The library must not be stopped while a connection is suspended: `close` makes sure that none is.
final class ExchangeRegistry: Sendable {
    private struct Entry {
        let exchange: ServedRequest
        let connection: LibraryConnection
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []

        mutating func takeWaitersIfDone() -> [CheckedContinuation<Void, Never>] {
            guard entries.isEmpty || isClosed else { return [] }
            defer { waiters = [] }
            return waiters
        }
    }

    private let state = Mutex(State())

    var count: Int {
        state.withLock { $0.entries.count }
    }

    /// False when the listener has stopped: the exchange must not suspend its connection.
    func insert(_ exchange: ServedRequest, _ connection: LibraryConnection) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.entries[ObjectIdentifier(exchange)] = Entry(exchange: exchange, connection: connection)
            return true
        }
    }

    func remove(_ exchange: ServedRequest) {
        let waiters = state.withLock { state in
            state.entries[ObjectIdentifier(exchange)] = nil
            return state.takeWaitersIfDone()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until no exchange is under way, or the grace has passed.
    func drain(within grace: Duration) async {
        let alarm = Task {
            do {
                try await Task.sleep(for: grace)
                close()
            } catch {
                // Cancelled: nothing is under way any more.
            }
        }
        await withCheckedContinuation { continuation in
            let waiters = state.withLock { state in
                state.waiters.append(continuation)
                return state.takeWaitersIfDone()
            }
            for waiter in waiters { waiter.resume() }
        }
        alarm.cancel()
    }

    /// Lets nothing new in and ends what is under way.
    func close() {
        let (entries, waiters) = state.withLock { state in
            state.isClosed = true
            return (Array(state.entries.values), state.takeWaitersIfDone())
        }
        for entry in entries { entry.exchange.abort(on: entry.connection) }
        for waiter in waiters { waiter.resume() }
    }
}
