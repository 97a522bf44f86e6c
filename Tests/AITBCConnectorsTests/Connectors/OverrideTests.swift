import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// Each public call through `any` of its protocol reaches what a type puts in its place, however many parameters the
/// caller leaves out.
struct OverrideTests {
    private struct Reached: Error, Equatable {
        var call: String
    }

    /// Holds no engine, and throws what it was called with.
    private struct Payments: PaymentConnector {
        func createCharge(
            amount: Int,
            currency: String,
            source: String,
            description: String?,
            metadata: JSONValue?,
            idempotencyKey: String?
        ) async throws -> Charge {
            throw Reached(call: words(amount, currency, source, description, metadata, idempotencyKey))
        }

        func createRefund(charge: String, amount: Int?, reason: String?, idempotencyKey: String?) async throws -> Refund
        {
            throw Reached(call: words(charge, amount, reason, idempotencyKey))
        }

        func createPaymentMethod(
            type: String,
            card: JSONValue,
            metadata: JSONValue?,
            idempotencyKey: String?
        ) async throws -> PaymentMethod {
            throw Reached(call: words(type, card, metadata, idempotencyKey))
        }

        func createCustomer(
            email: String?,
            name: String?,
            source: String?,
            metadata: JSONValue?,
            idempotencyKey: String?
        ) async throws -> Customer {
            throw Reached(call: words(email, name, source, metadata, idempotencyKey))
        }

        func createSubscription(
            customer: String,
            items: [JSONValue],
            metadata: JSONValue?,
            idempotencyKey: String?
        ) async throws -> Subscription {
            throw Reached(call: words(customer, items.count, metadata, idempotencyKey))
        }

        func cancelSubscription(
            _ subscription: String,
            atPeriodEnd: Bool,
            idempotencyKey: String?
        ) async throws -> Subscription {
            throw Reached(call: words(subscription, atPeriodEnd, idempotencyKey))
        }

        func retrieveBalance() async throws -> Balance { throw Reached(call: "balance") }

        func retrieveCharge(_ id: String) async throws -> Charge { throw Reached(call: "charge \(id)") }

        func retrieveRefund(_ id: String) async throws -> Refund { throw Reached(call: "refund \(id)") }

        func retrievePaymentMethod(_ id: String) async throws -> PaymentMethod { throw Reached(call: "method \(id)") }

        func retrieveCustomer(_ id: String) async throws -> Customer { throw Reached(call: "customer \(id)") }

        func retrieveSubscription(_ id: String) async throws -> Subscription {
            throw Reached(call: "subscription \(id)")
        }

