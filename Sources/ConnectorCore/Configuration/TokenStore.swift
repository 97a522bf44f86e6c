/// Where refresh tokens are kept that a server exchanges with each use: without it, a restart would begin with one
/// that is no longer good.
///
/// Contract: `store` returns only when the token is durable; `load` gives nil where none was stored.
public protocol TokenStore: Sendable {
    /// The token stored last for an account.
    func load(_ account: String) async throws -> Secret?
    /// Makes a token durable.
    func store(_ token: Secret, account: String) async throws
}

/// Keeps tokens for the life of the process: for servers that do not exchange them.
public actor MemoryTokenStore: TokenStore {
    private var tokens: [String: Secret] = [:]

    /// An empty store.
    public init() {}

    /// The token stored last.
    public func load(_ account: String) -> Secret? { tokens[account] }

    /// Remembers a token.
    public func store(_ token: Secret, account: String) { tokens[account] = token }
}
