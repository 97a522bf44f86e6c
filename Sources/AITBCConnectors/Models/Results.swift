public import ConnectorCore

/// How an operation went. A failed one is a result as well, so that one failure does not end a batch.
public struct OperationResult: Sendable, Hashable, Codable {
    /// Whether it was done.
    public var success: Bool
    /// What it brought, by the definition's mapping; null where it failed.
    public var data: JSONValue
    /// Why it failed.
    public var error: String?
    /// What else is known: `operation`, `idempotency_key`, and of a failure `error_code`, `status_code`, `details`, `hint`,
    /// `retry_after` (seconds) and `may_have_been_sent`: whether it may have been done all the same.
    public var metadata: JSONValue
    /// When it ended.
    public var timestamp: Instant

    /// A result from its parts.
    public init(
        success: Bool,
        data: JSONValue = .null,
        error: String? = nil,
        metadata: JSONValue = .object([]),
        timestamp: Instant
    ) {
        self.success = success
        self.data = data
        self.error = error
        self.metadata = metadata
        self.timestamp = timestamp
    }
}

/// How the synchronisation of one kind of entity went.
public struct SyncResult: Sendable, Hashable, Codable {
    /// Which kind.
    public var entityType: String
    /// Entities that are in step.
    public var syncedCount: Int
    /// Entities that are not.
    public var failedCount: Int
    /// Why not, one line each.
    public var errors: [String]
    /// When it began, by the earlier of both sides' clocks: the next one's `since`. Nil where the list was not
    /// read whole, or records of it failed: they have to come again.
    public var lastSync: Instant?

    /// A result from its parts.
    public init(entityType: String, syncedCount: Int, failedCount: Int, errors: [String] = [], lastSync: Instant?) {
        self.entityType = entityType
        self.syncedCount = syncedCount
        self.failedCount = failedCount
        self.errors = errors
        self.lastSync = lastSync
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case entityType = "entity_type"
        case syncedCount = "synced_count"
        case failedCount = "failed_count"
        case errors
        case lastSync = "last_sync"
    }
}

/// What a connector has done so far.
public struct ConnectorMetrics: Sendable, Hashable, Codable {
    /// Operations that were asked for.
    public var operationCount: Int
    /// Those that failed.
    public var errorCount: Int
    /// The share of those that failed, 0 to 1.
    public var errorRate: Double
    /// When the last synchronisation ended.
    public var lastSync: Instant?

    /// Figures from their parts.
    public init(operationCount: Int, errorCount: Int, lastSync: Instant?) {
        self.operationCount = operationCount
        self.errorCount = errorCount
        errorRate = operationCount == 0 ? 0 : Double(errorCount) / Double(operationCount)
        self.lastSync = lastSync
    }

    /// A figure by its name in the specification: `operation_count`, `error_count`, `error_rate`, `last_sync`; null where
    /// there was none yet, and nil for any other name.
    public subscript(name: String) -> JSONValue? {
        switch CodingKeys(rawValue: name) {
        case .operationCount: .number(String(operationCount))
        case .errorCount: .number(String(errorCount))
        case .errorRate: .number(String(errorRate))
        case .lastSync: lastSync.map { .string($0.iso8601()) } ?? .null
        case nil: nil
        }
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case operationCount = "operation_count"
        case errorCount = "error_count"
        case errorRate = "error_rate"
        case lastSync = "last_sync"
    }

    /// `last_sync` is null, not missing, before the first.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(operationCount, forKey: .operationCount)
        try fields.encode(errorCount, forKey: .errorCount)
        try fields.encode(errorRate, forKey: .errorRate)
        try fields.encode(lastSync, forKey: .lastSync)
    }
}
