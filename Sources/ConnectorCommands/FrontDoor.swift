import ConnectorConfiguration
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
        let settings = config ?? ListenerConfig()
        var places: [(ListenerConfiguration, name: String)] = inherited.map { socket in
            var limits = settings.limits
            // The setting's own default goes by the configured address, which is not where this one is.
            if !socket.isLocal, limits.connectionsPerPeer == 0 {
                limits.connectionsPerPeer = ListenerConfig.defaultConnectionsPerPeer
            }
            let address = ListenerConfiguration.Address.inherited(descriptor: socket.descriptor)
            return (ListenerConfiguration(address: address, limits: limits), "systemd's socket \(socket.name)")
        }
        if places.isEmpty, let config {
            let address = config.address.listener
            places = [(ListenerConfiguration(address: address, limits: settings.limits), config.address.text)]
        }
        var listeners: [HTTPListener] = []
        for (configuration, _) in places {
            listeners.append(
                try HTTPListener(
                    configuration: configuration,
                    onRefusal: { intake.note($0) },
                    admit: { Self.answer(toHead: $0, intake, status) },
                    handler: { await Self.answer($0, intake, status) }
                )
            )
        }
        self.listeners = listeners
        addresses = places.map(\.name)
    }

    /// Whether whoever can send here is of this machine, as far as can be seen: only then may somebody be believed
    /// without proof.
    static func isPrivate(_ config: ListenerConfig?, _ inherited: [ActivatedSocket]) -> Bool {
        guard config?.publicURL == nil else { return false }
        return inherited.isEmpty ? config?.address.isLocal ?? true : inherited.allSatisfy(\.isLocal)
    }

    /// Who has no business here is told so before his body comes.
    private static func answer(
        toHead request: ListenerRequest,
        _ intake: WebhookIntake,
        _ status: StatusRoutes
    ) -> ListenerResponse? {
        guard request.path.hasPrefix(WebhookIntake.pathPrefix) else { return status.answer(toHead: request) }
        return intake.answer(toHead: WebhookRequest(request)).map(ListenerResponse.init)
    }

    private static func answer(
        _ request: ListenerRequest,
        _ intake: WebhookIntake,
        _ status: StatusRoutes
    ) async -> ListenerResponse {
        guard request.path.hasPrefix(WebhookIntake.pathPrefix) else {
            return await status.answer(request) ?? .text(404, "There is nothing here.")
        }
        return ListenerResponse(await intake.answer(WebhookRequest(request)))
    }

    /// Takes nothing new, answers what is under way.
    func close() async {
        for listener in listeners { await listener.stop() }
    }
}

extension WebhookRequest {
    fileprivate init(_ request: ListenerRequest) {
        self.init(
            method: request.method,
            path: request.path,
            query: request.query.map { ($0.name, $0.value) },
            headers: request.headers,
            body: request.body,
            peer: request.peer
        )
    }
}

extension ListenerResponse {
    fileprivate init(_ answer: TransportResponse) {
        self.init(status: answer.status, headers: answer.headers, body: answer.body)
    }
}

extension WebhookIntake {
    fileprivate func note(_ refusal: ListenerRefusal) {
        let code =
            switch refusal.status {
            case 400: "AMBIGUOUS"
            case 413: "TOO_LARGE"
            default: "OVERLOAD"
            }
        refused(path: refusal.path, peer: refusal.peer, code: code, reason: refusal.reason)
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
            totalBodyBytes: bodyMemoryBytes,
            requestTime: requestTimeout
        )
    }
}
