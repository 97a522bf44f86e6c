import AITBCConnectors
import ConnectorCore
import Testing

/// Walks the table: what is missing here, or bears another name or default, fails by its name.
struct SpecificationTests {
    private static let at = Instant(seconds: 1_800_000_000)

    // MARK: Configuration

    @Test func `ConnectorConfig has every field with its default`() throws {
        let minimal: JSONValue = ["base_url": "https://a.example", "api_key": ["env": "PATH"]]
        let config = try JSONValueDecoder().decode(ConnectorConfig.self, from: minimal)
        let written = try JSONValueEncoder().encode(config)
        for field in SpecificationTable.configuration {
            #expect(ConnectorConfig.fieldNames.contains(field.name), "\(field.name) is missing")
            guard let value = field.value else { continue }
            let expected = try JSONValue(parsing: value)
            let found = try #require(written[field.name], "\(field.name) has no default")
            let isSame = found == expected || (found.double != nil && found.double == expected.double)
            #expect(isSame, "\(field.name): \(found)")
        }
        #expect(config.authConfig == .object([]) && config.rateLimit == nil && config.webhookSecret == nil)
    }

    @Test func `every field of a configuration is read under its wire name`() throws {
        let full: JSONValue = [
            "base_url": "https://a.example", "api_key": "k", "api_version": "v2", "timeout": .number("1.5"),
            "max_connections": 7, "max_retries": 5, "retry_backoff": .number("0.25"), "rate_limit": 50,
            "burst_limit": 60, "auth_type": "hmac", "auth_config": ["secret": "s"], "webhook_secret": "w",
            "webhook_endpoint": "/hooks", "enable_metrics": false, "log_level": "DEBUG", "enterprise_id": "e",
            "tenant_id": "t", "region": "eu",
        ]
        let config = try JSONValueDecoder().decode(ConnectorConfig.self, from: full)
        #expect(config.apiVersion == "v2" && config.timeout == .milliseconds(1_500) && config.maxConnections == 7)
        #expect(config.maxRetries == 5 && config.retryBackoff == .milliseconds(250) && config.rateLimit == 50)
        #expect(config.burstLimit == 60 && config.authType == .hmac && config.authConfig == ["secret": "s"])
        #expect(config.webhookSecret == Secret("w") && config.webhookEndpoint == "/hooks" && !config.enableMetrics)
        #expect(config.logLevel == "DEBUG" && config.enterpriseID == "e" && config.tenantID == "t")
        #expect(config.region == "eu" && config.apiKey == Secret("k"))
    }

    // MARK: Models

    private static func samples() throws -> [String: JSONValue] {
        let encoder = JSONValueEncoder()
        let charge = Charge(
            id: "1",
            amount: 1,
            currency: "chf",
            status: .pending,
            createdAt: at,
            updatedAt: at,
            description: "d",
            paymentMethodID: "p",
            paymentMethodDetails: .object([])
        )
        let refund = Refund(
            id: "1",
            amount: 1,
            currency: "chf",
            status: .pending,
            createdAt: at,
            updatedAt: at,
            chargeID: "c",
            reason: "r"
        )
        let method = PaymentMethod(
            id: "1",
            type: "card",
            createdAt: at,
            brand: "visa",
            last4: "4242",
            expMonth: 1,
            expYear: 2030
        )
        let subscription = Subscription(
            id: "1",
            status: .active,
            createdAt: at,
            updatedAt: at,
            currentPeriodStart: at,
            currentPeriodEnd: at,
            customerID: "c",
            amount: 1,
            currency: "chf",
            interval: "month",
            intervalCount: 1,
            trialStart: at,
            trialEnd: at,
            canceledAt: at,
            endedAt: at
        )
        let sync = SyncResult(entityType: "party", syncedCount: 1, failedCount: 0, lastSync: at)
        return [
            "Charge": try encoder.encode(charge), "Refund": try encoder.encode(refund),
            "PaymentMethod": try encoder.encode(method), "Subscription": try encoder.encode(subscription),
            "OperationResult": try encoder.encode(OperationResult(success: false, error: "e", timestamp: at)),
            "SyncResult": try encoder.encode(sync),
            "ConnectorMetrics": try encoder.encode(ConnectorMetrics(operationCount: 4, errorCount: 1, lastSync: at)),
        ]
    }

