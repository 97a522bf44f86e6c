import ConnectorCore
import ConnectorDaemon
import HTTPListener
import SystemdService

/// The daemon's HTTP server: webhooks, status and metrics, on the configured address and on whatever sockets systemd passes.
struct FrontDoor: Sendable {
    private let listeners: [HTTPListener]
    /// For the log and the status.
    let addresses: [String]

    /// Opens what is configured; a socket that systemd opened takes the place of the configured address. No listeners
    /// where neither is.
    init(
        _ config: ListenerConfig?,
        inherited: [ActivatedSocket],
        intake: WebhookIntake,
        status: StatusRoutes
    ) throws(ListenerError) {
        let limits = (config ?? ListenerConfig()).limits
        let activated = inherited.map { socket in
            (ListenerConfiguration.Address.inherited(descriptor: socket.descriptor), "systemd's socket \(socket.name)")
        }
        let configured = config.map { [($0.address.listener, $0.address.text)] } ?? []
        let places = activated.isEmpty ? configured : activated
        var listeners: [HTTPListener] = []
        for (address, _) in places {
            let configuration = ListenerConfiguration(address: address, limits: limits)
            listeners.append(
                try HTTPListener(configuration: configuration) { request in await Self.answer(request, intake, status) }
            )
        }
        self.listeners = listeners
        addresses = places.map(\.1)
    }

    private static func answer(
        _ request: ListenerRequest,
        _ intake: WebhookIntake,
        _ status: StatusRoutes
    ) async -> ListenerResponse {
        guard request.path.hasPrefix(WebhookIntake.pathPrefix) else {
            return await status.answer(request) ?? .text(404, "There is nothing here.")
        }
        let webhook = WebhookRequest(
            method: request.method,
            path: request.path,
            query: request.query.map { ($0.name, $0.value) },
            headers: request.headers,
            body: request.body,
            peer: request.peer
        )
        let answer = await intake.answer(webhook)
        return ListenerResponse(status: answer.status, headers: answer.headers, body: answer.body)
    }

    /// Takes nothing new, answers what is under way.
    func close() async {
        for listener in listeners { await listener.stop() }
    }
}

extension ListenerConfig.Address {
    fileprivate var listener: ListenerConfiguration.Address {
        switch self {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unixSocket(path: path)
        }
    }
}

extension ListenerConfig {
    fileprivate var limits: ListenerLimits {
        ListenerLimits(
            connections: maximumConnections,
            connectionsPerPeer: maximumConnectionsPerPeer,
            bodyBytes: maximumBodyBytes,
            requestTime: requestTimeout
        )
    }
}
