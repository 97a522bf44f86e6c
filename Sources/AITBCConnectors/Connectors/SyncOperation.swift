import ConnectorCore

/// The operations of every connector that no definition has to name.
enum SyncOperation: String {
    /// Reads one list; the result says how many records it has.
    case sync
    /// Makes or changes many entities.
    case batchSync = "batch_sync"

    static let names = [sync, batchSync].map(\.rawValue)

    /// The specification's sync result as JSON. The data have been validated.
    func run(_ data: JSONValue, _ engine: ConnectorEngine) async throws -> JSONValue {
        let connector = DefinedERPConnector(engine)
        let type = data["entity_type"]?.string ?? ""
        let result: SyncResult
        switch self {
        case .sync:
            let since = data["since"].flatMap { $0.isNull ? nil : $0 }
            let instant = since?.string.flatMap { Instant(iso8601: $0) }
            guard since == nil || instant != nil else {
                throw ValidationError("sync", .init(kind: .unwritable, fields: ["since"]))
            }
            result = try await connector.syncData(type, since: instant, filters: data["filters"] ?? .object([]))
            // A list that was not read to its end.
            if result.lastSync == nil { throw Self.failure(rawValue, result) }
        case .batchSync:
            result = try await connector.batchSync(type, items: data["items"]?.array ?? [])
            if result.syncedCount == 0 { throw Self.failure(rawValue, result) }
        }
        return try JSONValueEncoder().encode(result)
    }

    private static func failure(_ operation: String, _ result: SyncResult) -> SyncError {
        SyncError(
            ErrorContext(
                "\(operation) of \(result.entityType) failed after \(result.syncedCount): \(result.errors.last ?? "")",
                code: "SYNC_FAILED",
                details: [
                    "synced_count": .number(String(result.syncedCount)),
                    "errors": .array(result.errors.map(JSONValue.string)),
                ]
            )
        )
    }
}

extension ValidationError {
    /// Data that no request can be made of.
    init(_ operation: String, _ mistake: OperationRequest.Mistake) {
        let (reason, hint) =
            switch mistake.kind {
            case .missing: ("is required", "the path needs it")
            case .unknown: ("is not a field of this operation", "it would be dropped")
            case .misspelled: ("is no field, but nearly one", "look at the spelling")
            case .unwritable:
                (
                    "can't be written as the API wants it",
                    "an amount needs its currency, a time ISO 8601; an id is more than dots"
                )
            }
        self.init(
            ErrorContext(
                "\(operation): \(mistake.fields.joined(separator: ", ")) \(reason)",
                code: "VALIDATION_ERROR",
                details: .object(mistake.fields.map { .init($0, .string(reason)) }),
                hint: "nothing was sent; \(hint)"
            )
        )
    }
}
