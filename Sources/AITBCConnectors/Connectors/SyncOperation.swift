import ConnectorCore

/// The operations of every connector that no definition has to name.
enum SyncOperation: String {
    /// Reads one list; the result says how many records it has.
    case sync
    /// Makes or changes many entities.
    case batchSync = "batch_sync"

    /// The specification's sync result as JSON. The data have been validated.
    func run(_ data: JSONValue, _ engine: ConnectorEngine) async throws -> JSONValue {
        let connector = DefinedERPConnector(engine)
        let type = data["entity_type"]?.string ?? ""
        let result: SyncResult
        switch self {
        case .sync:
            let since = data["since"]?.string.flatMap { Instant(iso8601: $0) }
            result = try await connector.syncData(type, since: since, filters: data["filters"] ?? .object([]))
        case .batchSync: result = try await connector.batchSync(type, items: data["items"]?.array ?? [])
        }
        return try JSONValueEncoder().encode(result)
    }
}

extension ValidationError {
    /// Data that no request can be made of.
    init(_ operation: String, _ mistake: OperationRequest.Mistake) {
        let (reason, hint) =
            switch mistake.kind {
            case .missing: ("is required", "the path needs it")
            case .unknown: ("is not a field of this operation", "it would be dropped")
            case .unwritable: ("can't be written as the API wants it", "an amount needs its currency, a time ISO 8601")
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
