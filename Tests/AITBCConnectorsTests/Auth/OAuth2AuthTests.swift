import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// Tokens through `APISession`, which is what the daemon and, by the same handlers, the client use.
struct OAuth2AuthTests {
    private static func rule(refreshToken: String? = nil) throws -> OAuth2Rule {
        OAuth2Rule(
            clientID: "id",
            clientSecret: Secret("s3cret"),
            tokenURL: try #require(URLReference("https://auth.example/token")),
            scope: "read write",
            refreshToken: refreshToken.map { Secret($0) }
        )
    }

    private static func session(
        _ rule: AuthRule,
        _ transport: FakeTransport,
        clocks: any Clocks = StillClocks(),
        store: any TokenStore = MemoryTokenStore()
    ) throws -> APISession {
        let url = try #require(URLReference("https://api.example"))
        return APISession(
            ConnectorDefinition(name: "c", baseURL: url, auth: rule),
            gate: AccountGate(rate: nil, burst: nil, clocks: clocks),
            transport: transport,
            clocks: clocks,
            tokenStore: store
        )
    }

    /// Gives `t1`, `t2`, … and takes any of them but those in `refused`.
    private static func server(
        expiresIn: Int = 3600,
        refused: Set<String> = [],
        extra: String = ""
    ) -> FakeTransport {
        let count = Mutex(0)
        return FakeTransport { request, _ in
            if request.url.hasSuffix("/token") {
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                return .success(.json(#"{"access_token":"t\#(number)","expires_in":\#(expiresIn)\#(extra)}"#))
            }
            let token = request.headers["Authorization"] ?? ""
            return .success(.json("{}", status: refused.contains(token) ? 401 : 200))
        }
    }

    private static func tokenRequests(_ transport: FakeTransport) -> [TransportRequest] {
        transport.requests.filter { $0.url.hasSuffix("/token") }
    }

    private static let get = TransportRequest(url: "https://api.example/x")

    @Test func `a thousand tasks that need a token at once cause one request for it`() async throws {
        let transport = Self.server()
        let session = try Self.session(.oauth2(try Self.rule()), transport)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<1_000 { group.addTask { _ = try await session.send(Self.get) } }
            try await group.waitForAll()
        }
        #expect(Self.tokenRequests(transport).count == 1)
        #expect(transport.requests.count == 1_001)
        let request = try #require(Self.tokenRequests(transport).first)
        #expect(
            String(decoding: request.body ?? [], as: UTF8.self) == "grant_type=client_credentials&scope=read%20write"
        )
        #expect(request.headers["Authorization"] == "Basic aWQ6czNjcmV0")
    }

    @Test func `a refused token is fetched anew, once`() async throws {
        let transport = Self.server(refused: ["Bearer t1"])
        let session = try Self.session(.oauth2(try Self.rule()), transport)
        _ = try await session.send(Self.get)
        #expect(Self.tokenRequests(transport).count == 2)
        _ = try await session.send(Self.get)
        #expect(Self.tokenRequests(transport).count == 2)
    }

