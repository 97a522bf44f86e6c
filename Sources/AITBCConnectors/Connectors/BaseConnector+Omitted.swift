public import ConnectorCore

// Calls that leave parameters out: one for each that may be the last one left out, so that none of them can be taken for
// another, and all reach the requirement.

extension BaseConnector {
    /// The same without an idempotency key: a random one.
    public func executeOperation(_ operation: String, data: JSONValue) async -> OperationResult {
        await executeOperation(operation, data: data, idempotencyKey: nil)
    }

    /// The same without an idempotency key: a random one.
    public func perform(_ operation: String, data: JSONValue) async throws -> JSONValue {
        try await perform(operation, data: data, idempotencyKey: nil)
    }

    /// The same with ten at a time.
    public func batchExecute(_ operations: [BatchOperation]) async -> [OperationResult] {
        await batchExecute(operations, maxConcurrent: 10)
    }

    /// The same without handing records on: counts them.
    public func sync(since: Instant? = nil, filters: JSONValue = .object([])) async throws -> [String: SyncResult] {
        try await sync(since: since, filters: filters) { _, _ in }
    }

    /// The same of every list, without a filter.
    public func sync(
        since: Instant? = nil,
        deliver: @escaping @Sendable (_ list: String, _ record: JSONValue) async throws -> Void
    ) async throws -> [String: SyncResult] {
        try await sync(since: since, filters: .object([]), deliver: deliver)
    }

    /// The same of everything, whenever it changed.
    public func sync(
        filters: JSONValue,
        deliver: @escaping @Sendable (_ list: String, _ record: JSONValue) async throws -> Void
    ) async throws -> [String: SyncResult] {
        try await sync(since: nil, filters: filters, deliver: deliver)
    }

    /// The same without a filter.
    public func records(_ list: String, since: Instant? = nil) -> RecordSequence<JSONValue> {
        records(list, since: since, filters: .object([]))
    }

    /// The same of everything, whenever it changed.
    public func records(_ list: String, filters: JSONValue) -> RecordSequence<JSONValue> {
        records(list, since: nil, filters: filters)
    }

    /// The same of a request whose URL has no parameters.
    public func handleWebhook(payload: [UInt8], headers: TransportHeaders) async throws -> WebhookAnswer {
        try await handleWebhook(payload: payload, headers: headers, query: [])
    }
}
