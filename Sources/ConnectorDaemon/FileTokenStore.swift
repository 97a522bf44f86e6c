package import ConnectorCore
import ConnectorCrypto
import FileSystem

/// Tokens as files of the state directory, readable for their owner only.
///
/// Not in the state's database: that has one writer, and `exec` beside a running daemon needs the tokens as well.
package struct FileTokenStore: TokenStore {
    private let directory: String
    private let patience: Duration
    private let clocks: any Clocks
    /// Within the process; the lock on a file keeps the others out.
    private let turns = TokenTurns()

    /// How long another process may hold an account's turn: longer than a token server takes to answer. One that is
    /// stopped in the middle must not hold up everybody for ever.
    package static let defaultPatience: Duration = .seconds(60)
    /// The first wait for another process; each later one is twice as long, up to the longest.
    private static let firstWait: Duration = .milliseconds(10)
    private static let longestWait: Duration = .milliseconds(200)

    package init(directory: String, patience: Duration = defaultPatience, clocks: any Clocks) {
        self.directory = directory
        self.patience = patience
        self.clocks = clocks
    }

    /// Another process does not give an account's turn back.
    package struct InUse: Error, CustomStringConvertible {
        let holder: String
        let path: String
        let span: Duration

        package var description: String {
            "process \(holder) has held \(path) for more than \(span.friendlyText); see what it waits for, or end it"
        }
    }

    package func load(_ account: String) async throws -> Secret? {
        let path = path(account)
        guard let file = try OpenFile.existing(path) else { return nil }
        let bytes = try file.contents()
        return bytes.isEmpty ? nil : Secret(String(decoding: bytes, as: UTF8.self))
    }

    package func store(_ token: Secret, account: String) async throws {
        try Files.makeDirectory(directory)
        try Files.replace(path(account), with: Array(token.reveal().utf8))
    }

    package func exclusively<Value: Sendable>(
        _ account: String,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await turns.run(account) {
            let lock = try await lock(account)
            defer { withExtendedLifetime(lock) {} }
            return try await body()
        }
    }

    /// The token's own file can't bear the lock: each new token is another file.
    private func lock(_ account: String) async throws -> FileLock {
        try Files.makeDirectory(directory)
        let path = path(account) + ".lock"
        var (waited, wait) = (Duration.zero, Self.firstWait)
        while true {
            switch try FileLock.take(path) {
            case .taken(let lock): return lock
            case .held(let holder):
                guard waited < patience else { throw InUse(holder: holder, path: path, span: patience) }
            }
            try await clocks.sleep(for: wait)
            waited += wait
            wait = min(wait * 2, Self.longestWait)
        }
    }

    private func path(_ account: String) -> String {
        "\(directory)/" + HexText.text(MessageAuthentication.hash(Array(account.utf8)))
    }
}
