public import ConnectorCore

/// An ERP system. Entities are objects under the ERP's own names; an operation is `{verb}_{entity}`.
///
/// Every call throws a ``ValidationError`` before anything is sent, an ``ERPError`` where the ERP refuses, or another
/// ``AITBCError``.
///
/// Each call is a requirement with a default, which asks the ``BaseConnector/engine``: implement one, with all its
/// parameters, and it is called through `any ERPConnector`, too.
public protocol ERPConnector: BaseConnector {
    /// Makes an entity. The result's `data` bears its `id`.
    func createEntity(_ entityType: String, data: JSONValue, idempotencyKey: String?) async throws -> OperationResult

    /// Changes an entity; `id` is required, an `etag` makes sure that nobody changed it meanwhile where the API can.
    func updateEntity(_ entityType: String, data: JSONValue, idempotencyKey: String?) async throws -> OperationResult

    /// Removes an entity; `id` is required.
    func deleteEntity(_ entityType: String, data: JSONValue, idempotencyKey: String?) async throws -> OperationResult

    /// One entity by its id, as the result's `data`: a text or a number, as the ERP has it.
    func retrieveEntity(_ entityType: String, id: JSONValue) async throws -> OperationResult

    /// Reads one list and hands each record on, until the list stands still: one whose pages may shift is read twice at
    /// least. A record that changes meanwhile is handed on again. Where fewer came than there should be, the result says
    /// so in its errors and has no `lastSync`.
    ///
    /// - Parameters:
    ///   - entityType: the list, as the definition names it.
    ///   - since: only what changed since then; nil for everything.
    ///   - filters: sent as parameters.
    ///   - deliver: called with each record as it came. A ``RecordFailure`` counts as that record's failure; whatever
    ///     else it throws ends the sync.
    ///
    /// Throws what `deliver` throws, and `CancellationError` when the task was cancelled.
    func syncData(
        _ entityType: String,
        since: Instant?,
        filters: JSONValue,
        deliver: @escaping @Sendable (JSONValue) async throws -> Void
    ) async throws -> SyncResult

    /// Brings many entities into the ERP: those with an `id` are changed, others are made. Errors name the item by its
    /// place in `items`, from 0.
    func batchSync(_ entityType: String, items: [JSONValue], maxConcurrent: Int) async throws -> SyncResult
}

extension ERPConnector {
    /// Asks the engine for `create_{entity}`.
    public func createEntity(
        _ entityType: String,
        data: JSONValue,
        idempotencyKey: String?
    ) async throws -> OperationResult {
        try await run("create_\(entityType)", data, idempotencyKey)
    }

    /// Asks the engine for `update_{entity}`.
    public func updateEntity(
        _ entityType: String,
        data: JSONValue,
        idempotencyKey: String?
    ) async throws -> OperationResult {
        try await run("update_\(entityType)", data, idempotencyKey)
    }

    /// Asks the engine for `delete_{entity}`.
    public func deleteEntity(
        _ entityType: String,
        data: JSONValue,
        idempotencyKey: String?
    ) async throws -> OperationResult {
        try await run("delete_\(entityType)", data, idempotencyKey)
    }

    /// Asks the engine for `retrieve_{entity}`.
    public func retrieveEntity(_ entityType: String, id: JSONValue) async throws -> OperationResult {
        try await run("retrieve_\(entityType)", ["id": id], nil)
    }

    /// Reads the list that the engine's definition describes.
    public func syncData(
        _ entityType: String,
        since: Instant?,
        filters: JSONValue,
        deliver: @escaping @Sendable (JSONValue) async throws -> Void
    ) async throws -> SyncResult {
        try OperationValidator.validate("sync", ["entity_type": .string(entityType)])
        return try await syncList(entityType, since: since, filters: filters, deliver)
    }

    /// The entities of one list as a type of AITBC's (``ERPCustomer``, ``ERPOrder``, …) or of yours, read as they are
    /// asked for.
    ///
    /// The same as ``BaseConnector/records(_:as:since:filters:)``, under an ERP's own word.
    public func entities<Model: Decodable & Sendable>(
        _ entityType: String,
        as type: Model.Type = Model.self,
        since: Instant? = nil,
        filters: JSONValue = .object([])
    ) -> RecordSequence<Model> {
        records(entityType, as: type, since: since, filters: filters)
    }

