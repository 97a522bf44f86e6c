import ConnectorCore
import ConnectorCrypto

/// Asks a token server, and keeps the grant: the refresh token that the server may exchange with each use.
///
/// Invariants of a grant that is exchanged:
///  1. One exchange at a time, over all connectors and processes that share the store (`TokenStore.exclusively`).
///  2. Each exchange begins with the newest token, whoever stored it, and a new one is durable before it is used.
///  3. The access token that came with it is shared through the store: a second exchange would only end the first's.
///  4. Nothing is ever deleted. An answer without a refresh token leaves the old one.
actor TokenRefresher {
    private let rule: OAuth2Rule
    private let store: any TokenStore
    private let clocks: any Clocks
    private let known: ConnectorSecrets
    private let send: TokenRequest
    private let account: String
    private var refreshToken: Secret?
    /// Given by the server and not yet durable: nothing is asked before it is.
    private var unstored: Secret?
    /// Whether the server exchanges refresh tokens, as far as one can tell.
    private var isExchanged = false

    init(
        _ rule: OAuth2Rule,
        store: any TokenStore,
        clocks: any Clocks,
        known: ConnectorSecrets,
        send: @escaping TokenRequest
    ) {
        self.rule = rule
        self.store = store
        self.clocks = clocks
        self.known = known
        self.send = send
        let configured = rule.refreshToken?.reveal() ?? ""
        // A new refresh_token in the configuration begins anew: the account names which one it grew from.
        let origin = HexText.text(Array(MessageAuthentication.hash(Array(configured.utf8)).prefix(8)))
        account = "\(rule.tokenURL.origin)#\(rule.clientID)#\(origin)"
    }

    var secrets: [Secret] { [refreshToken, unstored].compactMap { $0 } }

    /// `refused` is an access token that the server no longer takes.
    func fetch(refused: Secret?) async throws -> FetchedToken {
        guard let configured = rule.refreshToken else { return try await ask() }
        do {
            return try await store.exclusively(account) { try await self.renew(configured, refused: refused) }
        } catch let error as any AITBCError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw failure("is not to be had now", "TOKEN_NOT_READ", error, "it is tried again")
        }
    }

    private func renew(_ configured: Secret, refused: Secret?) async throws -> FetchedToken {
        try await keep(unstored)
        try await load(configured)
        if let shared = try await shared(), shared.token != refused { return shared }
        let tried = refreshToken
        do {
            return try await ask()
        } catch let refusal as AuthenticationError {
            // Whoever does not wait for a turn may have exchanged the token in this moment: an older version of the
            // program, or a store that knows no turns.
            try await load(configured)
            guard unstored == nil, refreshToken != tried else { throw refusal }
            return try await ask()
        }
    }

    private func ask() async throws -> FetchedToken {
        let response = try await send(request())
        let body = try TokenEndpoint.answer(response, from: rule.tokenURL, at: clocks.now, known)
        let fetched = TokenEndpoint.fetched(body)
        guard refreshToken != nil else { return fetched }
        if let next = body["refresh_token"]?.string, !next.isEmpty { try await keep(Secret(next)) }
        try await share(fetched)
        return fetched
    }

    // MARK: The grant

    /// Each time: `exec` beside the daemon, or another connector of the account, may have exchanged it meanwhile.
    private func load(_ configured: Secret) async throws {
        do {
            let stored = try await store.load(account)
            if stored != nil { isExchanged = true }
            refreshToken = stored ?? refreshToken ?? configured
        } catch {
            throw failure(
                "could not be read",
                "TOKEN_NOT_READ",
                error,
                "look at tokens in the state directory; it is tried again"
            )
        }
        if let refreshToken { known.learn(refreshToken) }
    }

    private func keep(_ token: Secret?) async throws {
        guard let token, token != refreshToken else { return }
        unstored = token
        known.learn(token)
        try await write(token, account)
        refreshToken = token
        unstored = nil
        isExchanged = true
    }

    private func write(_ token: Secret, _ account: String) async throws {
        do {
            try await store.store(token, account: account)
        } catch {
            let hint = "it is not used before it is durable; make room in the state directory"
            throw failure("could not be stored", "TOKEN_NOT_STORED", error, hint)
        }
    }

    private func failure(_ what: String, _ code: String, _ error: any Error, _ hint: String) -> ConfigurationError {
        ConfigurationError(
            ErrorContext(
                "the refresh token for \(rule.tokenURL.origin) \(what): \(error)",
                code: code,
                underlying: error,
                hint: hint
            )
        )
    }

    // MARK: The access token that all share

    /// Of another scope it is another.
    private var sharing: String { "\(account)#access#\(rule.scope ?? "")" }

    /// What somebody else of the grant fetched, as long as it need not be renewed. By the wall clock, the only one that
    /// processes have in common: where it was set back, what was given in its future counts for nothing.
    private func shared() async throws -> FetchedToken? {
        guard isExchanged, let text = try await store.load(sharing)?.reveal(),
            let value = try? JSONValue(parsing: Array(text.utf8)), let token = value["access_token"]?.string,
            let given = value["given"]?.int64, let lifetime = value["lifetime"]?.int64
        else { return nil }
        let age = clocks.now - Instant(seconds: given)
        let fetched = FetchedToken(token: Secret(token), lifetime: .seconds(lifetime), age: age)
        guard age >= .zero, !fetched.isDue else { return nil }
        known.learn(fetched.token)
        return fetched
    }

    private func share(_ fetched: FetchedToken) async throws {
        guard isExchanged else { return }
        let value: JSONValue = [
            "access_token": .string(fetched.token.reveal()),
            "given": .number(String(clocks.now.seconds)),
            "lifetime": .number(String(fetched.lifetime.components.seconds)),
        ]
        try await write(Secret(value.text), sharing)
    }

    // MARK: The request

    private func request() -> TransportRequest {
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

extension FetchedToken {
    /// Whether it has reached the age at which a new one is fetched.
    fileprivate var isDue: Bool {
        let start = MonotonicInstant(nanoseconds: 0)
        return TokenLife(obtained: start, lifetime: lifetime).isDue(at: start + age)
    }
}
