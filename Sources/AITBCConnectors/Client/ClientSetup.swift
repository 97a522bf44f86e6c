import ConnectorConfiguration
import ConnectorCore
import CurlTransport

/// What a client's connection is made of, before there is one.
struct ClientSetup: Sendable {
    let gate: AccountGate
    /// Given by the user; nil: the one that `auth_type` names.
    let handler: (any AuthHandler)?
    let rule: AuthRule
    let connector: ConnectorDefinition
    let secrets: ConnectorSecrets
    let tokenStore: any TokenStore
    let engine: CurlTransport.Configuration
    let clocks: any Clocks

    init(
        _ config: ConnectorConfig,
        handler: (any AuthHandler)?,
        limiter: RateLimiter?,
        tokenStore: (any TokenStore)?,
        clocks: any Clocks
    ) throws(ConfigurationError) {
        guard let base = URLReference(config.baseURL) else {
            throw ConfigurationError(ErrorContext("base_url is not a URL", code: "CONFIGURATION_ERROR"))
        }
        self.clocks = clocks
        self.handler = handler
        rule = handler == nil ? try config.authRule() : .none
        secrets = ConnectorSecrets(rule)
        self.tokenStore = tokenStore ?? MemoryTokenStore()
        gate =
            limiter?.gate(of: config.tenantID)
            ?? AccountGate(
                rate: config.rateLimit.map(Double.init),
                burst: config.burstLimit.map(Double.init),
                rules: config.gateRules,
                clocks: clocks
            )
        connector = ConnectorDefinition(
            name: "aitbc",
            baseURL: base,
            auth: rule,
            retry: config.retryPolicy,
            limits: config.limits,
            tls: config.tls,
            errors: .aitbc
        )
        var engine = CurlTransport.Configuration()
        engine.maximumConnections = config.maxConnections
        engine.maximumConnectionsPerHost = max(1, config.maxConnections / 4)
        engine.maximumInFlight = max(engine.maximumInFlight, Self.mostWaiting)
        engine.readBytes = Self.readBytes
        engine.userAgent = "AITBC-SDK/\(AITBCSDK.version)"
        self.engine = engine
    }

    /// Requests that may wait for a connection; more fail at once instead of filling memory.
    private static let mostWaiting = 10_000

    /// Most answers of AITBC are smaller; longer ones take several reads.
    private static let readBytes = 32 << 10

    func caller(_ transport: any HTTPTransport) throws(ConfigurationError) -> Caller {
        let auth: any AuthHandler
        if let handler { auth = handler } else { auth = try own(transport) }
        return Caller(
            exchange: Exchange(gate: gate, transport: transport, auth: auth, clocks: clocks),
            retry: connector.retry,
            errors: connector.errors,
            family: .api,
            secrets: secrets
        )
    }
}

extension ClientSetup {
    private func own(_ transport: any HTTPTransport) throws(ConfigurationError) -> any AuthHandler {
        let gate = gate
        let surroundings = AuthHandlers.Surroundings(
            connector: connector,
            secrets: secrets,
            clocks: clocks,
            tokenStore: tokenStore
        ) { (request) async throws(Exchange.Failure) in
            try await Exchange.attempt(request, gate, transport) { _ in }
        }
        return try AuthHandlers.make(rule, surroundings)
    }
}

extension ErrorRule {
    /// `{"success": false, "error": …, "error_code": …, "details": …}`.
    static let aitbc = ErrorRule(message: [["error"]], code: [["error_code"]])
}

extension ConnectorConfig {
    /// `auth_type` and `auth_config`, read by the reader of connector files: one set of names and rules for both.
    func authRule() throws(ConfigurationError) -> AuthRule {
        var members: [JSONValue.Member] = [.init("auth_type", .string(authType.rawValue))]
        if !apiKey.isEmpty { members.append(.init("api_key", .string(apiKey.reveal()))) }
        if authConfig.members?.isEmpty == false { members.append(.init("auth_config", authConfig)) }
        let diagnostics = DiagnosticCollector()
        let bytes = JSONValue.object(members).bytes
        let rule = JSON5Reader.read(bytes, file: "ConnectorConfig", diagnostics: diagnostics).flatMap { value in
            ConfigReader.read(value, diagnostics: diagnostics) { AuthReader(resolver: ReferenceResolver()).read(&$0) }
        }
        let mistakes = diagnostics.diagnostics.filter { $0.severity == .error }
        guard let rule, mistakes.isEmpty else {
            let list = mistakes.map { "\($0.key): \($0.problem); \($0.remedy)" }.joined(separator: ". ")
            throw ConfigurationError(
                ErrorContext(
                    "the configuration can't be used: \(list)",
                    code: "CONFIGURATION_ERROR",
                    details: .object(mistakes.map { .init($0.key, .string("\($0.problem); \($0.remedy)")) }),
                    hint: "correct the named fields"
                )
            )
        }
        return rule
    }
}
