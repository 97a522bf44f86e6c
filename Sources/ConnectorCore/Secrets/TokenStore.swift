/// Where tokens are kept that a server exchanges with each use: without it, a restart would begin with one that is no
/// longer good.
///
/// Contract: `store` returns only when the token is durable; `load` gives nil where none was stored, and what was stored
/// last otherwise, whoever stored it: another process may be at it, too. An account's name may be any text, and a token
/// of any length. `store` is called from within `exclusively` only.
public protocol TokenStore: Sendable {
    /// The token stored last for an account.
    func load(_ account: String) async throws -> Secret?
    /// Makes a token durable, in place of the one before: at no moment is there none, or half of one.
    func store(_ token: Secret, account: String) async throws
    /// Runs `body` while nobody else does so for this account, in this process or in any that shares the store: to
    /// exchange a token, which of two at the same time only one may do. Others wait for their turn. It is given back when
    /// `body` ends, also by an error, and when the process ends, however it ends.
    func exclusively<Value: Sendable>(
        _ account: String,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value
}

extension TokenStore {
    /// One at a time within this process: for stores that no other process uses.
    public func exclusively<Value: Sendable>(
        _ account: String,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await TokenTurns.ofProcess.run(account, body)
    }
}

/// Keeps tokens for the life of the process: for servers that do not exchange them.
public actor MemoryTokenStore: TokenStore {
    private var tokens: [String: Secret] = [:]
    private let turns = TokenTurns()

    /// An empty store.
    public init() {}

    /// The token stored last.
    public func load(_ account: String) -> Secret? { tokens[account] }

    /// Remembers a token.
    public func store(_ token: Secret, account: String) { tokens[account] = token }

    /// One at a time.
    public func exclusively<Value: Sendable>(
        _ account: String,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await turns.run(account, body)
    }
}

/// Lets one at a time do something for an account; the others wait in the order in which they came.
package actor TokenTurns {
    /// For stores that know no turns of their own: which of them share accounts, nobody can tell.
    package static let ofProcess = TokenTurns()

    /// Those who wait, of accounts where somebody is at it.
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    package init() {}

    package func run<Value: Sendable>(
        _ account: String,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        await take(account)
        defer { giveBack(account) }
        return try await body()
    }

    private func take(_ account: String) async {
        guard waiting[account] != nil else {
            waiting[account] = []
            return
        }
        await withCheckedContinuation { waiting[account]?.append($0) }
    }

    private func giveBack(_ account: String) {
        guard waiting[account]?.isEmpty == false else {
            waiting[account] = nil
            return
        }
        waiting[account]?.removeFirst().resume()
    }
}