        func charges(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Charge> {
            Self.none("charges", createdSince, filters)
        }

        func refunds(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Refund> {
            Self.none("refunds", createdSince, filters)
        }

        func customers(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Customer> {
            Self.none("customers", createdSince, filters)
        }

        func subscriptions(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Subscription> {
            Self.none("subscriptions", createdSince, filters)
        }

        private static func none<Model>(_ list: String, _ since: Instant?, _ filters: JSONValue) -> RecordSequence<
            Model
        > {
            RecordSequence { { throw Reached(call: words(list, since?.seconds, filters)) } }
        }
    }

    private final class ERP: ERPConnector {
        private let kept = Mutex<[String]>([])

        var calls: [String] { kept.withLock { $0 } }

        private func note(_ call: String) { kept.withLock { $0.append(call) } }

        var isInitialized: Bool { true }
        var lastSync: Instant? { Instant(seconds: 1) }
        var lastActivity: Instant? { Instant(seconds: 2) }
        var metrics: ConnectorMetrics { ConnectorMetrics(operationCount: 7, errorCount: 0, lastSync: nil) }

        func initialize() async throws { note("initialize") }

        func cleanup() async { note("cleanup") }

        func handleWebhook(
            payload: [UInt8],
            headers: TransportHeaders,
            query: [(name: String, value: String)]
        ) async throws -> WebhookAnswer {
            note(words("webhook", payload.count, query.count))
            return WebhookAnswer([])
        }

        func addWebhookHandler(_ eventType: String, _ handler: @escaping WebhookHandler.Action) throws {
            note(words("on", eventType))
        }

        func setOperationHandler(_ operation: String, _ handler: ConnectorEngine.Handler?) { note("handler") }

        func executeOperation(_ operation: String, data: JSONValue, idempotencyKey: String?) async -> OperationResult {
            note(words("execute", operation, idempotencyKey))
            return Self.done
        }

        func perform(_ operation: String, data: JSONValue, idempotencyKey: String?) async throws -> JSONValue {
            note(words("perform", operation, idempotencyKey))
            return .null
        }

        func batchExecute(_ operations: [BatchOperation], maxConcurrent: Int) async -> [OperationResult] {
            note(words("batch", operations.count, maxConcurrent))
            return []
        }

        func sync(
            since: Instant?,
            filters: JSONValue,
            deliver: @escaping @Sendable (_ list: String, _ record: JSONValue) async throws -> Void
        ) async -> [String: SyncResult] {
            note(words("sync", since?.seconds, filters))
            return [:]
        }

        func createEntity(_ entityType: String, data: JSONValue, idempotencyKey: String?) async throws
            -> OperationResult
        {
            note(words("create", entityType, idempotencyKey))
            return Self.done
        }

        func updateEntity(_ entityType: String, data: JSONValue, idempotencyKey: String?) async throws
            -> OperationResult
        {
            note(words("update", entityType, idempotencyKey))
            return Self.done
        }

        func deleteEntity(_ entityType: String, data: JSONValue, idempotencyKey: String?) async throws
            -> OperationResult
        {
            note(words("delete", entityType, idempotencyKey))
            return Self.done
        }

        func syncData(
            _ entityType: String,
            since: Instant?,
            filters: JSONValue,
            deliver: @escaping @Sendable (JSONValue) async throws -> Void
        ) async throws -> SyncResult {
            note(words("data", entityType, since?.seconds, filters))
            try await deliver(["n": 1])
            return Self.nothing
        }

        func retrieveEntity(_ entityType: String, id: JSONValue) async throws -> OperationResult {
            note(words("retrieve", entityType, id))
            return OperationResult(success: true, data: ["n": 1], timestamp: Instant(seconds: 1))
        }

        func records(_ list: String, since: Instant?, filters: JSONValue) -> RecordSequence<JSONValue> {
            note(words("records", list, since?.seconds, filters))
            return RecordSequence([["n": 1]])
        }

        func model(of record: JSONValue, in entityType: String) throws -> JSONValue {
            note(words("model", entityType))
            return record
        }

        func batchSync(_ entityType: String, items: [JSONValue], maxConcurrent: Int) async throws -> SyncResult {
            note(words("batch sync", entityType, maxConcurrent))
            return Self.nothing
        }

        private static let done = OperationResult(
            success: true,
            data: .null,
            metadata: .null,
            timestamp: Instant(seconds: 1)
        )
        private static let nothing = SyncResult(
            entityType: "x",
            syncedCount: 0,
            failedCount: 0,
            errors: [],
            lastSync: nil
        )
    }

    private static let payments: any PaymentConnector = Payments()

    private struct Call: Sendable {
        var expected: String
        var make: @Sendable () async throws -> Any

        init(_ expected: String, _ make: @escaping @Sendable () async throws -> Any) {
            (self.expected, self.make) = (expected, make)
        }
    }

    @Test(arguments: [
        Call("1 chf s - - -") { try await payments.createCharge(amount: 1, currency: "chf", source: "s") },
        Call("1 chf s d - -") {
            try await payments.createCharge(amount: 1, currency: "chf", source: "s", description: "d")
        },
        Call("1 chf s - 2 -") { try await payments.createCharge(amount: 1, currency: "chf", source: "s", metadata: 2) },
        Call("1 chf s - - k") {
            try await payments.createCharge(amount: 1, currency: "chf", source: "s", idempotencyKey: "k")
        },
        Call("1 chf s d 2 -") {
            try await payments.createCharge(amount: 1, currency: "chf", source: "s", description: "d", metadata: 2)
        },
        Call("1 chf s d - k") {
            try await payments.createCharge(
                amount: 1,
                currency: "chf",
                source: "s",
                description: "d",
                idempotencyKey: "k"
            )
        },
        Call("1 chf s - 2 k") {
            try await payments.createCharge(amount: 1, currency: "chf", source: "s", metadata: 2, idempotencyKey: "k")
        },
        Call("1 chf s d 2 k") {
            try await payments.createCharge(
                amount: 1,
                currency: "chf",
                source: "s",
                description: "d",
                metadata: 2,
                idempotencyKey: "k"
            )
        },
        Call("c - - -") { try await payments.createRefund(charge: "c") },
        Call("c 1 - -") { try await payments.createRefund(charge: "c", amount: 1) },
        Call("c - r -") { try await payments.createRefund(charge: "c", reason: "r") },
        Call("c 1 r -") { try await payments.createRefund(charge: "c", amount: 1, reason: "r") },
        Call("c - - k") { try await payments.createRefund(charge: "c", idempotencyKey: "k") },
        Call("c 1 - k") { try await payments.createRefund(charge: "c", amount: 1, idempotencyKey: "k") },
        Call("c - r k") { try await payments.createRefund(charge: "c", reason: "r", idempotencyKey: "k") },
        Call("c 1 r k") { try await payments.createRefund(charge: "c", amount: 1, reason: "r", idempotencyKey: "k") },
        Call("card 1 - -") { try await payments.createPaymentMethod(type: "card", card: 1) },
        Call("card 1 2 -") { try await payments.createPaymentMethod(type: "card", card: 1, metadata: 2) },
        Call("card 1 - k") { try await payments.createPaymentMethod(type: "card", card: 1, idempotencyKey: "k") },
        Call("card 1 2 k") {
            try await payments.createPaymentMethod(type: "card", card: 1, metadata: 2, idempotencyKey: "k")
        },
        Call("- - - - -") { try await payments.createCustomer() },
        Call("e - - - -") { try await payments.createCustomer(email: "e") },
        Call("- n - - -") { try await payments.createCustomer(name: "n") },
        Call("e - s - -") { try await payments.createCustomer(email: "e", source: "s") },
        Call("e - - 2 -") { try await payments.createCustomer(email: "e", metadata: 2) },
        Call("e - - - k") { try await payments.createCustomer(email: "e", idempotencyKey: "k") },
        Call("- - s 2 k") { try await payments.createCustomer(source: "s", metadata: 2, idempotencyKey: "k") },
        Call("e n s 2 k") {
            try await payments.createCustomer(email: "e", name: "n", source: "s", metadata: 2, idempotencyKey: "k")
        },
        Call("c 1 - -") { try await payments.createSubscription(customer: "c", items: [1]) },
        Call("c 1 2 -") { try await payments.createSubscription(customer: "c", items: [1], metadata: 2) },
        Call("c 1 - k") { try await payments.createSubscription(customer: "c", items: [1], idempotencyKey: "k") },
        Call("c 1 2 k") {
            try await payments.createSubscription(customer: "c", items: [1], metadata: 2, idempotencyKey: "k")
        },
        Call("s true -") { try await payments.cancelSubscription("s") },
        Call("s false -") { try await payments.cancelSubscription("s", atPeriodEnd: false) },
        Call("s true k") { try await payments.cancelSubscription("s", idempotencyKey: "k") },
        Call("s false k") { try await payments.cancelSubscription("s", atPeriodEnd: false, idempotencyKey: "k") },
        Call("balance") { try await payments.retrieveBalance() },
        Call("charge 1") { try await payments.retrieveCharge("1") },
        Call("refund 1") { try await payments.retrieveRefund("1") },
        Call("method 1") { try await payments.retrievePaymentMethod("1") },
        Call("customer 1") { try await payments.retrieveCustomer("1") },
        Call("subscription 1") { try await payments.retrieveSubscription("1") },
        Call("charges - {}") { try await first(payments.charges()) },
        Call("charges 5 {}") { try await first(payments.charges(createdSince: Instant(seconds: 5))) },
        Call("charges - 1") { try await first(payments.charges(filters: 1)) },
        Call("charges 5 1") { try await first(payments.charges(createdSince: Instant(seconds: 5), filters: 1)) },
        Call("refunds - {}") { try await first(payments.refunds()) },
        Call("refunds 5 {}") { try await first(payments.refunds(createdSince: Instant(seconds: 5))) },
        Call("refunds - 1") { try await first(payments.refunds(filters: 1)) },
        Call("customers - {}") { try await first(payments.customers()) },
        Call("customers 5 {}") { try await first(payments.customers(createdSince: Instant(seconds: 5))) },
        Call("customers - 1") { try await first(payments.customers(filters: 1)) },
        Call("subscriptions - {}") { try await first(payments.subscriptions()) },
        Call("subscriptions 5 {}") { try await first(payments.subscriptions(createdSince: Instant(seconds: 5))) },
        Call("subscriptions - 1") { try await first(payments.subscriptions(filters: 1)) },
    ])
    private func `a payment call reaches the override`(_ call: Call) async {
        await #expect(throws: Reached(call: call.expected)) { _ = try await call.make() }
    }

    @Test func `an ERP's calls reach the override`() async throws {
        let own = ERP()
        let erp: any ERPConnector = own
        try await erp.initialize()
        erp.setOperationHandler("x", nil)
        try erp.addWebhookHandler("y") { _ in }
        _ = try await erp.handleWebhook(payload: [1], headers: [:])
        _ = try await erp.handleWebhook(payload: [1], headers: [:], query: [("a", "b")])
        _ = await erp.executeOperation("o", data: 1)
        _ = await erp.executeOperation("o", data: 1, idempotencyKey: "k")
        _ = try await erp.perform("o", data: 1)
        _ = try await erp.perform("o", data: 1, idempotencyKey: "k")
        _ = await erp.batchExecute([])
        _ = await erp.batchExecute([], maxConcurrent: 3)
        _ = try await erp.sync()
        _ = try await erp.sync(since: Instant(seconds: 5))
        _ = try await erp.sync(filters: 1)
        _ = try await erp.sync(since: Instant(seconds: 5), filters: 1)
        _ = try await erp.sync { _, _ in }
        _ = try await erp.sync(since: Instant(seconds: 5)) { _, _ in }
        _ = try await erp.sync(filters: 1) { _, _ in }
        _ = try await erp.sync(since: Instant(seconds: 5), filters: 1) { _, _ in }
        let sync = ["sync - {}", "sync 5 {}", "sync - 1", "sync 5 1"]
        #expect(
            own.calls == [
                "initialize", "handler", "on y", "webhook 1 0", "webhook 1 1", "execute o -", "execute o k",
                "perform o -", "perform o k", "batch 0 10",
                "batch 0 3",
            ] + sync + sync
        )
        #expect(erp.lastActivity == Instant(seconds: 2))
        #expect(erp.isInitialized && erp.lastSync == Instant(seconds: 1) && erp.metrics.operationCount == 7)
    }

    @Test func `an ERP's calls of entities reach the override`() async throws {
        let own = ERP()
        let erp: any ERPConnector = own
        _ = try await erp.createEntity("e", data: 1)
        _ = try await erp.createEntity("e", data: 1, idempotencyKey: "k")
        _ = try await erp.updateEntity("e", data: 1)
        _ = try await erp.updateEntity("e", data: 1, idempotencyKey: "k")
        _ = try await erp.deleteEntity("e", data: 1)
        _ = try await erp.deleteEntity("e", data: 1, idempotencyKey: "k")
        _ = try await erp.batchSync("e", items: [])
        _ = try await erp.batchSync("e", items: [], maxConcurrent: 3)
        _ = try await erp.syncData("e")
        _ = try await erp.syncData("e", since: Instant(seconds: 5), filters: 1) { _ in }
        _ = try await erp.syncData("e", filters: 1) { _ in }
        _ = try await erp.syncModels("e", as: [String: Int].self) { #expect($0 == ["n": 1]) }
        await erp.cleanup()
        #expect(
            own.calls == [
                "create e -", "create e k", "update e -", "update e k", "delete e -", "delete e k", "batch sync e 10",
                "batch sync e 3", "data e - {}", "data e 5 1", "data e - 1", "data e - {}", "model e", "cleanup",
            ]
        )
    }

    @Test func `an ERP's lists, and its entities by their id, reach the override`() async throws {
        let own = ERP()
        let erp: any ERPConnector = own
        let since = Instant(seconds: 5)
        _ = erp.records("l")
        _ = erp.records("l", since: since)
        _ = erp.records("l", filters: 1)
        _ = erp.records("l", since: since, filters: 1)
        #expect(try await first(erp.records("l", as: [String: Int].self, since: since)) == ["n": 1])
        #expect(try await first(erp.entities("l", as: [String: Int].self, filters: 1)) == ["n": 1])
        _ = try await erp.retrieveEntity("e", id: 7)
        #expect(try await erp.entity("e", id: "x", as: [String: Int].self) == ["n": 1])
        #expect(
            own.calls == [
                "records l - {}", "records l 5 {}", "records l - 1", "records l 5 1", "records l 5 {}", "model l",
                "records l - 1", "model l", "retrieve e 7", "retrieve e \"x\"",
            ]
        )
    }

    @Test func `what goes through perform reaches an override of it`() async throws {
        struct Named: PaymentConnector {
            func perform(_ operation: String, data: JSONValue, idempotencyKey: String?) async throws -> JSONValue {
                throw Reached(call: operation)
            }
        }
        let payments: any PaymentConnector = Named()
        await #expect(throws: Reached(call: "create_refund")) { try await payments.createRefund(charge: "c") }
        let result = await payments.batchExecute([BatchOperation("ping", data: 1)])
        #expect(result.first?.error?.contains("ping") == true)
    }

    @Test func `a connector without an engine says so where it was asked for what it does not implement`() async throws
    {
        struct Empty: PaymentConnector {}
        let error = await #expect(throws: ValidationError.self) { try await Empty().retrieveBalance() }
        #expect(error?.message == "this connector, which holds no engine, has no operation \"retrieve_balance\"")
        let synced = try await Empty().sync().values.first
        #expect(synced?.errors == ["this connector, which holds no engine, has no lists"] && synced?.lastSync == nil)
        let (one, other) = (Empty(), Empty())
        one.setOperationHandler("ping") { _ in 1 }
        try? await one.initialize()
        #expect(!other.isInitialized && other.metrics.operationCount == 0)
        await #expect(throws: ValidationError.self) { try await other.perform("ping", data: 1) }
    }
}

private func first<Record>(_ records: RecordSequence<Record>) async throws -> Record {
    var records = records.makeAsyncIterator()
    return try #require(try await records.next())
}

/// Parameters in words; what is nil as a hyphen.
private func words(_ parameters: Any?...) -> String {
    parameters.map { parameter in
        switch parameter {
        case let value as JSONValue: value.text
        case .some(let value): "\(value)"
        case nil: "-"
        }
    }.joined(separator: " ")
}
