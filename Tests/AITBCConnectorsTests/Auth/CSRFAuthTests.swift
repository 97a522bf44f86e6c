import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// The token of writes, and the proof below it.
struct CSRFAuthTests {
    private static let post = TransportRequest(method: "POST", url: "https://api.example/orders")
    private static let get = TransportRequest(url: "https://api.example/orders")

    private static func session(_ inner: AuthRule, _ transport: FakeTransport) throws -> APISession {
        let url = try #require(URLReference("https://api.example"))
        let clocks = StillClocks()
        let auth = AuthRule.csrf(path: try #require(Template("/token")), inner)
        let connector = ConnectorDefinition(name: "c", baseURL: url, auth: auth)
        let gate = AccountGate(rate: nil, burst: nil, clocks: clocks)
        return APISession(connector, gate: gate, transport: transport, clocks: clocks)
    }

    /// A login whose session is a cookie, as SAP Business One has it.
    private static func cookieLogin() throws -> AuthRule {
        .session(
            SessionRule(
                user: "u",
                password: Secret("password"),
                path: try #require(Template("/login")),
                body: try #require(JSONTemplate([:])),
                returns: ["id": ["id"]],
                header: "Cookie",
                base64: nil,
                value: try #require(Template("B1SESSION=${id}"))
            )
        )
    }

    private final class Ended: Sendable {
        let cookies = Mutex<Set<String>>([])
    }

    /// Sessions `s1`, `s2`, … of which those in `ended` are no longer good.
    private static func server(ended: Ended = Ended()) -> FakeTransport {
        FakeTransport { request, number in
            if request.url.hasSuffix("/login") { return .success(.json(#"{"id":"s\#(number)"}"#)) }
            let cookies = (request.headers["Cookie"] ?? "").split(separator: "; ").map(String.init)
            let isGood = cookies.contains { cookie in
                cookie.hasPrefix("B1SESSION=") && !ended.cookies.withLock { $0.contains(cookie) }
            }
            guard isGood else { return .success(.json("{}", status: 401)) }
            guard request.headers["X-CSRF-Token"] == "Fetch" else { return .success(.json("{}")) }
            return .success(.json("{}", ["X-CSRF-Token": "c\(number)", "Set-Cookie": "XSRF=\(number); Path=/"]))
        }
    }

    @Test func `the cookies of the token stand beside those of the session`() async throws {
        let transport = Self.server()
        _ = try await Self.session(try Self.cookieLogin(), transport).send(Self.post)
        #expect(transport.requests.last?.headers["Cookie"] == "B1SESSION=s1; XSRF=2")
        #expect(transport.requests.last?.headers["X-CSRF-Token"] == "c2")
    }

    @Test func `a session that ended before the first write is begun anew`() async throws {
        let ended = Ended()
        let transport = Self.server(ended: ended)
        let session = try Self.session(try Self.cookieLogin(), transport)
        _ = try await session.send(Self.get)
        ended.cookies.withLock { $0 = ["B1SESSION=s1"] }
        _ = try await session.send(Self.post)
        #expect(transport.requests.last?.headers["Cookie"]?.hasPrefix("B1SESSION=s4; ") == true)
        #expect(transport.requests.count { $0.url.hasSuffix("/login") } == 2)
    }

    @Test func `a session that ended before a later write is begun anew too`() async throws {
        let ended = Ended()
        let transport = Self.server(ended: ended)
        let session = try Self.session(try Self.cookieLogin(), transport)
        _ = try await session.send(Self.post)
        ended.cookies.withLock { $0 = ["B1SESSION=s1"] }
        _ = try await session.send(Self.post)
        #expect(transport.requests.count { $0.url.hasSuffix("/login") } == 2)
    }

    @Test func `a token that ended costs no new login`() async throws {
        let isOld = Mutex(false)
        let transport = FakeTransport { request, number in
            if request.url.hasSuffix("/login") { return .success(.json(#"{"id":"s\#(number)"}"#)) }
            if request.headers["X-CSRF-Token"] == "Fetch" {
                return .success(.json("{}", ["X-CSRF-Token": "c\(number)"]))
            }
            let refused = isOld.withLock { $0 } && request.headers["X-CSRF-Token"] == "c2"
            return .success(refused ? .json("", status: 403, ["X-CSRF-Token": "required"]) : .json("{}"))
        }
        let session = try Self.session(try Self.cookieLogin(), transport)
        _ = try await session.send(Self.post)
        isOld.withLock { $0 = true }
        _ = try await session.send(Self.post)
        #expect(transport.requests.count { $0.url.hasSuffix("/login") } == 1)
        #expect(transport.requests.last?.headers["X-CSRF-Token"] == "c5")
    }

    @Test(arguments: [
        (503, FailureClass.transient), (429, .throttled), (404, .gone), (403, .credentials), (200, .credentials),
    ])
    func `a token that can't be had is a failure of its kind`(status: Int, kind: FailureClass) async throws {
        let transport = FakeTransport { _, _ in .success(.json("{}", status: status)) }
        let session = try Self.session(.bearer(Secret("token")), transport)
        let failure = await #expect(throws: SyncFailure.self) { try await session.send(Self.post) }
        #expect(failure?.kind == kind)
        #expect(failure?.status == status)
    }

    @Test func `a certificate is shown where the token is fetched, too`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("{}", ["X-CSRF-Token": "c"])) }
        let files = TLSFiles(certificate: "/c.pem", key: "/k.pem")
        _ = try await Self.session(.certificate(files), transport).send(Self.post)
        #expect(transport.requests.map(\.tls) == [files, files])
    }

    @Test func `a session below a CSRF token can be ended`() async throws {
        let transport = Self.server()
        let session = try Self.session(try Self.cookieLogin(), transport)
        _ = try await session.send(Self.get)
        #expect(await session.sessionEnded())
        _ = try await session.send(Self.get)
        #expect(transport.requests.count { $0.url.hasSuffix("/login") } == 2)
    }

    @Test func `a token and its cookies are not shown where the server repeats them`() async throws {
        let transport = FakeTransport { request, _ in
            guard request.headers["X-CSRF-Token"] == "Fetch" else {
                return .success(.json("csrf-4711 and SAPID=0815abcd are bad", status: 400))
            }
            return .success(.json("{}", ["X-CSRF-Token": "csrf-4711", "Set-Cookie": "SAPID=0815abcd; Secure"]))
        }
        let session = try Self.session(.bearer(Secret("token")), transport)
        let failure = await #expect(throws: SyncFailure.self) { try await session.send(Self.post) }
        #expect(failure?.message.hasSuffix("‹redacted› and ‹redacted› are bad") == true)
    }
}
