import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// What happens to a token over time: while the token server is down, and while another process renews it too.
struct TokenRenewalTests {
    private static let get = HTTPRequest(url: "https://api.example/x")

    private static func connector(refreshToken: String? = nil, tls: TLSFiles = TLSFiles()) throws -> ConnectorDefinition
    {
        let rule = OAuth2Rule(
            clientID: "id",
            clientSecret: Secret("s3cret"),
            tokenURL: try #require(URLReference("https://auth.example/token")),
            refreshToken: refreshToken.map { Secret($0) }
        )
        let url = try #require(URLReference("https://api.example"))
        return ConnectorDefinition(name: "c", baseURL: url, auth: .oauth2(rule), tls: tls)
    }

    private static func session(
        _ connector: ConnectorDefinition,
        _ transport: FakeTransport,
        clocks: any Clocks = StillClocks(),
        store: any TokenStore = MemoryTokenStore()
    ) -> APISession {
        let gate = AccountGate(rate: nil, burst: nil, clocks: clocks)
        return APISession(connector, gate: gate, transport: transport, clocks: clocks, tokenStore: store)
    }

    private static func isToken(_ request: HTTPRequest) -> Bool { request.url.hasSuffix("/token") }

    private static func tokenRequests(_ transport: FakeTransport) -> Int { transport.requests.count(where: isToken) }

    @Test func `while the old token holds, a token server that is down is asked now and then`() async throws {
        let clocks = TurnedClocks()
        let isDown = Mutex(false)
        let transport = FakeTransport { request, number in
            guard Self.isToken(request) else { return .success(.json("{}")) }
            let isDown = isDown.withLock { $0 }
            return .success(
                isDown ? .json("", status: 503) : .json(#"{"access_token":"t\#(number)","expires_in":3600}"#)
            )
        }
        let session = Self.session(try Self.connector(), transport, clocks: clocks)
        _ = try await session.send(Self.get)
        isDown.withLock { $0 = true }
        clocks.turn(by: .seconds(3300))
        for _ in 0..<20 { _ = try await session.send(Self.get) }
        #expect(Self.tokenRequests(transport) == 2)
        clocks.turn(by: .seconds(10))
        _ = try await session.send(Self.get)
        #expect(Self.tokenRequests(transport) == 3)
        #expect(
            Set(transport.requests.compactMap { $0.headers["Authorization"] }.filter { $0.hasPrefix("Bearer") }) == [
                "Bearer t1"
            ]
        )

        clocks.turn(by: .seconds(300))
        await #expect(throws: SyncFailure.self) { try await session.send(Self.get) }
        isDown.withLock { $0 = false }
        // A failure is not kept: the next request asks again.
        _ = try await session.send(Self.get)
    }

