public import ConnectorCore

/// An ERP system. Entities are objects under the ERP's own names; an operation is `{verb}_{entity}`.
///
/// Every call throws a ``ValidationError`` before anything is sent, an ``ERPError`` where the ERP refuses, or another
/// ``AITBCError``.
public protocol ERPConnector: BaseConnector {}

extension ERPConnector {
    /// Makes an entity. The result's `data` bears its `id`.
    public func createEntity(
        _ entityType: String,
        data: JSONValue,
        idempotencyKey: String? = nil
    ) async throws -> OperationResult {
        try await run("create_\(entityType)", data, idempotencyKey)
    }

    /// Changes an entity; `id` is required, an `etag` makes sure that nobody changed it meanwhile where the API can.
    public func updateEntity(
        _ entityType: String,
        data: JSONValue,
        idempotencyKey: String? = nil
    ) async throws -> OperationResult {
        try await run("update_\(entityType)", data, idempotencyKey)
    }

    /// Removes an entity; `id` is required.
    public func deleteEntity(
        _ entityType: String,
        data: JSONValue,
        idempotencyKey: String? = nil
    ) async throws -> OperationResult {
        try await run("delete_\(entityType)", data, idempotencyKey)
    }

    /// Reads one list and hands each record on, until the list stands still: one whose pages may shift is read twice at
    /// least. A record that changes meanwhile is handed on again. Where fewer came than there should be, the result says
    /// so in its errors and has no `lastSync`.
    ///
    /// - Parameters:
    ///   - entityType: the list, as the definition names it.
    ///   - since: only what changed since then; nil for everything.
    ///   - filters: sent as parameters.
    ///   - deliver: called with each record as it came.
    public func syncData(
        _ entityType: String,
        since: Instant? = nil,
        filters: JSONValue = .object([]),
        deliver: @escaping @Sendable (JSONValue) async throws -> Void = { _ in }
    ) async throws -> SyncResult {
        try OperationValidator.validate("sync", ["entity_type": .string(entityType)])
        return await syncList(entityType, since: since, filters: filters, deliver)
    }

    /// The same as AITBC's models (``ERPCustomer``, ``ERPOrder``, …), where the definition says what they are made of.
    ///
    /// A record that is no such model counts as failed, and the others go on.
    public func syncModels<Model: Decodable & Sendable>(
        _ entityType: String,
        as type: Model.Type = Model.self,
        since: Instant? = nil,
        filters: JSONValue = .object([]),
        deliver: @escaping @Sendable (Model) async throws -> Void
    ) async throws -> SyncResult {
        let list = try engine.list(entityType)
        return try await syncData(entityType, since: since, filters: filters) { record in
            let wire = try engine.model(of: record, in: list)
            try await deliver(try JSONValueDecoder().decode(Model.self, from: wire))
        }
    }

    /// Brings many entities into the ERP: those with an `id` are changed, others are made.
    public func batchSync(
        _ entityType: String,
        items: [JSONValue],
        maxConcurrent: Int = 10
    ) async throws -> SyncResult {
        let data: JSONValue = ["entity_type": .string(entityType), "items": .array(items)]
        try OperationValidator.validate("batch_sync", data)
        let operations = items.map { item in
            BatchOperation(item["id"] == nil ? "create_\(entityType)" : "update_\(entityType)", data: item)
        }
        let tally = SyncTally()
        for result in await batchExecute(operations, maxConcurrent: maxConcurrent) {
            if result.success { await tally.succeeded() } else { await tally.failed(result.error ?? "") }
        }
        return await tally.result(entityType, at: engine.now)
    }

    private func run(_ operation: String, _ data: JSONValue, _ key: String?) async throws -> OperationResult {
        let result = try await engine.perform(operation, data, key: key)
        return OperationResult(
            success: true,
            data: result,
            metadata: ["operation": .string(operation)],
            timestamp: engine.now
        )
    }
}

/// Any ERP that a definition describes.
public struct DefinedERPConnector: ERPConnector {
    /// Does the work.
    public let engine: ConnectorEngine

    /// A connector on an engine of yours.
    public init(_ engine: ConnectorEngine) {
        self.engine = engine
    }
}

/// Tryton, by the shipped definition.
public struct TrytonConnector: ERPConnector {
    /// Does the work.
    public let engine: ConnectorEngine

    /// - Parameters:
    ///   - baseURL: of the server.
    ///   - database: its name.
    ///   - username: who logs in.
    ///   - password: with what.
    ///
    /// Throws a ``ConfigurationError``.
    public init(
        baseURL: String,
        database: String,
        username: String,
        password: Secret,
        transport: (any HTTPTransport)? = nil,
        metrics: MetricsCollector? = nil,
        auditLog: (any AuditLog)? = nil
    ) throws {
        engine = try ConnectorEngine(
            name: "tryton",
            definition: ShippedDefinitions.tryton,
            settings: [
                "base_url": .string(baseURL), "settings": ["database": .string(database)],
                "auth_config": ["username": .string(username), "password": .string(password.reveal())],
            ],
            transport: transport,
            metrics: metrics,
            auditLog: auditLog
        )
    }
}

/// Any OData 4 service (Business Central, SAP, Dynamics): an entity type is the name of an entity set.
public struct ODataConnector: ERPConnector {
    /// Does the work.
    public let engine: ConnectorEngine

    /// - Parameters:
    ///   - baseURL: the service's root.
    ///   - settings: what a connector file would say besides: `auth_type`, `api_key`, `streams`, ….
    ///
    /// Throws a ``ConfigurationError``.
    public init(
        baseURL: String,
        settings: JSONValue,
        transport: (any HTTPTransport)? = nil,
        metrics: MetricsCollector? = nil,
        auditLog: (any AuditLog)? = nil
    ) throws {
        engine = try ConnectorEngine(
            name: "odata",
            definition: ShippedDefinitions.odata,
            settings: .object([.init("base_url", .string(baseURL))] + (settings.members ?? [])),
            transport: transport,
            metrics: metrics,
            auditLog: auditLog
        )
    }
}
