import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// What happens to a token over time: while the token server is down, and while another process renews it too.
struct TokenRenewalTests {
    private static let get = TransportRequest(url: "https://api.example/x")

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

    private static func isToken(_ request: TransportRequest) -> Bool { request.url.hasSuffix("/token") }

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

    /// Exchanges each refresh token for the next, and takes only the access token that it gave last.
    private static func strictServer(
        isEnded: @escaping @Sendable (String) -> Bool = { _ in false }
    ) -> FakeTransport {
        let given = Mutex(0)
        return FakeTransport { request, _ in
            let last = given.withLock { $0 }
            guard isToken(request) else {
                let proof = request.headers["Authorization"] ?? ""
                let isGood = proof == "Bearer t\(last)" && !isEnded(proof)
                return .success(.json("{}", status: isGood ? 200 : 401))
            }
            guard String(decoding: request.body ?? [], as: UTF8.self).contains("refresh_token=r\(last)&") else {
                return .success(.json(#"{"error":"invalid_grant"}"#, status: 400))
            }
            given.withLock { $0 += 1 }
            let next = last + 1
            return .success(
                .json(#"{"access_token":"t\#(next)","expires_in":600,"refresh_token":"r\#(next)"}"#)
            )
        }
    }

    private static func strictConnector() throws -> ConnectorDefinition {
        let rule = OAuth2Rule(
            clientID: "id",
            clientSecret: Secret("s3cret"),
            tokenURL: try #require(URLReference("https://auth.example/token")),
            scope: "all",
            refreshToken: Secret("r0")
        )
        let url = try #require(URLReference("https://api.example"))
        return ConnectorDefinition(name: "c", baseURL: url, auth: .oauth2(rule))
    }

    @Test func `connectors of one grant that need a token at once exchange it once, and share what came`() async throws
    {
        let (transport, store) = (Self.strictServer(), MemoryTokenStore())
        let connector = try Self.strictConnector()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                let session = Self.session(connector, transport, store: store)
                group.addTask { _ = try await session.send(Self.get) }
            }
            try await group.waitForAll()
        }
        #expect(Self.tokenRequests(transport) == 1)
        #expect(transport.requests.count == 21)
    }

    @Test func `of two whose token is ended, the second takes what the first got, and does not end it in turn`()
        async throws
    {
        let isEnded = Mutex(false)
        let transport = Self.strictServer { $0 == "Bearer t1" && isEnded.withLock { $0 } }
        let store = MemoryTokenStore()
        let connector = try Self.strictConnector()
        let daemon = Self.session(connector, transport, store: store)
        let exec = Self.session(connector, transport, store: store)
        _ = try await daemon.send(Self.get)
        _ = try await exec.send(Self.get)
        #expect(Self.tokenRequests(transport) == 1)
        isEnded.withLock { $0 = true }
        for session in [daemon, exec, daemon, exec] { _ = try await session.send(Self.get) }
        #expect(Self.tokenRequests(transport) == 2)
    }

    @Test func `a shared token that is refused is exchanged, whatever the store says`() async throws {
        let (transport, store) = (Self.strictServer(), MemoryTokenStore())
        let connector = try Self.strictConnector()
        _ = try await Self.session(connector, transport, store: store).send(Self.get)
        let refusing = FakeTransport { request, _ in
            guard Self.isToken(request) else {
                return .success(.json("{}", status: request.headers["Authorization"] == "Bearer t1" ? 401 : 200))
            }
            return .success(.json(#"{"access_token":"t9","expires_in":600}"#))
        }
        _ = try await Self.session(connector, refusing, store: store).send(Self.get)
        #expect(refusing.requests.last?.headers["Authorization"] == "Bearer t9")
    }

    @Test func `where refresh tokens are not exchanged, no token is written anywhere`() async throws {
        let transport = FakeTransport { request, number in
            .success(.json(Self.isToken(request) ? #"{"access_token":"t\#(number)"}"# : "{}"))
        }
        let store = CountingStore()
        _ = try await Self.session(try Self.connector(refreshToken: "r"), transport, store: store).send(Self.get)
        #expect(await store.stored == 0)
    }

    private actor CountingStore: TokenStore {
        private(set) var stored = 0

        func load(_ account: String) -> Secret? { nil }
        func store(_ token: Secret, account: String) { stored += 1 }
    }

    @Test(arguments: [
        (200, #"{"access_token":"t","expires_in":"600"}"#), (201, #"{"access_token":"t","expires_in":600}"#),
        (200, "access_token=t&expires_in=600&token_type=Bearer"), (201, "expires_in=600&access_token=t\n"),
        (200, "scope=a+b&access_token=%74"), (202, #"{"access_token":"t"}"#),
    ])
    func `a token may come as a form, and with any success`(status: Int, body: String) async throws {
        let transport = FakeTransport { request, _ in
            .success(Self.isToken(request) ? .json(body, status: status) : .json("{}"))
        }
        _ = try await Self.session(try Self.connector(), transport).send(Self.get)
        #expect(transport.requests.last?.headers["Authorization"] == "Bearer t")
    }

    @Test(arguments: [
        (200, "error=bad_code&error_description=The+code+is+%22wrong%22", "status 200: The code is \"wrong\""),
        (200, "<html><p>Sign in</p></html>", "status 200 and no access_token"),
        (204, "", "status 204 and no access_token"),
        (200, #"{"access_token":""}"#, "status 200 and no access_token"),
        (400, "error=invalid_grant", "400: invalid_grant"),
    ])
    func `an answer without a token says why, as far as it tells`(status: Int, body: String, words: String) async throws
    {
        let transport = FakeTransport { _, _ in .success(.json(body, status: status)) }
        let session = Self.session(try Self.connector(), transport)
        let failure = await #expect(throws: SyncFailure.self) { try await session.send(Self.get) }
        #expect(failure?.kind == .credentials)
        #expect(failure?.message.hasSuffix(words) == true, "\(failure?.message ?? "")")
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