    /// Decodes a model of its required fields alone, and writes it again.
    private static func minimal(_ name: String, _ json: JSONValue) throws -> JSONValue {
        let decoder = JSONValueDecoder()
        let encoder = JSONValueEncoder()
        switch name {
        case "Charge": return try encoder.encode(decoder.decode(Charge.self, from: json))
        case "Refund": return try encoder.encode(decoder.decode(Refund.self, from: json))
        case "PaymentMethod": return try encoder.encode(decoder.decode(PaymentMethod.self, from: json))
        case "Subscription": return try encoder.encode(decoder.decode(Subscription.self, from: json))
        default: return json
        }
    }

    @Test(arguments: SpecificationTable.models.keys.sorted())
    func `a model has every field under its wire name, with its default`(name: String) throws {
        let fields = try #require(SpecificationTable.models[name])
        let sample = try #require(try Self.samples()[name], "no sample of \(name)")
        #expect(Set(sample.members?.map(\.name) ?? []) == Set(fields.map(\.name)))
        let required = Set(fields.filter { $0.value == nil }.map(\.name))
        let least = JSONValue.object((sample.members ?? []).filter { required.contains($0.name) })
        let written = try Self.minimal(name, least)
        for field in fields where ["Charge", "Refund", "PaymentMethod", "Subscription"].contains(name) {
            guard let value = field.value else { continue }
            let expected: JSONValue? = value.isEmpty ? .none : .some(try JSONValue(parsing: value))
            #expect(written[field.name] == expected, "\(name).\(field.name)")
        }
    }

    @Test func `a connector's metrics have their figures`() throws {
        let json = try #require(try Self.samples()["ConnectorMetrics"])
        #expect(json["error_rate"]?.double == 0.25 && json["last_sync"] == .string(Self.at.iso8601()))
        let fresh = try JSONValueEncoder().encode(ConnectorMetrics(operationCount: 0, errorCount: 0, lastSync: nil))
        #expect(fresh["last_sync"] == .null && fresh["error_rate"]?.double == 0)
    }

    // MARK: Enumerations

    @Test func `every value of an enumeration exists, and no other`() {
        let known: [String: [String]] = [
            "PaymentStatus": PaymentStatus.allCases.map(\.rawValue),
            "RefundStatus": RefundStatus.allCases.map(\.rawValue),
            "SubscriptionStatus": SubscriptionStatus.allCases.map(\.rawValue),
            "ERPSystem": ERPSystem.allCases.map(\.rawValue), "ERPProtocol": ERPProtocol.allCases.map(\.rawValue),
            "WebhookStatus": WebhookStatus.allCases.map(\.rawValue),
        ]
        for (name, values) in SpecificationTable.enumerations where name != "AuthType" {
            #expect(Set(known[name] ?? []) == Set(values), "\(name)")
        }
        // ERPs need more ways than the specification names.
        let types = AuthType.allCases.map(\.rawValue)
        #expect(SpecificationTable.enumerations["AuthType"]?.allSatisfy(types.contains) == true)
    }

    // MARK: Errors

    @Test func `the errors stand in the specification's order`() throws {
        let context = ErrorContext("m", code: "C", statusCode: 402, details: ["f": "v"], retryAfter: .seconds(60))
        let all: [String: any AITBCError] = [
            "AuthenticationError": AuthenticationError(context), "RateLimitError": RateLimitError(context),
            "APIError": APIError(context), "ConfigurationError": ConfigurationError(context),
            "PaymentError": PaymentError(context), "ERPError": ERPError(context), "SyncError": SyncError(context),
            "WebhookError": WebhookError(context), "ValidationError": ValidationError(context),
            "TimeoutError": TimeoutError(context),
        ]
        for (name, parent) in SpecificationTable.errors where name != "ConnectorError" {
            let error = try #require(all[name], "\(name) is missing")
            #expect((error is any ConnectorError) == (parent == "ConnectorError"), "\(name)")
            #expect(error.message == "m" && error.code == "C" && error.statusCode == 402)
            #expect(error.details == ["f": "v"] && error.retryAfter == .seconds(60))
        }
    }

    // MARK: Methods

