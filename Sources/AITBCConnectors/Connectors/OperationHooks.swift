public import ConnectorCore

/// What a program does before and after each of a connector's operations: refuse some, complete their data, tell others.
public struct OperationHooks: Sendable {
    /// Called first: gives the data to go on with, and refuses the operation by throwing.
    public var before: @Sendable (_ operation: String, _ data: JSONValue) async throws -> JSONValue
    /// Called last, with what came of it, where `before` let it pass; the caller waits.
    public var after:
        @Sendable (_ operation: String, _ data: JSONValue, _ result: Result<JSONValue, any Error>) async -> Void

    /// Either may be left out.
    public init(
        before: @escaping @Sendable (_ operation: String, _ data: JSONValue) async throws -> JSONValue = { $1 },
        after:
            @escaping @Sendable (_ operation: String, _ data: JSONValue, _ result: Result<JSONValue, any Error>) async
            -> Void = { _, _, _ in }
    ) {
        self.before = before
        self.after = after
    }
}