    @Test func `many tasks that wait while the token server is down cause one request, and use the old token`()
        async throws
    {
        let clocks = TurnedClocks()
        let transport = FakeTransport { request, number in
            guard Self.isToken(request) else { return .success(.json("{}")) }
            guard number == 1 else {
                return .failure(TransportError(.couldNotConnect, "refused", mayHaveBeenSent: false))
            }
            return .success(.json(#"{"access_token":"t1","expires_in":3600}"#))
        }
        let session = Self.session(try Self.connector(), transport, clocks: clocks)
        _ = try await session.send(Self.get)
        clocks.turn(by: .seconds(3400))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<1_000 { group.addTask { _ = try await session.send(Self.get) } }
            try await group.waitForAll()
        }
        #expect(Self.tokenRequests(transport) == 2)
    }

    /// Exchanges each refresh token for the next, and knows only the last one it gave.
    private static func rotatingServer(first: String) -> FakeTransport {
        let good = Mutex(first)
        return FakeTransport { request, number in
            guard isToken(request) else { return .success(.json("{}")) }
            return good.withLock { good in
                guard String(decoding: request.body ?? [], as: UTF8.self).contains("refresh_token=\(good)") else {
                    return .success(.json(#"{"error":"invalid_grant"}"#, status: 400))
                }
                good = "r\(number)"
                return .success(.json(#"{"access_token":"t","expires_in":600,"refresh_token":"\#(good)"}"#))
            }
        }
    }

    @Test func `a refresh token that another process exchanged is read again before it is used`() async throws {
        let transport = Self.rotatingServer(first: "r-first")
        let (clocks, store) = (TurnedClocks(), MemoryTokenStore())
        let connector = try Self.connector(refreshToken: "r-first")
        let daemon = Self.session(connector, transport, clocks: clocks, store: store)
        _ = try await daemon.send(Self.get)
        // `exec` beside the daemon.
        _ = try await Self.session(connector, transport, clocks: clocks, store: store).send(Self.get)
        clocks.turn(by: .seconds(600))
        _ = try await daemon.send(Self.get)
    }

    /// Gives what stood there before somebody else stored the next.
    private actor RacingStore: TokenStore {
        private var answers: [Secret]

        init(_ answers: [String]) {
            self.answers = answers.map { Secret($0) }
        }

        func load(_ account: String) -> Secret? {
            answers.count > 1 ? answers.removeFirst() : answers.first
        }

        func store(_ token: Secret, account: String) {
            answers = [token]
        }
    }

    @Test func `a refresh token that was exchanged in the same moment is looked up once more`() async throws {
        let transport = Self.rotatingServer(first: "r-new")
        let connector = try Self.connector(refreshToken: "r-first")
        _ = try await Self.session(connector, transport, store: RacingStore(["r-old", "r-new"])).send(Self.get)
        #expect(Self.tokenRequests(transport) == 2)
        // Without a newer one the refusal stands, and is not repeated.
        let refusing = Self.rotatingServer(first: "r-other")
        let session = Self.session(connector, refusing, store: RacingStore(["r-old"]))
        let failure = await #expect(throws: SyncFailure.self) { try await session.send(Self.get) }
        #expect(failure?.kind == .credentials)
        #expect(Self.tokenRequests(refusing) == 1)
    }

    @Test func `a token server behind the company's own authority is asked with its certificate`() async throws {
        let tls = TLSFiles(certificateAuthority: "/etc/company.pem")
        let transport = FakeTransport { request, _ in
            .success(.json(Self.isToken(request) ? #"{"access_token":"t"}"# : "{}"))
        }
        _ = try await Self.session(try Self.connector(tls: tls), transport).send(Self.get)
        #expect(transport.requests.first?.tls == tls)
    }

    @Test func `what the token server repeats of our secrets is not in the client's error`() async throws {
        let transport = FakeTransport { _, _ in
            .success(.json(#"{"error":"invalid_client","error_description":"s3cret-of-client is wrong"}"#, status: 401))
        }
        let client = try AITBCClient.make(transport) {
            $0.authType = .oauth2
            $0.authConfig = [
                "client_id": "id", "client_secret": "s3cret-of-client", "token_url": "https://auth.example/token",
            ]
        }
        let error = await #expect(throws: AuthenticationError.self) { try await client.connect() }
        #expect(error?.message.contains("is wrong") == true)
        #expect(error?.description.contains("s3cret-of-client") == false)
    }

    @Test func `a key that stands as the user's name is a secret`() async {
        let secrets = await BasicAuth(username: "sk_live_4711", password: Secret("")).secrets
        #expect(secrets.contains(Secret("sk_live_4711")))
    }
}

/// Turned by hand.
final class TurnedClocks: Clocks {
    private let turned = Mutex<Duration>(.zero)

    var now: Instant { StillClocks().now + turned.withLock { $0 } }
    var monotonic: MonotonicInstant { StillClocks().monotonic + turned.withLock { $0 } }

    func turn(by span: Duration) {
        turned.withLock { $0 += span }
    }
}