    /// Each member by reference: one that is gone, or takes something else, does not compile.
    private static var members: [String: [String: Any]] {
        [
            "AITBCClient": [
                "__init__": { (config: ConnectorConfig) in try AITBCClient(config: config) },
                "connect": AITBCClient.connect, "disconnect": AITBCClient.disconnect,
                "request": { (client: AITBCClient) in try await client.request("GET", "x") },
                "get": { (client: AITBCClient) in try await client.get("x") },
                "post": { (client: AITBCClient) in try await client.post("x", body: [:]) },
                "put": { (client: AITBCClient) in try await client.put("x", body: [:]) },
                "delete": { (client: AITBCClient) in try await client.delete("x") },
            ],
            "BaseConnector": [
                "initialize": { (connector: any BaseConnector) in try await connector.initialize() },
                "cleanup": { (connector: any BaseConnector) in await connector.cleanup() },
                "execute_operation": { (connector: any BaseConnector) in
                    await connector.executeOperation("create_charge", data: [:])
                },
                "batch_execute": { (connector: any BaseConnector) in await connector.batchExecute([], maxConcurrent: 10)
                },
                "sync": { (connector: any BaseConnector) in try await connector.sync(since: at, filters: [:]) },
                "is_initialized": { (connector: any BaseConnector) -> Bool in connector.isInitialized },
                "last_sync": { (connector: any BaseConnector) -> Instant? in connector.lastSync },
                "metrics": { (connector: any BaseConnector) -> ConnectorMetrics in connector.metrics },
            ],
            "PaymentConnector": [
                "create_charge": { (connector: any PaymentConnector) -> Charge in
                    try await connector.createCharge(
                        amount: 1,
                        currency: "chf",
                        source: "s",
                        description: nil,
                        metadata: nil
                    )
                },
                "create_refund": { (connector: any PaymentConnector) -> Refund in
                    try await connector.createRefund(charge: "c", amount: nil, reason: nil)
                },
                "create_payment_method": { (connector: any PaymentConnector) -> PaymentMethod in
                    try await connector.createPaymentMethod(type: "card", card: [:], metadata: nil)
                },
                "create_subscription": { (connector: any PaymentConnector) -> Subscription in
                    try await connector.createSubscription(customer: "c", items: [], metadata: nil)
                },
                "cancel_subscription": { (connector: any PaymentConnector) -> Subscription in
                    try await connector.cancelSubscription("s", atPeriodEnd: true)
                },
            ],
            "ERPConnector": [
                "create_entity": { (connector: any ERPConnector) -> OperationResult in
                    try await connector.createEntity("party", data: [:])
                },
                "update_entity": { (connector: any ERPConnector) -> OperationResult in
                    try await connector.updateEntity("party", data: [:])
                },
                "delete_entity": { (connector: any ERPConnector) -> OperationResult in
                    try await connector.deleteEntity("party", data: [:])
                },
                "sync_data": { (connector: any ERPConnector) -> SyncResult in try await connector.syncData("party") },
                "batch_sync": { (connector: any ERPConnector) -> SyncResult in
                    try await connector.batchSync("party", items: [])
                },
            ],
            "WebhookHandler": [
                "setup": { (handler: WebhookHandler) in try await handler.setup(endpoint: "/x", secret: nil) },
                "cleanup": { (handler: WebhookHandler) in await handler.cleanup() },
                "add_handler": { (handler: WebhookHandler) in handler.addHandler("*") { _ in } },
                "verify": { (handler: WebhookHandler) -> Bool in
                    handler.verify(payload: [], signature: "", algorithm: .sha256)
                },
                "handle": { (handler: WebhookHandler) -> WebhookAnswer in
                    try await handler.handle(payload: [], signature: nil)
                },
            ],
        ]
    }

    @Test(arguments: SpecificationTable.members.keys.sorted())
    func `a type has every method and property`(name: String) {
        let present = Self.members[name] ?? [:]
        for member in SpecificationTable.members[name] ?? [] {
            #expect(present[member] != nil, "\(name).\(member) is missing")
        }
    }

    @Test func `the operations exist under their names`() throws {
        let connector = try StripeConnector(apiKey: Secret("sk_test"))
        for operation in SpecificationTable.operations {
            #expect(connector.engine.operationNames.contains(operation), "\(operation)")
        }
    }
}
