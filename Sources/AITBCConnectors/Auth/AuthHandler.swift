public import ConnectorCore

/// Proves to a server who is asking. The SDK brings one for each `auth_type`; give your own to ``AITBCClient``.
///
/// Contract: called from any task, many at a time; a handler that has to fetch a token does so once however many
/// requests wait for it.
public protocol AuthHandler: Sendable {
    /// Adds the proof to a request, just before it is sent; called for each attempt.
    ///
    /// Throws an ``AITBCError`` where there is no proof to be had.
    func authorize(_ request: inout HTTPRequest) async throws

    /// The server refused this proof (401). Answers whether another may help: then the request is authorised and sent
    /// once more.
    func rejected(_ request: HTTPRequest) async -> Bool

    /// What must never be shown, wherever it turns up; asked after each `authorize`.
    var secrets: [Secret] { get async }
}

extension AuthHandler {
    /// A proof that does not change: there is no other.
    public func rejected(_ request: HTTPRequest) async -> Bool { false }

    /// None.
    public var secrets: [Secret] { get async { [] } }
}
