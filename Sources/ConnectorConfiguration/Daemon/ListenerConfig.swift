package import ConnectorCore

/// Where the daemon listens for webhooks and for those who watch it.
package struct ListenerConfig: Sendable, Equatable {
    package enum Address: Sendable, Equatable {
        case tcp(host: String, port: UInt16)
        case unix(path: String)

        package var text: String {
            switch self {
            case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            case .unix(let path): "unix:\(path)"
            }
        }

        /// Whether only this machine can reach it.
        package var isLocal: Bool {
            switch self {
            case .tcp(let host, _): host.hasPrefix("127.") || host == "::1"
            case .unix: true
            }
        }

        /// `127.0.0.1:8480`, `[::1]:8480`, `unix:/run/x.sock`; nil for anything else.
        package init?(_ text: String) {
            if text.hasPrefix("unix:/") {
                self = .unix(path: String(text.dropFirst("unix:".count)))
                return
            }
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
                return nil
            }
            var host = text[..<colon]
            if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
            let isPlain = host.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" }
            guard !host.isEmpty, isPlain, host.contains(where: { $0 == "." || $0 == ":" }) else { return nil }
            self = .tcp(host: String(host), port: port)
        }
    }

    /// A port that no well-known service has.
    package static let defaultAddress = Address.tcp(host: "127.0.0.1", port: 8480)
    /// Processors keep a few connections; a proxy some dozens.
    package static let defaultConnections = 512
    /// Where strangers can come directly, none of them takes all connections.
    package static let defaultConnectionsPerPeer = 64
    /// Stripe's largest events are some hundred kilobytes.
    package static let defaultBodyBytes = 1 << 20
    package static let defaultBodyMemoryBytes = 64 << 20

    package var address = defaultAddress
    /// How senders reach the listener, for `webhooks`: the reverse proxy's URL.
    package var publicURL: URLReference?
    package var maximumConnections = defaultConnections
    /// 0 for no limit: behind a proxy all connections have one peer.
    package var maximumConnectionsPerPeer = 0
    package var maximumBodyBytes = defaultBodyBytes
    /// Of all bodies together that were not answered yet.
    package var bodyMemoryBytes = defaultBodyMemoryBytes
    /// From a connection's beginning, or its last answer, until the next request is complete.
    package var requestTimeout: Duration = .seconds(60)

    /// Who may see status page and metrics.
    package var status = StatusVisitor.Rule.local
    /// What they have to show; then also from elsewhere.
    package var statusToken: Secret?
    /// Of a token that nobody guesses.
    private static let shortestToken = 16

    package init() {}

    init(_ reader: inout ConfigReader, resolver: any ConfigResolver) {
        let addresses = "an address such as \"127.0.0.1:8480\" or \"unix:/run/x.sock\""
        address = reader.optional("address")?.parsed(addresses) { Address($0) } ?? Self.defaultAddress
        publicURL = reader.optional("public_url")?.parsed("a URL such as \"https://hooks.example.com\"") { text in
            URLReference(text.last == "/" ? String(text.dropLast()) : text)
        }
        status = reader.optionalChoice("status", default: StatusVisitor.Rule.local)
        statusToken = reader.secret("status_token", resolver)
        if let statusToken, statusToken.reveal().utf8.count < Self.shortestToken {
            reader.error(
                "status_token",
                "is short enough to be guessed",
                "take \(Self.shortestToken) characters or more, such as of `openssl rand -hex 16`"
            )
        }
        maximumConnections = reader.optionalInteger(
            "max_connections",
            range: 1...10_000,
            default: Self.defaultConnections
        )
        maximumConnectionsPerPeer = reader.optionalInteger(
            "max_connections_per_peer",
            range: 0...10_000,
            default: address.isLocal ? 0 : Self.defaultConnectionsPerPeer
        )
        maximumBodyBytes = reader.optionalInteger(
            "max_body_bytes",
            range: 1_024...(64 << 20),
            default: Self.defaultBodyBytes
        )
        bodyMemoryBytes = reader.optionalInteger(
            "body_memory_bytes",
            range: (1 << 20)...(1 << 30),
            default: Self.defaultBodyMemoryBytes
        )
        if bodyMemoryBytes < maximumBodyBytes {
            reader.error(
                "body_memory_bytes",
                "is less than the largest body, max_body_bytes (\(maximumBodyBytes))",
                "make it as large, or the other smaller"
            )
        }
        requestTimeout = reader.optionalDuration(
            "request_timeout",
            range: .seconds(1)...(.seconds(3_600)),
            default: .seconds(60)
        )
    }
}
