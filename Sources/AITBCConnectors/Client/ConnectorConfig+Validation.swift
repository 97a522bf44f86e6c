import ConnectorCore

extension ConnectorConfig {
    /// Checks every field at once. Throws a ``ConfigurationError`` whose `details` name each mistake by its wire name.
    public func validate() throws(ConfigurationError) {
        let mistakes = self.mistakes
        guard !mistakes.isEmpty else { return }
        let list = mistakes.map { "\($0.name): \($0.value.string ?? "")" }.joined(separator: "; ")
        throw ConfigurationError(
            ErrorContext(
                "the configuration can't be used: \(list)",
                code: "CONFIGURATION_ERROR",
                details: .object(mistakes),
                hint: "correct the named fields"
            )
        )
    }

    private var mistakes: [JSONValue.Member] {
        let day = Duration.seconds(86_400)
        let levels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
        let rules: [(name: String, isKept: Bool, rule: String)] = [
            ("base_url", isGoodURL(baseURL), "write an absolute https:// URL; http:// only leads to this machine"),
            ("api_version", !apiVersion.contains { "/?# ".contains($0) }, "write a plain word, such as \"v1\""),
            ("timeout", timeout > .zero && timeout <= day, "write more than 0 and at most 86400 seconds"),
            ("max_connections", (1...1_000).contains(maxConnections), "write 1 to 1000"),
            ("max_retries", (0...20).contains(maxRetries), "write 0 to 20"),
            ("retry_backoff", retryBackoff >= .zero && retryBackoff <= .seconds(600), "write 0 to 600 seconds"),
            ("retry_ceiling", retryCeiling >= .zero && retryCeiling <= day, "write 0 to 86400 seconds"),
            ("rate_limit", rateLimit.map { $0 >= 1 } ?? true, "write at least 1 request a second, or leave it out"),
            ("burst_limit", burstLimit.map { $0 >= 1 } ?? true, "write at least 1, or leave it out"),
            ("burst_limit", burstLimit == nil || rateLimit != nil, "has no meaning without rate_limit"),
            ("auth_config", authConfig.members != nil, "write an object"),
            ("metrics_endpoint", metricsEndpoint.map(isGoodURL) ?? true, "write an absolute https:// URL"),
            ("log_level", levels.contains(logLevel), "write one of \(levels.joined(separator: ", "))"),
        ]
        let headers = [("enterprise_id", enterpriseID), ("tenant_id", tenantID), ("region", region)]
        let broken = rules.filter { !$0.isKept }.map { JSONValue.Member($0.name, .string($0.rule)) }
        let unsendable = headers.filter { $0.1?.holdsControlCharacter ?? false }
            .map { JSONValue.Member($0.0, "holds a control character") }
        return broken + unsendable
    }

    private func isGoodURL(_ text: String) -> Bool {
        guard let url = URLReference(text), !text.contains("?"), !text.contains("#") else { return false }
        return url.scheme == "https" || url.isLoopback
    }
}

extension ConnectorConfig {
    /// An attempt ends at ``timeout``, however it stands.
    var limits: TransportLimits {
        TransportLimits(connectTimeout: min(timeout, .seconds(10)), idleTimeout: timeout, totalTimeout: timeout)
    }

    /// On every request, besides the proof of identity.
    var headers: TransportHeaders {
        var headers: TransportHeaders = ["Accept": "application/json", "User-Agent": "AITBC-SDK/\(AITBCSDK.version)"]
        for (name, value) in [("X-Enterprise-ID", enterpriseID), ("X-Tenant-ID", tenantID), ("X-Region", region)] {
            if let value { headers.add(name, value) }
        }
        return headers
    }
}
