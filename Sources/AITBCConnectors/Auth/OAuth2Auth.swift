import ConnectorCore
import ConnectorCrypto

/// OAuth 2.0 (RFC 6749): client credentials, or a refresh token.
///
/// One request for a token however many tasks wait; a new one comes 5 minutes before the old one ends, or at 80 % of
/// its life, whichever is later. A refresh token that the server exchanges is durable before it is used, and kept
/// where the server sends none.
struct OAuth2Auth: AuthHandler {
    private let source: TokenSource
    private let refresher: Refresher

    init(
        _ rule: OAuth2Rule,
        store: any TokenStore,
        clocks: any Clocks,
        known: ConnectorSecrets,
        send: @escaping TokenRequest
    ) {
        let refresher = Refresher(rule, store: store, known: known, send: send)
        self.refresher = refresher
        source = TokenSource(clocks: clocks) { try await refresher.fetch() }
    }

    func authorize(_ request: inout HTTPRequest) async throws {
        request.headers["Authorization"] = "Bearer " + (try await source.token()).reveal()
    }

    func rejected(_ request: HTTPRequest) async -> Bool {
        await source.reject(request)
    }

    var secrets: [Secret] { get async { await source.secrets + refresher.secrets } }

    /// Asks the token server, and keeps the refresh token.
    private actor Refresher {
        private let rule: OAuth2Rule
        private let store: any TokenStore
        private let known: ConnectorSecrets
        private let send: TokenRequest
        private let account: String
        private var refreshToken: Secret?
        /// Given by the server and not yet durable: nothing is asked before it is.
        private var unstored: Secret?

        init(
            _ rule: OAuth2Rule,
            store: any TokenStore,
            known: ConnectorSecrets,
            send: @escaping TokenRequest
        ) {
            self.rule = rule
            self.store = store
            self.known = known
            self.send = send
            let configured = rule.refreshToken?.reveal() ?? ""
            // A new refresh_token in the configuration begins anew: the account names which one it grew from.
            let origin = HexText.text(Array(MessageAuthentication.hash(Array(configured.utf8)).prefix(8)))
            account = "\(rule.tokenURL.origin)#\(rule.clientID)#\(origin)"
        }

        var secrets: [Secret] { [refreshToken, unstored].compactMap { $0 } }

        func fetch() async throws -> FetchedToken {
            try await keep(unstored)
            try await load()
            let tried = refreshToken
            do {
                return try await ask()
            } catch let refusal as AuthenticationError {
                // Another process of the same account may have exchanged the token in this moment.
                try await load()
                guard unstored == nil, refreshToken != tried else { throw refusal }
                return try await ask()
            }
        }

        private func ask() async throws -> FetchedToken {
            let body = try TokenEndpoint.answer(try await send(request()), from: rule.tokenURL, known)
            if refreshToken != nil, let next = body["refresh_token"]?.string, !next.isEmpty {
                try await keep(Secret(next))
            }
            return TokenEndpoint.fetched(body)
        }

        /// Each time: `exec` beside the daemon, or another connector of the account, may have exchanged it meanwhile.
        private func load() async throws {
            guard let configured = rule.refreshToken else { return }
            do {
                refreshToken = try await store.load(account) ?? refreshToken ?? configured
            } catch {
                throw ConfigurationError(
                    ErrorContext(
                        "the refresh token for \(rule.tokenURL.origin) could not be read: \(error)",
                        code: "TOKEN_NOT_READ",
                        underlying: error,
                        hint: "look at tokens in the state directory; it is tried again"
                    )
                )
            }
            if let refreshToken { known.learn(refreshToken) }
        }

        private func keep(_ token: Secret?) async throws {
            guard let token, token != refreshToken else { return }
            unstored = token
            do {
                try await store.store(token, account: account)
            } catch {
                throw ConfigurationError(
                    ErrorContext(
                        "the new refresh token for \(rule.tokenURL.origin) could not be stored: \(error)",
                        code: "TOKEN_NOT_STORED",
                        underlying: error,
                        hint: "it is not used before it is durable; make room in the state directory"
                    )
                )
            }
            refreshToken = token
            unstored = nil
        }

        private func request() -> HTTPRequest {
            var fields: [(String, String)]
            if let refreshToken {
                fields = [("grant_type", "refresh_token"), ("refresh_token", refreshToken.reveal())]
            } else {
                fields = [("grant_type", "client_credentials")]
            }
            if let scope = rule.scope { fields.append(("scope", scope)) }
            if rule.secretInForm {
                fields += [("client_id", rule.clientID), ("client_secret", rule.clientSecret.reveal())]
                return TokenEndpoint.request(rule.tokenURL, fields)
            }
            var request = TokenEndpoint.request(rule.tokenURL, fields)
            let pair = "\(rule.clientID.percentEncoded):\(rule.clientSecret.reveal().percentEncoded)"
            request.headers["Authorization"] = "Basic " + Base64Text.text(Array(pair.utf8))
            return request
        }
    }
}

extension TokenSource {
    /// Forgets the token that the request bore; another can be had.
    func reject(_ request: HTTPRequest) -> Bool {
        guard let header = request.headers["Authorization"], header.hasPrefix("Bearer ") else { return false }
        invalidate(Secret(String(header.dropFirst("Bearer ".count))))
        return true
    }
}
