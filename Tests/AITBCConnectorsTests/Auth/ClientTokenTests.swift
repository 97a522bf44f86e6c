import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// Tokens of the client, which also writes.
struct ClientTokenTests {
    private static func client(
        _ transport: FakeTransport,
        store: (any TokenStore)? = nil
    ) throws -> AITBCClient {
        var config = ConnectorConfig(baseURL: "https://api.example", apiKey: Secret("k"))
        config.retryBackoff = .milliseconds(1)
        config.authType = .oauth2
        config.authConfig = [
            "client_id": "id", "client_secret": "s3cret-of-client", "token_url": "https://auth.example/token",
            "grant_type": "refresh_token", "refresh_token": "r-first",
        ]
        return try AITBCClient(config: config, transport: transport, tokenStore: store)
    }

    private static func server(writes status: Int) -> FakeTransport {
        FakeTransport { request, number in
            if request.url.hasSuffix("/token") { return .success(.json(#"{"access_token":"t\#(number)"}"#)) }
            return .success(request.method == "POST" ? .json("{}", status: status) : .envelope)
        }
    }

    private static func writes(_ transport: FakeTransport) -> Int {
        transport.requests.count { $0.method == "POST" && !$0.url.hasSuffix("/token") }
    }

    @Test(arguments: [(403, 1), (401, 2)])
    func `a write that is forbidden is sent once, one whose token has ended once more`(
        status: Int,
        times: Int
    ) async throws {
        let transport = Self.server(writes: status)
        let client = try Self.client(transport)
        await #expect(throws: AuthenticationError.self) { try await client.post("orders", body: ["a": 1]) }
        #expect(Self.writes(transport) == times)
    }

    /// Reads nothing the first time.
    private actor TiredStore: TokenStore {
        struct Tired: Error {}
        private var loads = 0

        func load(_ account: String) throws -> Secret? {
            loads += 1
            if loads == 1 { throw Tired() }
            return nil
        }

        func store(_ token: Secret, account: String) {}
    }

    @Test func `a store that can't be read now is no wrong credential: it is read again`() async throws {
        let client = try Self.client(Self.server(writes: 200), store: TiredStore())
        _ = try await client.get("orders")
    }
}
