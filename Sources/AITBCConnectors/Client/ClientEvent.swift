import Synchronization

/// What a client tells about its connection.
public enum ClientEvent: Sendable, Equatable {
    /// AITBC answered its health check.
    case connected
    /// The client was closed; requests under way were ended.
    case disconnected
}

/// Those who listen to a client.
final class EventListeners: Sendable {
    /// Events kept for a listener that does not read; older ones go first. A connection comes and goes seldom.
    private static let mostUnread = 64

    private struct State {
        var nextID = 0
        var continuations: [Int: AsyncStream<ClientEvent>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// A stream of its own for each listener; it ends when the listener stops reading.
    func stream() -> AsyncStream<ClientEvent> {
        let (stream, continuation) = AsyncStream<ClientEvent>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.mostUnread)
        )
        let id = state.withLock { state in
            state.nextID += 1
            state.continuations[state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.continuations[id] = nil }
        }
        return stream
    }

    func tell(_ event: ClientEvent) {
        let continuations = state.withLock { Array($0.continuations.values) }
        for continuation in continuations { continuation.yield(event) }
    }

    deinit {
        for continuation in state.withLock({ Array($0.continuations.values) }) { continuation.finish() }
    }
}
