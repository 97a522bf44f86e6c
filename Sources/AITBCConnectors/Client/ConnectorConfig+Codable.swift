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
        case rateLimit = "rate_limit"
        case burstLimit = "burst_limit"
        case authType = "auth_type"
        case authConfig = "auth_config"
        case webhookSecret = "webhook_secret"
        case webhookEndpoint = "webhook_endpoint"
        case enableMetrics = "enable_metrics"
        case metricsEndpoint = "metrics_endpoint"
        case logLevel = "log_level"
        case enterpriseID = "enterprise_id"
        case tenantID = "tenant_id"
        case region
    }

    /// The specification's field names, in its order.
    package static let fieldNames = CodingKeys.allCases.map(\.rawValue)

    /// Reads the specification's names; a field that is not there has its default. Times are seconds.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ fallback: Value) throws -> Value {
            try fields.decodeIfPresent(Value.self, forKey: key) ?? fallback
        }
        let apiKey = try fields.decode(String.self, forKey: .apiKey)
        self.init(baseURL: try fields.decode(String.self, forKey: .baseURL), apiKey: Secret(apiKey))
        apiVersion = try read(.apiVersion, apiVersion)
        timeout = try fields.decodeIfPresent(Double.self, forKey: .timeout).map(Self.duration) ?? timeout
        maxConnections = try read(.maxConnections, maxConnections)
        maxRetries = try read(.maxRetries, maxRetries)
        retryBackoff = try fields.decodeIfPresent(Double.self, forKey: .retryBackoff).map(Self.duration) ?? retryBackoff
        rateLimit = try fields.decodeIfPresent(Int.self, forKey: .rateLimit)
        burstLimit = try fields.decodeIfPresent(Int.self, forKey: .burstLimit)
        authType = try read(.authType, authType)
        authConfig = try read(.authConfig, authConfig)
        webhookSecret = try fields.decodeIfPresent(String.self, forKey: .webhookSecret).map { Secret($0) }
        webhookEndpoint = try fields.decodeIfPresent(String.self, forKey: .webhookEndpoint)
        enableMetrics = try read(.enableMetrics, enableMetrics)
        metricsEndpoint = try fields.decodeIfPresent(String.self, forKey: .metricsEndpoint)
        logLevel = try read(.logLevel, logLevel)
        enterpriseID = try fields.decodeIfPresent(String.self, forKey: .enterpriseID)
        tenantID = try fields.decodeIfPresent(String.self, forKey: .tenantID)
        region = try fields.decodeIfPresent(String.self, forKey: .region)
    }

    /// Writes everything but what is secret: `api_key`, `webhook_secret` and `auth_config` are left out.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(baseURL, forKey: .baseURL)
        try fields.encode(apiVersion, forKey: .apiVersion)
        try fields.encode(timeout.inSeconds, forKey: .timeout)
        try fields.encode(maxConnections, forKey: .maxConnections)
        try fields.encode(maxRetries, forKey: .maxRetries)
        try fields.encode(retryBackoff.inSeconds, forKey: .retryBackoff)
        try fields.encodeIfPresent(rateLimit, forKey: .rateLimit)
        try fields.encodeIfPresent(burstLimit, forKey: .burstLimit)
        try fields.encode(authType, forKey: .authType)
        try fields.encodeIfPresent(webhookEndpoint, forKey: .webhookEndpoint)
        try fields.encode(enableMetrics, forKey: .enableMetrics)
        try fields.encodeIfPresent(metricsEndpoint, forKey: .metricsEndpoint)
        try fields.encode(logLevel, forKey: .logLevel)
        try fields.encodeIfPresent(enterpriseID, forKey: .enterpriseID)
        try fields.encodeIfPresent(tenantID, forKey: .tenantID)
        try fields.encodeIfPresent(region, forKey: .region)
    }

    /// A day is the most that makes sense; beyond it `Duration` would still hold, but nobody waits.
    private static func duration(_ seconds: Double) -> Duration {
        .milliseconds(Int64(min(max(seconds.isFinite ? seconds : 0, 0), 86_400) * 1000))
    }
}