    /// One entity by its id, as a type of AITBC's or of yours.
    ///
    /// Throws an ``ERPError`` (`BAD_ANSWER`) where the answer is no such value.
    public func entity<Model: Decodable & Sendable>(
        _ entityType: String,
        id: JSONValue,
        as type: Model.Type = Model.self
    ) async throws -> Model {
        let result = try await retrieveEntity(entityType, id: id)
        do {
            return try JSONValueDecoder().decode(Model.self, from: result.data)
        } catch {
            let message = "\(entityType) \(id.text) came, but is not a \(Model.self): \(error)"
            throw ERPError(
                ErrorContext(message, code: "BAD_ANSWER", underlying: error, hint: "the type does not fit the entity")
            )
        }
    }

    /// The same as AITBC's models (``ERPCustomer``, ``ERPOrder``, …), where the definition says what they are made of,
    /// or as a type of yours.
    ///
    /// A record that is no such model counts as failed, and the others go on.
    public func syncModels<Model: Decodable & Sendable>(
        _ entityType: String,
        as type: Model.Type = Model.self,
        since: Instant? = nil,
        filters: JSONValue = .object([]),
        deliver: @escaping @Sendable (Model) async throws -> Void
    ) async throws -> SyncResult {
        // Said before anything is read; a connector without an engine's lists has its own.
        if !engine.connector.streams.isEmpty { _ = try engine.list(entityType) }
        return try await syncData(entityType, since: since, filters: filters) { record in
            let value: Model
            do {
                value = try decoded(record, in: entityType)
            } catch {
                throw RecordFailure(error)
            }
            try await deliver(value)
        }
    }

    /// Runs a `create_{entity}` or an `update_{entity}` for each.
    public func batchSync(_ entityType: String, items: [JSONValue], maxConcurrent: Int) async throws -> SyncResult {
        let data: JSONValue = ["entity_type": .string(entityType), "items": .array(items)]
        try OperationValidator.validate("batch_sync", data)
        let operations = items.map { item in
            BatchOperation(item["id"] == nil ? "create_\(entityType)" : "update_\(entityType)", data: item)
        }
        var tally = SyncTally()
        let results = await batchExecute(operations, maxConcurrent: maxConcurrent)
        for (index, result) in results.enumerated() {
            if result.success { tally.succeeded() } else { tally.failed("item \(index): \(result.error ?? "")") }
        }
        try Task.checkCancellation()
        return tally.result(entityType, at: engine.now)
    }

    private func run(_ operation: String, _ data: JSONValue, _ key: String?) async throws -> OperationResult {
        let result = try await perform(operation, data: data, idempotencyKey: key)
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
    ///   - transport: who sends; nil for the SDK's own engine.
    ///   - metrics: where to count; nil for a collector of its own.
    ///   - auditLog: told of every write.
    ///   - clocks: whose time it lives in: ``TestClocks`` in a test; nil for the machine's.
    ///
    /// Throws a ``ConfigurationError``.
    public init(
        baseURL: String,
        database: String,
        username: String,
        password: Secret,
        transport: (any HTTPTransport)? = nil,
        metrics: MetricsCollector? = nil,
        auditLog: (any AuditLog)? = nil,
        clocks: (any Clocks)? = nil
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
            auditLog: auditLog,
            clocks: clocks
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
    ///   - transport: who sends; nil for the SDK's own engine.
    ///   - metrics: where to count; nil for a collector of its own.
    ///   - auditLog: told of every write.
    ///   - clocks: whose time it lives in: ``TestClocks`` in a test; nil for the machine's.
    ///
    /// Throws a ``ConfigurationError``.
    public init(
        baseURL: String,
        settings: JSONValue,
        transport: (any HTTPTransport)? = nil,
        metrics: MetricsCollector? = nil,
        auditLog: (any AuditLog)? = nil,
        clocks: (any Clocks)? = nil
    ) throws {
        engine = try ConnectorEngine(
            name: "odata",
            definition: ShippedDefinitions.odata,
            settings: .object([.init("base_url", .string(baseURL))] + (settings.members ?? [])),
            transport: transport,
            metrics: metrics,
            auditLog: auditLog,
            clocks: clocks
        )
    }
}
