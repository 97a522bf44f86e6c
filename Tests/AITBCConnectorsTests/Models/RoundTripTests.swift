import AITBCConnectors
import ConnectorCore
import Testing

/// What is written is read again as it was: a thousand random values of each type.
@Suite(.timeLimit(.minutes(5)))
struct RoundTripTests {
    private static let count: UInt64 = 1_000

    private static func check<Value: Codable & Equatable>(_ type: Value.Type) throws {
        var written = Set<JSONValue>()
        for seed in 0..<count {
            let value = try Value(from: RandomDecoder(seed: seed))
            let wire = try JSONValueEncoder().encode(value)
            // As bytes, too: what a file or a server gives back.
            let read = try JSONValueDecoder().decode(Value.self, from: try JSONValue(parsing: wire.bytes))
            #expect(read == value, "\(type), seed \(seed): \(wire)")
            written.insert(wire)
        }
        #expect(written.count > 100, "\(type) is not random")
    }

    @Test func `every model`() throws {
        try Self.check(Charge.self)
        try Self.check(Refund.self)
        try Self.check(PaymentMethod.self)
        try Self.check(Subscription.self)
        try Self.check(Customer.self)
        try Self.check(Balance.self)
        try Self.check(ERPCustomer.self)
        try Self.check(ERPOrder.self)
        try Self.check(ERPInvoice.self)
        try Self.check(ERPProduct.self)
    }

    @Test func `every result, event and record`() throws {
        try Self.check(OperationResult.self)
        try Self.check(SyncResult.self)
        try Self.check(ConnectorMetrics.self)
        try Self.check(WebhookEvent.self)
        try Self.check(AuditRecord.self)
    }

    @Test func `every error`() throws {
        try Self.check(AuthenticationError.self)
        try Self.check(RateLimitError.self)
        try Self.check(APIError.self)
        try Self.check(ConfigurationError.self)
        try Self.check(PaymentError.self)
        try Self.check(ERPError.self)
        try Self.check(SyncError.self)
        try Self.check(WebhookError.self)
        try Self.check(ValidationError.self)
        try Self.check(TimeoutError.self)
    }

    @Test func `an error is written as the specification's error answer`() throws {
        var context = ErrorContext("Rate limit exceeded", code: "RATE_LIMIT", statusCode: 429, retryAfter: .seconds(60))
        context.details = ["field": "value"]
        #expect(
            try JSONValueEncoder().encode(RateLimitError(context)) == [
                "success": false, "error": "Rate limit exceeded", "error_code": "RATE_LIMIT",
                "details": ["field": "value"], "status_code": 429, "retry_after": 60.0,
            ]
        )
    }

    @Test func `every configuration whose secrets stand elsewhere`() throws {
        var generator = SeededGenerator(seed: 7)
        func maybe(_ name: String, _ value: JSONValue) -> [JSONValue.Member] {
            Bool.random(using: &generator) ? [.init(name, value)] : []
        }
        func number(_ range: ClosedRange<Int>) -> JSONValue {
            .number(String(Int.random(in: range, using: &generator)))
        }
        func seconds() -> JSONValue { .number(String(Double.random(in: 0.001...600, using: &generator))) }
        let key: JSONValue = ["env": "PATH"]
        for round in 0..<Self.count {
            let random = RandomDecoder(seed: round)
            let members: [JSONValue.Member] =
                [.init("base_url", .string("https://\(round).example"))] + maybe("api_key", key)
                + maybe("api_version", "v2") + maybe("timeout", seconds()) + maybe("max_connections", number(1...1_000))
                + maybe("max_retries", number(0...20)) + maybe("retry_backoff", seconds())
                + maybe("retry_ceiling", seconds())
                + maybe("retry_budget", ["share": 0.123, "reserve": number(0...99)])
                + maybe(
                    "circuit_breaker",
                    [nil, ["threshold": number(1...9), "cool_down": seconds()]].randomElement() ?? nil
                )
                + maybe("rate_limit", number(1...999)) + maybe("burst_limit", number(1...999))
                + maybe("auth_type", ["hmac", "oauth2", "bearer", "odd"].randomElement() ?? "hmac")
                + maybe("auth_config", ["client_secret": key, "scope": random.json()]) + maybe("webhook_secret", key)
                + maybe("tls", ["ca_path": "/ca.pem", "minimum": "1.3", "passphrase": key])
                + maybe("webhook_endpoint", "/hooks") + maybe("enable_metrics", false) + maybe("log_level", "DEBUG")
                + maybe("metrics_endpoint", "https://m.example") + maybe("enterprise_id", "e\"é")
                + maybe("tenant_id", "t") + maybe("region", "eu")
            let config = try JSONValueDecoder().decode(ConnectorConfig.self, from: .object(members))
            let wire = try JSONValueEncoder().encode(config)
            let read = try JSONValueDecoder().decode(ConnectorConfig.self, from: try JSONValue(parsing: wire.bytes))
            #expect(read == config, "\(wire)")
            for member in members where member.name != "timeout" { #expect(wire[member.name] != nil, "\(member.name)") }
        }
    }

    @Test(arguments: [
        "password", "secret", "client_secret", "refresh_token", "consumer_secret", "token_secret", "private_key",
        "passphrase",
    ])
    func `a secret that was given as it is is not written down`(member: String) throws {
        var config = ConnectorConfig(baseURL: "https://a.example", apiKey: Secret(""))
        _ = try JSONValueEncoder().encode(config)
        config.authConfig = .object([.init(member, "s3cret-text")])
        #expect(throws: EncodingError.self) { try JSONValueEncoder().encode(config) }
        config.authConfig = .object([.init(member, ["file": "/run/secret"])])
        _ = try JSONValueEncoder().encode(config)
        for literal in [\ConnectorConfig.webhookSecret, \.tls.keyPassphrase] {
            var config = config
            config[keyPath: literal] = Secret("s3cret-text")
            #expect(throws: EncodingError.self) { try JSONValueEncoder().encode(config) }
        }
        config.apiKey = Secret("s3cret-text")
        let error = #expect(throws: EncodingError.self) { try JSONValueEncoder().encode(config) }
        #expect(error.map { "\($0)".contains("s3cret") } == false)
    }

    @Test func `a secret that is not where it should be is said at once, without a guess`() throws {
        let places: [JSONValue] = [
            ["env": "NO_SUCH_VARIABLE_OF_OURS"], ["file": "/nowhere/at/all"], ["credential": "../etc/passwd"],
        ]
        for place in places {
            let wire: JSONValue = ["base_url": "https://a.example", "api_key": place]
            let error = #expect(throws: ConfigurationError.self) {
                try JSONValueDecoder().decode(ConnectorConfig.self, from: wire)
            }
            #expect(error?.code == "SECRET_NOT_READ" && error?.hint != nil, "\(error?.message ?? "")")
        }
        let odd: JSONValue = ["base_url": "https://a.example", "api_key": ["env": "PATH", "file": "/x"]]
        #expect(throws: DecodingError.self) { try JSONValueDecoder().decode(ConnectorConfig.self, from: odd) }
    }
}
