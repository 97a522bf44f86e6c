public import ConnectorCore

/// Proves to a server who is asking. The SDK brings one for each `auth_type`; give your own to ``AITBCClient``.
///
/// Contract: called from any task, many at a time; a handler that has to fetch a token does so once however many
/// requests wait for it.
public protocol AuthHandler: Sendable {
    /// Adds the proof to a request, just before it is sent; called for each attempt.
    ///
    /// Throws an ``AITBCError`` where there is no proof to be had.
    func authorize(_ request: inout TransportRequest) async throws

    /// Whether an answer says that the proof was not accepted; where not implemented: any 401.
    func refuses(_ response: TransportResponse) -> Bool

    /// The server refused this proof. Answers whether another may help: then the request is authorised and sent
    /// once more.
    func rejected(_ request: TransportRequest) async -> Bool

    /// What must never be shown, wherever it turns up; asked after each `authorize`.
    var secrets: [Secret] { get async }
}

extension AuthHandler {
    /// Any 401.
    public func refuses(_ response: TransportResponse) -> Bool { response.status == 401 }

    /// A proof that does not change: there is no other.
    public func rejected(_ request: TransportRequest) async -> Bool { false }

    /// None.
    public var secrets: [Secret] { get async { [] } }
}
