public import ConnectorCore

// Calls that leave parameters out: one for each that may be the last one left out, so that none of them can be taken for
// another, and all reach the requirement.

extension ERPConnector {
    /// The same without an idempotency key: a random one.
    public func createEntity(_ entityType: String, data: JSONValue) async throws -> OperationResult {
        try await createEntity(entityType, data: data, idempotencyKey: nil)
    }

    /// The same without an idempotency key: a random one.
    public func updateEntity(_ entityType: String, data: JSONValue) async throws -> OperationResult {
        try await updateEntity(entityType, data: data, idempotencyKey: nil)
    }

    /// The same without an idempotency key: a random one.
    public func deleteEntity(_ entityType: String, data: JSONValue) async throws -> OperationResult {
        try await deleteEntity(entityType, data: data, idempotencyKey: nil)
    }

    /// The same without handing records on: counts them.
    public func syncData(
        _ entityType: String,
        since: Instant? = nil,
        filters: JSONValue = .object([])
    ) async throws -> SyncResult {
        try await syncData(entityType, since: since, filters: filters) { _ in }
    }

    /// The same without a filter.
    public func syncData(
        _ entityType: String,
        since: Instant? = nil,
        deliver: @escaping @Sendable (JSONValue) async throws -> Void
    ) async throws -> SyncResult {
        try await syncData(entityType, since: since, filters: .object([]), deliver: deliver)
    }

    /// The same of everything, whenever it changed.
    public func syncData(
        _ entityType: String,
        filters: JSONValue,
        deliver: @escaping @Sendable (JSONValue) async throws -> Void
    ) async throws -> SyncResult {
        try await syncData(entityType, since: nil, filters: filters, deliver: deliver)
    }

    /// The same with ten at a time.
    public func batchSync(_ entityType: String, items: [JSONValue]) async throws -> SyncResult {
        try await batchSync(entityType, items: items, maxConcurrent: 10)
    }
}
