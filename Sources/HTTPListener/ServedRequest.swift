import CMicroHTTPD
import ConnectorCore
import Synchronization

/// One request and its answer, from request line to last byte.
///
/// Invariants: a connection is suspended exactly while the phase is `.handling` or `.pausing`; whoever leaves one of
/// these phases resumes it, once. Every use of the connection happens on the library's thread inside a callback, or
/// under `state` while it is suspended, when the library keeps it alive and does not touch it.
///
/// `.receiving` → `.handling` → `.answered` → `.sending` ⇄ `.pausing`; `abort` takes any of them to its end.
final class ServedRequest: Sendable {
    let target: String
    private let state = Mutex(State())

    private struct State {
        var phase = Phase.receiving
        var sawHeaders = false
        /// Kept from the first call until the body is whole.
        var head: ListenerRequest?
        var body: [UInt8] = []
        /// What came of the body, kept or not.
        var received = 0
        /// Whether its body had no place beside all the others.
        var isCrowdedOut = false
        var isAborted = false
    }

    private enum Phase {
        case receiving
        case handling(Task<Void, Never>?)
        case answered(ListenerResponse)
        case sending
        case pausing(Task<Void, Never>?)
    }

    /// What the library's next call is about.
    enum Turn {
        case headers
        case body
        case answer(ListenerResponse)
    }

    init(target: String) {
        self.target = target
    }

    /// Which of the library's several calls for one request this is.
    func turn() -> Turn {
        state.withLock { state in
            if case .answered(let response) = state.phase {
                state.phase = .sending
                return .answer(response)
            }
            defer { state.sawHeaders = true }
            return state.sawHeaders ? .body : .headers
        }
    }

    /// Keeps a piece of the body up to the limit and counts the rest; false when it is so far beyond the limit
    /// that the connection is better closed than read.
    func receive(_ piece: some Collection<UInt8>, limit: Int, budget: BodyBudget) -> Bool {
        state.withLock { state in
            state.received += piece.count
            if state.received > limit {
                state.body = []
            } else if state.isCrowdedOut || !budget.take(piece.count, for: self) {
                state.isCrowdedOut = true
                state.body = []
            } else {
                state.body.append(contentsOf: piece)
            }
            return state.received <= limit &* 4
        }
    }

    /// Its body loses its place for others.
    func crowdOut() {
        state.withLock { state in
            state.isCrowdedOut = true
            state.body = []
        }
    }

    /// The request without its body, which follows.
    func keep(_ head: ListenerRequest) {
        state.withLock { $0.head = head }
    }

    enum Body {
        /// The request with it.
        case whole(ListenerRequest)
        case tooLarge
        /// The others left no place for it.
        case crowdedOut
    }

    /// Nil where no head was kept.
    func takeBody(limit: Int) -> Body? {
        state.withLock { state in
            guard state.received <= limit else { return .tooLarge }
            guard !state.isCrowdedOut else { return .crowdedOut }
            defer { (state.head, state.body) = (nil, []) }
            guard var request = state.head else { return nil }
            request.body = state.body
            return .whole(request)
        }
    }

    /// Suspends the connection and runs the handler; its answer resumes it. False if the listener is stopping.
    func handle(
        on connection: LibraryConnection,
        with handler: @escaping @Sendable () async -> ListenerResponse
    ) -> Bool {
        state.withLock { state in
            guard !state.isAborted else { return false }
            connection.suspend()
            state.phase = .handling(nil)
            let task = Task {
                let response = await handler()
                answer(response, on: connection)
            }
            state.phase = .handling(task)
            return true
        }
    }

    private func answer(_ response: ListenerResponse, on connection: LibraryConnection) {
        state.withLock { state in
            guard case .handling = state.phase else { return }
            state.phase = .answered(response)
            connection.resume()
        }
    }

    /// Suspends the connection in the middle of a body for a while. False if the listener is stopping.
    func pause(_ duration: Duration, on connection: LibraryConnection) -> Bool {
        state.withLock { state in
            guard !state.isAborted else { return false }
            connection.suspend()
            let task = Task {
                // Cancelled or not, the connection goes on: an aborted exchange ends its body with an error.
                try? await Task.sleep(for: duration)
                endPause(on: connection)
            }
            state.phase = .pausing(task)
            return true
        }
    }

    private func endPause(on connection: LibraryConnection) {
        state.withLock { state in
            guard case .pausing = state.phase else { return }
            state.phase = .sending
            connection.resume()
        }
    }

    /// Ends what is under way: a running handler's client gets 503 at once, a pause ends with a broken body.
    func abort(on connection: LibraryConnection) {
        let task: Task<Void, Never>? = state.withLock { state in
            state.isAborted = true
            switch state.phase {
            case .handling(let task):
                state.phase = .answered(.text(503, "The server is stopping."))
                connection.resume()
                return task
            case .pausing(let task):
                state.phase = .sending
                connection.resume()
                return task
            case .receiving, .answered, .sending:
                return nil
            }
        }
        task?.cancel()
    }

    /// The client's connection is gone or done: nothing waits for the handler any more.
    func finish() {
        let task: Task<Void, Never>? = state.withLock { state in
            state.isAborted = true
            defer { state.phase = .sending }
            if case .handling(let task) = state.phase { return task }
            if case .pausing(let task) = state.phase { return task }
            return nil
        }
        task?.cancel()
    }
}
