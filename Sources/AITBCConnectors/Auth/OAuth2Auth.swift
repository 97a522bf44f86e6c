import ConnectorCore

/// OAuth 2.0 (RFC 6749): client credentials, or a refresh token.
///
/// One request for a token however many tasks wait; a new one comes 5 minutes before the old one ends, or at 80 % of
/// its life, whichever is later. What becomes of refresh tokens: ``TokenRefresher``.
struct OAuth2Auth: AuthHandler {
    let source: TokenSource
    private let refresher: TokenRefresher

    init(
        _ rule: OAuth2Rule,
        store: any TokenStore,
        clocks: any Clocks,
        known: ConnectorSecrets,
        send: @escaping TokenRequest
    ) {
        let refresher = TokenRefresher(rule, store: store, clocks: clocks, known: known, send: send)
        self.refresher = refresher
        source = TokenSource(clocks: clocks) { try await refresher.fetch(refused: $0) }
    }

    func authorize(_ request: inout TransportRequest) async throws {
        request.headers["Authorization"] = "Bearer " + (try await source.token()).reveal()
    }

    func rejected(_ request: TransportRequest) async -> Bool {
        await source.reject(request)
    }

    var secrets: [Secret] { get async { await source.secrets + refresher.secrets } }
}

extension TokenSource {
    /// Forgets the token that the request bore; another can be had.
    func reject(_ request: TransportRequest) -> Bool {
        guard let header = request.headers["Authorization"], header.hasPrefix("Bearer ") else { return false }
        invalidate(Secret(String(header.dropFirst("Bearer ".count))))
        return true
    }
}
