import ConnectorConfiguration
import ConnectorCore

extension ConnectorConfig: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case baseURL = "base_url"
        case apiKey = "api_key"
        case apiVersion = "api_version"
        case timeout
        case maxConnections = "max_connections"
        case maxRetries = "max_retries"
        case retryBackoff = "retry_backoff"
        case retryCeiling = "retry_ceiling"
        case retryBudget = "retry_budget"
        case circuitBreaker = "circuit_breaker"
        case rateLimit = "rate_limit"
        case burstLimit = "burst_limit"
        case authType = "auth_type"
        case authConfig = "auth_config"
        case tls
        case webhookSecret = "webhook_secret"
        case webhookEndpoint = "webhook_endpoint"
        case enableMetrics = "enable_metrics"
        case metricsEndpoint = "metrics_endpoint"
        case logLevel = "log_level"
        case enterpriseID = "enterprise_id"
        case tenantID = "tenant_id"
        case region
    }

    /// The specification's field names, in its order, and our own beside them.
    package static let fieldNames = CodingKeys.allCases.map(\.rawValue)

    /// Reads the specification's names; a field that is not there has its default. Times are seconds. A secret is a text,
    /// or where it is kept (see ``SecretReference``): it is read from there at once.
    ///
    /// Throws a ``ConfigurationError`` for a secret that can't be read.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ fallback: Value) throws -> Value {
            try fields.decodeIfPresent(Value.self, forKey: key) ?? fallback
        }
        func read(_ key: CodingKeys, _ fallback: Duration) throws -> Duration {
            try fields.decodeIfPresent(Double.self, forKey: key).map(Duration.init(boundedSeconds:)) ?? fallback
        }
        self.init(
            baseURL: try fields.decode(String.self, forKey: .baseURL),
            apiKey: try fields.decodeIfPresent(WrittenSecret.self, forKey: .apiKey)?.secret ?? Secret("")
        )
        apiVersion = try read(.apiVersion, apiVersion)
        timeout = try read(.timeout, timeout)
        maxConnections = try read(.maxConnections, maxConnections)
        maxRetries = try read(.maxRetries, maxRetries)
        retryBackoff = try read(.retryBackoff, retryBackoff)
        retryCeiling = try read(.retryCeiling, retryCeiling)
        retryBudget = try fields.decodeIfPresent(RetryBudget.self, forKey: .retryBudget)
        // Null is none, and nothing is the default.
        if fields.contains(.circuitBreaker) {
            circuitBreaker = try fields.decodeIfPresent(CircuitBreaker.self, forKey: .circuitBreaker)
        }
        rateLimit = try fields.decodeIfPresent(Int.self, forKey: .rateLimit)
        burstLimit = try fields.decodeIfPresent(Int.self, forKey: .burstLimit)
        authType = try read(.authType, authType)
        authConfig = try read(.authConfig, authConfig)
        tls = try fields.decodeIfPresent(WrittenTLS.self, forKey: .tls)?.files ?? tls
        webhookSecret = try fields.decodeIfPresent(WrittenSecret.self, forKey: .webhookSecret)?.secret
        webhookEndpoint = try fields.decodeIfPresent(String.self, forKey: .webhookEndpoint)
        enableMetrics = try read(.enableMetrics, enableMetrics)
        metricsEndpoint = try fields.decodeIfPresent(String.self, forKey: .metricsEndpoint)
        logLevel = try read(.logLevel, logLevel)
        enterpriseID = try fields.decodeIfPresent(String.self, forKey: .enterpriseID)
        tenantID = try fields.decodeIfPresent(String.self, forKey: .tenantID)
        region = try fields.decodeIfPresent(String.self, forKey: .region)
    }

    /// Writes all of it: what is read again is equal. Secrets are written as the place that they were read from.
    ///
    /// Throws an `EncodingError` for a secret that was given as it is: it would stand in a file. That goes for the members
    /// of ``authConfig``, too: give them as `{ "env": … }`, `{ "file": … }` or `{ "credential": … }`.
    public func encode(to encoder: any Encoder) throws {
        try WrittenSecret.checkNoLiteral(in: authConfig, encoder.codingPath + [CodingKeys.authConfig])
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(baseURL, forKey: .baseURL)
        if !apiKey.isEmpty { try fields.encode(WrittenSecret(apiKey), forKey: .apiKey) }
        try fields.encode(apiVersion, forKey: .apiVersion)
        try fields.encode(timeout.inSeconds, forKey: .timeout)
        try fields.encode(maxConnections, forKey: .maxConnections)
        try fields.encode(maxRetries, forKey: .maxRetries)
        try fields.encode(retryBackoff.inSeconds, forKey: .retryBackoff)
        try fields.encode(retryCeiling.inSeconds, forKey: .retryCeiling)
        try fields.encodeIfPresent(retryBudget, forKey: .retryBudget)
        try fields.encode(circuitBreaker, forKey: .circuitBreaker)
        try fields.encodeIfPresent(rateLimit, forKey: .rateLimit)
        try fields.encodeIfPresent(burstLimit, forKey: .burstLimit)
        try fields.encode(authType, forKey: .authType)
        try fields.encode(authConfig, forKey: .authConfig)
        if tls != TLSFiles() { try fields.encode(WrittenTLS(tls), forKey: .tls) }
        try fields.encodeIfPresent(webhookSecret.map { WrittenSecret($0) }, forKey: .webhookSecret)
        try fields.encodeIfPresent(webhookEndpoint, forKey: .webhookEndpoint)
        try fields.encode(enableMetrics, forKey: .enableMetrics)
        try fields.encodeIfPresent(metricsEndpoint, forKey: .metricsEndpoint)
        try fields.encode(logLevel, forKey: .logLevel)
        try fields.encodeIfPresent(enterpriseID, forKey: .enterpriseID)
        try fields.encodeIfPresent(tenantID, forKey: .tenantID)
        try fields.encodeIfPresent(region, forKey: .region)
    }
}

