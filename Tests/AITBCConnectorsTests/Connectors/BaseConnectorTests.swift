import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

struct BaseConnectorTests {
    @Test func `it is initialised by one cheap request, once`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("{}")) }
        let stripe = try StripeConnector.make(transport)
        #expect(!stripe.isInitialized)
        try await stripe.initialize()
        try await stripe.initialize()
        #expect(stripe.isInitialized)
        #expect(transport.requests.map(\.url) == ["https://api.stripe.com/v1/balance"])
        await stripe.cleanup()
        #expect(!stripe.isInitialized)
    }

    @Test func `a wrong key is an authentication error, and it stays uninitialised`() async throws {
        let transport = FakeTransport { _, _ in
            .success(.json(#"{"error":{"message":"Invalid API Key provided: sk_test_0123456789"}}"#, status: 401))
        }
        let stripe = try StripeConnector.make(transport)
        let error = await #expect(throws: AuthenticationError.self) { try await stripe.initialize() }
        #expect(!stripe.isInitialized)
        #expect(error?.description.contains("sk_test_0123456789") == false)
    }

    /// Counts those inside.
    private actor Turnstile {
        private(set) var most = 0
        private var inside = 0

        func enter() {
            inside += 1
            most = max(most, inside)
        }

        func leave() { inside -= 1 }
    }

    @Test(arguments: [(1, 1), (3, 3), (10, 10), (100, 40)])
    func `a batch keeps its order and never has more in flight`(limit: Int, most: Int) async throws {
        let engine = try ConnectorEngine.make("{}", transport: FakeTransport { _, _ in .failure(.lost) })
        let connector = DefinedERPConnector(engine)
        let turnstile = Turnstile()
        connector.setOperationHandler("double") { data in
            await turnstile.enter()
            // Later ones are quicker, so that the order is nobody's luck.
            for _ in 0..<(200 - 4 * (data["n"]?.int64 ?? 0)) { await Task.yield() }
            await turnstile.leave()
            guard let number = data["n"]?.int64, number != 7 else {
                throw ERPError(ErrorContext("seven is refused", code: "SEVEN"))
            }
            return .number(String(2 * number))
        }
        let operations = (0..<40).map { BatchOperation("double", data: ["n": .number(String($0))]) }
        let results = await connector.batchExecute(operations, maxConcurrent: limit)
        #expect(results.map(\.success) == (0..<40).map { $0 != 7 })
        #expect(results.enumerated().allSatisfy { $0 == 7 || $1.data == .number(String(2 * $0)) })
        #expect(results[7].metadata["error_code"] == "SEVEN")
        let reached = await turnstile.most
        #expect(reached <= min(limit, most))
        #expect(limit == 1 || reached > 1)
    }

    @Test(.timeLimit(.minutes(5))) func `no limit costs nothing`() async throws {
        let engine = try ConnectorEngine.make("{}", transport: FakeTransport { _, _ in .failure(.lost) })
        let connector = DefinedERPConnector(engine)
        connector.setOperationHandler("a") { _ in true }
        let results = await connector.batchExecute([BatchOperation("a", data: [:])], maxConcurrent: .max)
        #expect(results.map(\.success) == [true])
    }

    @Test(arguments: ["..", "."]) func `an id that would lead elsewhere is refused`(id: String) async throws {
        let transport = FakeTransport { _, _ in .success(.json("{}")) }
        let engine = try ConnectorEngine.make(
            "{ delete_thing: { method: \"DELETE\", path: \"/v1/things/${id}\" } }",
            transport: transport
        )
        let result = await DefinedERPConnector(engine).executeOperation("delete_thing", data: ["id": .string(id)])
        #expect(!result.success && result.metadata["error_code"] == "VALIDATION_ERROR")
        #expect(transport.requests.isEmpty)
    }

    @Test func `an operation of one's own is in the audit log, too`() async throws {
        let log = MemoryAuditLog()
        let transport = FakeTransport { _, _ in .failure(.lost) }
        let stripe = try StripeConnector(apiKey: Secret("sk_test"), transport: transport, auditLog: log)
        stripe.setOperationHandler("create_charge") { _ in ["id": "ch_own"] }
        stripe.setOperationHandler("list_things") { _ in [] }
        let charge: JSONValue = ["amount": 5, "currency": "chf", "source": "tok"]
        _ = await stripe.executeOperation("create_charge", data: charge)
        _ = await stripe.executeOperation("list_things", data: [:])
        #expect(await log.records.map(\.object) == ["ch_own"])
    }

    @Test func `a list that is not read to its end says so, and gives no time to go on from`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("{}", status: 500)) }
        let connector = try ODataConnector(
            baseURL: "https://erp.example.com",
            settings: ["api_key": "k", "max_retries": 0, "streams": ["Customers": ["path": "/Customers"]]],
            transport: transport
        )
        let failed = await connector.executeOperation("sync", data: ["entity_type": "Customers"])
        #expect(!failed.success && failed.metadata["error_code"] == "SYNC_FAILED")
        #expect(connector.lastSync == nil && connector.metrics.errorCount == 1)
        let results = try await connector.sync()
        #expect(results["Customers"]?.lastSync == nil && results["Customers"]?.failedCount == 1)
        let odd: JSONValue = ["entity_type": "Customers", "since": "yesterday"]
        let refused = await connector.executeOperation("sync", data: odd)
        #expect(refused.metadata["error_code"] == "VALIDATION_ERROR")
    }

    @Test func `a limit of nothing still runs the batch`() async throws {
        let engine = try ConnectorEngine.make("{}", transport: FakeTransport { _, _ in .failure(.lost) })
        let connector = DefinedERPConnector(engine)
        connector.setOperationHandler("a") { _ in true }
        #expect(
            await connector.batchExecute([BatchOperation("a", data: [:])], maxConcurrent: 0).map(\.success) == [true]
        )
        #expect(await connector.batchExecute([]).isEmpty)
    }

    @Test func `a handler stands in for the definition's operation, after validation`() async throws {
        let transport = FakeTransport { _, _ in .failure(.lost) }
        let stripe = try StripeConnector.make(transport)
        stripe.setOperationHandler("create_refund") { _ in ["id": "re_own"] }
        let result = await stripe.executeOperation("create_refund", data: ["charge": "ch_1"])
        #expect(result.data == ["id": "re_own"])
        #expect(await stripe.executeOperation("create_refund", data: [:]).success == false)
        stripe.setOperationHandler("create_refund", nil)
        #expect(await stripe.executeOperation("create_refund", data: ["charge": "ch_1"]).success == false)
        #expect(!transport.requests.isEmpty)
    }

    @Test func `an unknown operation names the nearest`() async throws {
        let stripe = try StripeConnector.make(FakeTransport { _, _ in .failure(.lost) })
        let error = await #expect(throws: ValidationError.self) { try await stripe.perform("create_charg", data: [:]) }
        #expect(error?.message.contains("did you mean \"create_charge\"?") == true)
        #expect(error?.code == "UNKNOWN_OPERATION")
    }

    @Test func `a result names the idempotency key, also of a failure`() async throws {
        let stripe = try StripeConnector.make(FakeTransport { _, _ in .success(.json("{}", status: 402)) })
        let data: JSONValue = ["amount": 5, "currency": "chf", "source": "tok_visa"]
        let own = await stripe.executeOperation("create_charge", data: data, idempotencyKey: "order-7")
        #expect(own.metadata["idempotency_key"] == "order-7")
        let made = await stripe.executeOperation("create_charge", data: data)
        #expect(made.metadata["idempotency_key"]?.string?.utf8.count == 36)
        let read = await stripe.executeOperation("retrieve_balance", data: [:], idempotencyKey: "k")
        #expect(read.metadata["idempotency_key"] == nil)
    }

    @Test func `an unknown field is refused before anything is sent`() async throws {
        let transport = FakeTransport { _, _ in .failure(.lost) }
        let stripe = try StripeConnector.make(transport)
        let error = await #expect(throws: ValidationError.self) {
            try await stripe.perform("cancel_subscription", data: ["subscription": "s", "at_period": false])
        }
        #expect(error?.details["at_period"] == "is not a field of this operation")
        #expect(transport.requests.isEmpty)
    }

    @Test func `metrics count operations, errors and their share`() async throws {
        let engine = try ConnectorEngine.make("{}", transport: FakeTransport { _, _ in .failure(.lost) })
        let connector = DefinedERPConnector(engine)
        #expect(connector.metrics.errorRate == 0)
        connector.setOperationHandler("a") { _ in true }
        for name in ["a", "b", "a", "a"] { _ = await connector.executeOperation(name, data: [:]) }
        #expect(connector.metrics.operationCount == 4)
        #expect(connector.metrics.errorCount == 1)
        #expect(connector.metrics.errorRate == 0.25)
        #expect(connector.lastSync == nil)
    }

    @Test func `every write is audited, a read is not, and no card number stays`() async throws {
        let log = MemoryAuditLog()
        let transport = FakeTransport { request, _ in
            request.method == "GET"
                ? .success(.json(#"{"available":[]}"#))
                : .success(.json(#"{"error":{"message":"no 4242424242424242","code":"card_declined"}}"#, status: 402))
        }
        let stripe = try StripeConnector.make(transport, auditLog: log)
        _ = try await stripe.retrieveBalance()
        let data: JSONValue = ["amount": 5, "currency": "chf", "source": "4242424242424242"]
        _ = await stripe.executeOperation("create_charge", data: data, idempotencyKey: "k-1")
        let records = await log.records
        #expect(records.map(\.operation) == ["create_charge"])
        #expect(records.first?.outcome == "failed")
        #expect(records.first?.errorCode == "card_declined")
        #expect(records.first?.idempotencyKey == "k-1")
        #expect(!"\(records)".contains("4242424242424242"))
    }

    @Test func `a definition with mistakes names each of them`() {
        let error = #expect(throws: ConfigurationError.self) {
            try ConnectorEngine(
                name: "x",
                definition: "{ operations: { a: { pth: \"/a\" } } }",
                settings: ["base_url": "ftp://x", "auth_type": "none"]
            )
        }
        #expect(error?.message.contains("base_url") == true)
    }
}
