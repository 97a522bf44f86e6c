import ConnectorCore

/// Turns a rule into the handler that follows it: the one place that knows both.
enum AuthHandlers {
    /// What a handler needs from its owner.
    struct Surroundings: Sendable {
        let connector: ConnectorDefinition
        let secrets: ConnectorSecrets
        let clocks: any Clocks
        let tokenStore: any TokenStore
        /// One attempt without a proof, through the account's gate.
        let attempt: @Sendable (TransportRequest) async throws(Exchange.Failure) -> TransportResponse
    }

    static func make(_ rule: AuthRule, _ around: Surroundings) throws(ConfigurationError) -> any AuthHandler {
        switch rule {
        case .none: return NoAuth()
        case .bearer(let token): return BearerAuth(token: token)
        case .basic(let user, let password): return BasicAuth(username: user, password: password)
        case .apiKey(let header, let key): return APIKeyAuth(key: key, header: header)
        case .certificate(let files): return CertificateAuth(files)
        case .hmac(let rule): return HMACAuth(rule, clocks: around.clocks)
        case .oauth1(let rule): return OAuth1Auth(rule, clocks: around.clocks)
        case .oauth2(let rule):
            let send = around.tokenRequest(rule.tokenURL)
            return OAuth2Auth(
                rule,
                store: around.tokenStore,
                clocks: around.clocks,
                known: around.secrets,
                send: send
            )
        case .jwtBearer(let rule):
            let send = around.tokenRequest(rule.tokenURL)
            return try JWTBearerAuth(rule, clocks: around.clocks, secrets: around.secrets, send: send)
        case .session(let rule): return SessionAuth(session: around.session(rule))
        case .csrf(let path, let inner):
            let connector = around.connector
            let filled = path.fill(connector.variables, encode: \.percentEncoded) ?? ""
            return CSRFAuth(
                try make(inner, around),
                url: connector.baseURL.text(below: filled),
                template: TransportRequest(
                    url: connector.baseURL.text,
                    headers: ["Accept": "application/json"],
                    limits: connector.limits,
                    allowInsecure: connector.allowInsecure,
                    tls: connector.tls
                ),
                known: around.secrets,
                send: around.tokenRequest(connector.baseURL)
            )
        }
    }
}

extension AuthHandlers {
    /// The same, with a proof that can't be made as a failure of each request: a daemon starts its other connectors.
    static func makeOrFail(_ rule: AuthRule, _ around: Surroundings) -> any AuthHandler {
        do throws(ConfigurationError) {
            return try make(rule, around)
        } catch {
            return FailingAuth(error: AuthenticationError(error.context))
        }
    }

    private struct FailingAuth: AuthHandler {
        let error: AuthenticationError

        func authorize(_ request: inout TransportRequest) throws { throw error }
    }
}

extension AuthHandlers.Surroundings {
    /// Errors as the SDK tells them, so that a token server that is down is tried again.
    func tokenRequest(_ url: URLReference) -> TokenRequest {
        { [attempt, secrets, connector] request in
            var request = request
            request.limits = connector.limits
            // A company's own authority signs its token server too. A certificate that is the proof stays.
            if request.tls == TLSFiles() { request.tls = connector.tls }
            do throws(Exchange.Failure) {
                return try await attempt(request)
            } catch {
                throw try AuthHandlers.error(error, asking: url, secrets)
            }
        }
    }

    func session(_ rule: SessionRule) -> SessionTokens {
        SessionTokens(rule, connector: connector, secrets: secrets, clocks: clocks) {
            [attempt] (request) async throws(SyncFailure) in
            do throws(Exchange.Failure) {
                return try await attempt(request)
            } catch {
                throw SyncFailure(error, APISession.shown(request))
            }
        }
    }
}

extension AuthHandlers {
    fileprivate static func error(
        _ failure: Exchange.Failure,
        asking url: URLReference,
        _ secrets: ConnectorSecrets
    ) throws -> any AITBCError {
        switch failure {
        case .stopped: throw CancellationError()
        case .auth(let error): return error
        case .resting(let span, _):
            return APIError(
                ErrorContext(
                    "\(url.origin) was not asked for a token: the account's server failed too often and rests",
                    code: "CIRCUIT_OPEN",
                    retryAfter: span,
                    hint: "try again in \(span.friendlyText)"
                )
            )
        case .transport(let error):
            return APIError(
                ErrorContext(
                    "no token from \(url.origin): \(secrets.redact(error.message))",
                    code: error.code.name,
                    underlying: error,
                    hint: FailureHint.program.of(error)
                )
            )
        }
    }
}