/// A secret as a configuration is written: the place where it is kept. Read, it may be the secret itself.
private struct WrittenSecret: Codable {
    let secret: Secret

    init(_ secret: Secret) {
        self.secret = secret
    }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        do {
            secret = Secret(try value.decode(String.self))
        } catch is DecodingError {
            secret = try Secret(try value.decode(SecretReference.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        guard let reference = secret.reference else { throw Self.literal(encoder.codingPath) }
        try reference.encode(to: encoder)
    }

    static func checkNoLiteral(in authConfig: JSONValue, _ path: [any CodingKey]) throws {
        for member in authConfig.members ?? [] where AuthConfigSecrets.names.contains(member.name) {
            guard !member.value.isNull else { continue }
            do {
                _ = try JSONValueDecoder().decode(SecretReference.self, from: member.value)
            } catch {
                throw literal(path)
            }
        }
    }

    private static func literal(_ path: [any CodingKey]) -> EncodingError {
        let name = path.map(\.stringValue).joined(separator: ".")
        let problem = "\(name) holds a secret itself, which is not written down: read it from a SecretReference"
        return .invalidValue(Secret.mask, .init(codingPath: path, debugDescription: problem))
    }
}

/// Files for TLS under the names of connector files.
private struct WrittenTLS: Codable {
    let files: TLSFiles

    init(_ files: TLSFiles) {
        self.files = files
    }

    private enum CodingKeys: String, CodingKey {
        case certificate = "cert_path"
        case key = "key_path"
        case passphrase
        case authority = "ca_path"
        case minimum
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        var minimum = TLSVersion.tls12
        if let name = try fields.decodeIfPresent(String.self, forKey: .minimum) {
            guard let version = TLSVersion(rawValue: name) else {
                let known = TLSVersion.allCases.map(\.rawValue).joined(separator: ", ")
                throw DecodingError.dataCorruptedError(
                    forKey: .minimum,
                    in: fields,
                    debugDescription: "write one of \(known)"
                )
            }
            minimum = version
        }
        files = TLSFiles(
            certificate: try fields.decodeIfPresent(String.self, forKey: .certificate),
            key: try fields.decodeIfPresent(String.self, forKey: .key),
            keyPassphrase: try fields.decodeIfPresent(WrittenSecret.self, forKey: .passphrase)?.secret,
            certificateAuthority: try fields.decodeIfPresent(String.self, forKey: .authority),
            minimum: minimum
        )
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(files.certificate, forKey: .certificate)
        try fields.encodeIfPresent(files.key, forKey: .key)
        try fields.encodeIfPresent(files.keyPassphrase.map { WrittenSecret($0) }, forKey: .passphrase)
        try fields.encodeIfPresent(files.certificateAuthority, forKey: .authority)
        try fields.encode(files.minimum.rawValue, forKey: .minimum)
    }
}
