import AITBCConnectors
import ConnectorCore
import Testing

struct SessionTokensTests {
    private static let password = "open-sesame"

    private func session(_ transport: FakeTransport, _ errors: ErrorRule = ErrorRule()) throws -> APISession {
        let url = try #require(URLReference("https://a.example"))
        let rule = SessionRule(
            user: "u",
            password: Secret(Self.password),
            path: try #require(Template("/${settings.db}/login")),
            body: try #require(JSONTemplate(.array([.string("${username}"), .string("${password}")]))),
            returns: ["token": ["result", "0"]],
            header: "X-Session",
            base64: Template("${username}:${token}"),
            value: try #require(Template("S ${base64}"))
        )
        let connector = ConnectorDefinition(
            name: "c",
            baseURL: url,
            auth: .session(rule),
            errors: errors,
            settings: ["settings.db": .json(.string("main"))]
        )
        let clocks = StillClocks()
        let gate = AccountGate(rate: nil, burst: nil, clocks: clocks)
        return APISession(connector, gate: gate, transport: transport, clocks: clocks)
    }

    /// Takes every login, and refuses requests with the given sessions.
    private func server(refusing old: Set<String> = []) -> FakeTransport {
        FakeTransport { request, number in
            if request.url.hasSuffix("/login") { return .success(.json("{\"result\":[\(number)]}")) }
            return .success(.json("{}", status: old.contains(request.headers["X-Session"] ?? "") ? 401 : 200))
        }
    }

    private func logins(_ transport: FakeTransport) -> Int { transport.requests.count { $0.url.hasSuffix("/login") } }

    private func failure(_ session: APISession) async -> SyncFailure? {
        do throws(SyncFailure) {
            _ = try await session.send(TransportRequest(url: "https://a.example/x"))
            return nil
        } catch {
            return error
        }
    }

    /// `u:1` in base64.
    private static let first = "S dTox"
    private static let third = "S dToz"

    @Test func `a login yields the header of later requests`() async throws {
        let transport = server()
        #expect(await failure(try session(transport)) == nil)
        let login = try #require(transport.requests.first)
        #expect(login.method == "POST")
        #expect(login.url == "https://a.example/main/login")
        #expect(String(decoding: login.body ?? [], as: UTF8.self) == "[\"u\",\"open-sesame\"]")
        #expect(transport.requests.last?.headers["X-Session"] == Self.first)
    }

    @Test func `many requests at once wait for one login`() async throws {
        let transport = server()
        let session = try session(transport)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { #expect(await failure(session) == nil) } }
        }
        #expect(logins(transport) == 1)
        #expect(transport.requests.count == 51)
    }

    @Test func `a session that ended is begun anew, and the request repeated, once`() async throws {
        let transport = server(refusing: [Self.first])
        #expect(await failure(try session(transport)) == nil)
        #expect(
            transport.requests.map { $0.headers["X-Session"] ?? "login" } == ["login", Self.first, "login", Self.third]
        )
    }

    @Test func `a new session that is refused too needs a person`() async throws {
        let transport = server(refusing: [Self.first, Self.third])
        #expect(await failure(try session(transport))?.kind == .credentials)
        #expect(logins(transport) == 2)
        #expect(transport.requests.count == 4)
    }

    @Test func `an error's code may say that the session has ended`() async throws {
        let transport = FakeTransport { request, number in
            if request.url.hasSuffix("/login") { return .success(.json("{\"result\":[\(number)]}")) }
            return .success(number == 2 ? .json("{\"code\":100}", status: 400) : .json("{}"))
        }
        #expect(await failure(try session(transport, ErrorRule(code: [["code"]], credentials: ["100"]))) == nil)
        #expect(logins(transport) == 2)
    }

    @Test func `a session that an answer's body ends is begun anew by the next request`() async throws {
        let transport = server()
        let session = try session(transport)
        #expect(await failure(session) == nil)
        #expect(await session.sessionEnded())
        #expect(await session.sessionEnded())
        #expect(logins(transport) == 1)
        #expect(await failure(session) == nil)
        #expect(logins(transport) == 2)
    }

    @Test(arguments: [
        (
            "{\"error\":\"open-sesame is wrong\"}", 200, FailureClass.credentials,
            "the answer to the login POST https://a.example/main/login has no result.0: ‹redacted› is wrong"
        ),
        (
            "{\"result\":[null]}", 200, .credentials,
            "the answer to the login POST https://a.example/main/login has no result.0: {\"result\":[null]}"
        ),
        (
            "{\"error\":\"busy\",\"code\":\"later\"}", 200, .transient,
            "the answer to the login POST https://a.example/main/login has no result.0: busy"
        ),
        ("", 401, .credentials, "the login POST https://a.example/main/login was answered with status 401"),
        (
            "<b>down</b>", 503, .transient,
            "the login POST https://a.example/main/login was answered with status 503: down"
        ),
    ])
    func `a login that fails says why, without the password`(
        body: String,
        status: Int,
        kind: FailureClass,
        message: String
    ) async throws {
        let transport = FakeTransport { _, _ in .success(.json(body, status: status)) }
        let rule = ErrorRule(message: [["error"]], code: [["code"]], transient: ["later"])
        let failure = await failure(try session(transport, rule))
        #expect(failure?.kind == kind)
        #expect(failure?.message == message)
        #expect(transport.requests.count == 1)
    }

    @Test func `a login that failed is tried again by the next request`() async throws {
        let transport = FakeTransport { request, number in
            guard request.url.hasSuffix("/login") else { return .success(.json("{}")) }
            return .success(number == 1 ? .json("", status: 503) : .json("{\"result\":[1]}"))
        }
        let session = try session(transport)
        #expect(await failure(session)?.kind == .transient)
        #expect(await failure(session) == nil)
    }
}
