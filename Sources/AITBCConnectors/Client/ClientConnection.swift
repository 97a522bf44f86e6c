import ConnectorCore
import CurlTransport
import Synchronization

/// Whether a client is connected, and through what.
final class ClientConnection: Sendable {
    private enum State {
        case idle
        case connecting(Task<Void, any Error>)
        case connected
    }

    private struct Guarded {
        var state = State.idle
        /// Who wait for the check.
        var waiting = 0
        var caller: Caller?
        /// Instead of the configuration's.
        var key: Secret?
        /// The engine that we made ourselves, to be closed by us.
        var own: CurlTransport?
        /// Sends metrics from time to time while connected.
        var pushing: (task: Task<Void, Never>, pusher: MetricsPusher)?
    }

    let listeners = EventListeners()
    private let setup: ClientSetup
    private let given: (any HTTPTransport)?
    private let guarded = Mutex(Guarded())

    init(_ setup: ClientSetup, transport: (any HTTPTransport)?) {
        self.setup = setup
        given = transport
    }

    var isConnected: Bool {
        guarded.withLock { guarded in
            if case .connected = guarded.state { true } else { false }
        }
    }

    /// The present way; opened on first use.
    func caller() throws -> Caller {
        try guarded.withLock { try Self.caller(&$0, setup, given) }
    }

    private static func caller(
        _ guarded: inout Guarded,
        _ setup: ClientSetup,
        _ given: (any HTTPTransport)?
    ) throws -> Caller {
        if let caller = guarded.caller { return caller }
        let transport: any HTTPTransport
        if let given {
            transport = given
        } else {
            let own = try CurlTransport(configuration: setup.engine)
            guarded.own = own
            transport = own
        }
        let caller = try setup.caller(transport)
        if let key = guarded.key { try caller.exchange.replaceKey(with: key, caller.secrets) }
        guarded.caller = caller
        return caller
    }

    func replaceAPIKey(_ key: Secret) throws {
        try guarded.withLock { guarded in
            let caller = try Self.caller(&guarded, setup, given)
            try caller.exchange.replaceKey(with: key, caller.secrets)
            guarded.key = key
        }
    }

    /// One check for all who ask at the same time; a failed one is forgotten.
    func connect(_ check: @escaping @Sendable (Caller) async throws -> Void) async throws {
        let task: Task<Void, any Error>? = try guarded.withLock { guarded in
            switch guarded.state {
            case .connected: return nil
            case .connecting(let task):
                guarded.waiting += 1
                return task
            case .idle:
                let caller = try Self.caller(&guarded, setup, given)
                let task = Task { try await check(caller) }
                guarded.state = .connecting(task)
                guarded.waiting = 1
                return task
            }
        }
        guard let task else { return }
        guard let result = await task.resultUnlessCancelled else {
            leave(task)
            throw CancellationError()
        }
        settle(task, result)
        if case .failure(let error) = result, error is CancellationError {
            // Whoever cancelled the check, it was not this caller.
            try Task.checkCancellation()
            throw CallFailure.disconnected("the check of the connection", mayHaveBeenSent: false)
        }
        try result.get()
    }

    /// One who waited was cancelled; with the last of them the check ends.
    private func leave(_ task: Task<Void, any Error>) {
        let isUnwanted = guarded.withLock { guarded in
            guard case .connecting(task) = guarded.state else { return false }
            guarded.waiting -= 1
            guard guarded.waiting == 0 else { return false }
            guarded.state = .idle
            return true
        }
        if isUnwanted { task.cancel() }
    }

    /// The first of those who waited makes the change.
    private func settle(_ task: Task<Void, any Error>, _ result: Result<Void, any Error>) {
        let isNew = guarded.withLock { guarded in
            guard case .connecting(task) = guarded.state else { return false }
            if case .success = result { guarded.state = .connected } else { guarded.state = .idle }
            return true
        }
        if isNew, case .success = result { listeners.tell(.connected) }
    }

    /// Begins to send metrics; does nothing where that was begun.
    func push(_ metrics: MetricsCollector, to endpoint: String) {
        guarded.withLock { guarded in
            guard guarded.pushing == nil, let exchange = guarded.caller?.exchange else { return }
            // Credentials never leave the host that they are for.
            let isOurs = URLReference(endpoint)?.origin == setup.connector.baseURL.origin
            let pusher = MetricsPusher(
                metrics,
                endpoint: endpoint,
                transport: exchange.transport,
                auth: isOurs ? exchange.auth : NoAuth(),
                tls: setup.connector.tls
            )
            guarded.pushing = (Task { await pusher.run() }, pusher)
        }
    }

    /// What was counted since the last document goes first. One that can't be sent is counted, and ends nothing.
    private func lastPush() async {
        guard let (task, pusher) = guarded.withLock({ $0.pushing }) else { return }
        task.cancel()
        await task.value
        await pusher.pushLast()
    }

    deinit {
        guarded.withLock { $0.pushing?.task.cancel() }
    }

    func disconnect() async {
        await lastPush()
        let (own, wasConnected) = guarded.withLock { guarded in
            var wasConnected = false
            switch guarded.state {
            case .idle: break
            case .connecting(let task): task.cancel()
            case .connected: wasConnected = true
            }
            let own = guarded.own
            guarded = Guarded(key: guarded.key)
            return (own, wasConnected)
        }
        await own?.shutdown()
        if wasConnected { listeners.tell(.disconnected) }
    }
}