    @Test func `an exchanged refresh token is stored before it is used, and used from then on`() async throws {
        let transport = Self.server(refused: ["Bearer t1"], extra: #","refresh_token":"r-next""#)
        let store = MemoryTokenStore()
        _ = try await Self.session(.oauth2(try Self.rule(refreshToken: "r-first")), transport, store: store).send(
            Self.get
        )
        let bodies = Self.tokenRequests(transport).map { String(decoding: $0.body ?? [], as: UTF8.self) }
        #expect(bodies.map { $0.contains("refresh_token=r-first") } == [true, false])
        #expect(bodies[1].contains("refresh_token=r-next"))
        // A restart, an hour later, begins with what was stored.
        let (later, clocks) = (Self.server(), TurnedClocks())
        clocks.turn(by: .seconds(3600))
        let rule = AuthRule.oauth2(try Self.rule(refreshToken: "r-first"))
        _ = try await Self.session(rule, later, clocks: clocks, store: store).send(Self.get)
        let body = String(decoding: Self.tokenRequests(later)[0].body ?? [], as: UTF8.self)
        #expect(body.contains("refresh_token=r-next"))
    }

    @Test func `without a new refresh token the old one is kept`() async throws {
        let transport = Self.server(refused: ["Bearer t1"])
        _ = try await Self.session(.oauth2(try Self.rule(refreshToken: "r-first")), transport).send(Self.get)
        let bodies = Self.tokenRequests(transport).map { String(decoding: $0.body ?? [], as: UTF8.self) }
        #expect(bodies.allSatisfy { $0.contains("refresh_token=r-first") } && bodies.count == 2)
    }

    private actor BrokenStore: TokenStore {
        private var isBroken = true
        private var token: Secret?

        func load(_ account: String) -> Secret? { token }

        func store(_ token: Secret, account: String) throws {
            defer { isBroken = false }
            if isBroken { throw DiskFull() }
            self.token = token
        }

        struct DiskFull: Error {}
    }

    private struct UnreadableStore: TokenStore {
        struct Unreadable: Error {}
        func load(_ account: String) throws -> Secret? { throw Unreadable() }
        func store(_ token: Secret, account: String) {}
    }

    @Test func `a refresh token that can't be read is a passing failure, and nothing is asked`() async throws {
        let transport = Self.server()
        let session = try Self.session(.oauth2(try Self.rule(refreshToken: "r-1")), transport, store: UnreadableStore())
        let failure = await #expect(throws: SyncFailure.self) { try await session.send(Self.get) }
        #expect(failure?.kind == .transient)
        #expect(failure?.message.contains("could not be read") == true)
        #expect(transport.requests.isEmpty)
    }

    @Test func `a refresh token that can't be stored is not used until it is`() async throws {
        let transport = Self.server(extra: #","refresh_token":"r-next""#)
        let session = try Self.session(.oauth2(try Self.rule(refreshToken: "r-1")), transport, store: BrokenStore())
        let failure = await #expect(throws: SyncFailure.self) { try await session.send(Self.get) }
        #expect(failure?.message.contains("could not be stored") == true)
        // A full disk is no wrong credential: the next run tries again.
        #expect(failure?.kind == .transient)
        _ = try await session.send(Self.get)
        let bodies = Self.tokenRequests(transport).map { String(decoding: $0.body ?? [], as: UTF8.self) }
        #expect(bodies.count == 2 && bodies[1].contains("refresh_token=r-next"))
    }

    @Test func `a token server that is down is a passing failure, one that refuses needs a person`() async throws {
        for (status, kind) in [(503, FailureClass.transient), (400, .credentials), (401, .credentials)] {
            let transport = FakeTransport { request, _ in
                .success(.json(#"{"error":"invalid_client","error_description":"no"}"#, status: status))
            }
            let session = try Self.session(.oauth2(try Self.rule()), transport)
            let failure = await #expect(throws: SyncFailure.self) { try await session.send(Self.get) }
            #expect(failure?.kind == kind, "\(status)")
            #expect(failure?.message.contains("s3cret") == false)
        }
    }

    @Test(
        arguments: [
            // Life in seconds, moment, whether a new one is due. 80 % of a short life, five minutes before the end of a long one.
            (3600, 3299, false), (3600, 3300, true), (600, 479, false), (600, 480, true), (7200, 6900, true),
        ]
    )
    func `a token is renewed at 80 % of its life or five minutes before its end, whichever is later`(
        life: Int64,
        moment: Int64,
        isDue: Bool
    ) {
        let start = MonotonicInstant(nanoseconds: 7)
        let token = TokenLife(obtained: start, lifetime: .seconds(life))
        #expect(token.isDue(at: start + .seconds(moment)) == isDue)
    }
}
