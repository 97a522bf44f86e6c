import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

struct APISessionTests {
    private static let secret = "sk_live_4711"

    private func session(
        _ transport: FakeTransport,
        _ auth: AuthRule = .none,
        errors: ErrorRule = ErrorRule(),
        onPause: @escaping @Sendable (Duration) -> Void = { _ in }
    ) throws -> APISession {
        let url = try #require(URLReference("https://a.example"))
        let connector = ConnectorDefinition(name: "c", baseURL: url, auth: auth, errors: errors)
        let clocks = StillClocks()
        let gate = AccountGate(rate: nil, burst: nil, clocks: clocks)
        return APISession(connector, gate: gate, transport: transport, clocks: clocks, onPause: onPause)
    }

    private func failure(_ session: APISession) async -> SyncFailure? {
        do throws(SyncFailure) {
            _ = try await session.send(TransportRequest(url: "https://a.example/x"))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        (AuthRule.bearer(Secret("k")), "Authorization", "Bearer k"),
        (
            .basic(user: "Aladdin", password: Secret("open sesame")), "Authorization",
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        ),
        (.basic(user: "key", password: Secret("")), "Authorization", "Basic a2V5Og=="),
        (.apiKey(header: "X-Key", Secret("k")), "X-Key", "k"),
    ])
    func `each kind of credential has its header`(auth: AuthRule, name: String, value: String) async throws {
        let transport = FakeTransport { _, _ in .success(.json("{}")) }
        _ = try await session(transport, auth).send(TransportRequest(url: "https://a.example/x"))
        #expect(transport.requests.map { $0.headers[name] } == [value])
    }

    @Test func `without credentials nothing is added`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("{}")) }
        _ = try await session(transport).send(TransportRequest(url: "https://a.example/x"))
        #expect(transport.requests.map(\.headers) == [[:]])
    }

    @Test(arguments: [
        (400, FailureClass.refused), (401, .credentials), (403, .forbidden), (404, .gone), (429, .throttled),
        (500, .transient),
        (304, .refused),
    ])
    func `a status is thrown as what it means`(status: Int, kind: FailureClass) async throws {
        let transport = FakeTransport { _, _ in .success(.json("{\"e\":{\"m\":\"so it is\"}}", status: status)) }
        let failure = await failure(try session(transport, errors: ErrorRule(message: [["e", "m"]])))
        #expect(failure?.kind == kind)
        #expect(failure?.status == status)
        #expect(failure?.message == "GET https://a.example/x was answered with status \(status): so it is")
        #expect(failure?.hint.isEmpty == false)
        #expect(transport.requests.count == 1)
    }

    @Test(arguments: [
        ("p", FailureClass.positionLost), ("c", .credentials), ("t", .throttled), ("x", .transient),
        ("other", .refused),
    ])
    func `an error's own code means more than its status`(code: String, kind: FailureClass) async throws {
        let rule = ErrorRule(
            code: [["code"]],
            positionLost: ["p"],
            credentials: ["c"],
            throttled: ["t"],
            transient: ["x"]
        )
        let transport = FakeTransport { _, _ in .success(.json("{\"code\":\"\(code)\"}", status: 400)) }
        #expect(await failure(try session(transport, errors: rule))?.kind == kind)
    }

    @Test func `credentials that a server quotes are taken out before the text is cut`() async throws {
        let words = String(repeating: "x", count: 295) + Self.secret
        let transport = FakeTransport { _, _ in .success(.json(words, status: 401)) }
        let message = try #require(await failure(try session(transport, .bearer(Secret(Self.secret))))?.message)
        #expect(!message.contains("sk_"))
    }

    @Test func `what the network says is told with what to do`() async throws {
        let transport = FakeTransport { _, _ in
            .failure(TransportError(.nameNotResolved, "no such host", mayHaveBeenSent: false))
        }
        let failure = await failure(try session(transport))
        #expect(failure?.kind == .transient)
        #expect(failure?.message == "GET https://a.example/x: no such host")
        #expect(failure?.hint == "check the host in base_url and the machine's DNS")
        #expect(failure?.isLocal == false)
    }

    @Test func `a long URL is cut in messages`() {
        let shown = APISession.shown(TransportRequest(method: "PUT", url: String(repeating: "u", count: 500)))
        #expect(shown == "PUT " + String(repeating: "u", count: 200) + "…")
    }

    @Test func `Retry-After stops the whole account`() async throws {
        let pauses = Mutex<[Duration]>([])
        let transport = FakeTransport { _, _ in .success(.json("", status: 429, ["Retry-After": "30"])) }
        let session = try session(transport, onPause: { pause in pauses.withLock { $0.append(pause) } })
        #expect(await failure(session)?.retryAfter == .seconds(30))
        #expect(pauses.withLock { $0 } == [.seconds(30)])
        await expectHeldBack(session, transport)
    }

    @Test func `a server that is down is not asked for a while`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("", status: 503)) }
        let session = try session(transport)
        for _ in 0..<CircuitBreaker.defaultThreshold { #expect(await failure(session)?.kind == .transient) }
        let before = transport.requests.count
        // Nobody waits for it: the run ends and gives its place to others.
        let refused = try #require(await failure(session))
        #expect(refused.isFinal)
        #expect(refused.message.contains("was not sent, since the server failed too often in a row"))
        #expect(transport.requests.count == before)
    }

    @Test func `a server that answers at all is not down`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("", status: 400)) }
        let session = try session(transport)
        for _ in 0..<10 { _ = await failure(session) }
        #expect(transport.requests.count == 10)
    }

    /// A cancelled request that may go goes; one that has to wait ends.
    private func expectHeldBack(_ session: APISession, _ transport: FakeTransport) async {
        let before = transport.requests.count
        let task = Task { await failure(session) }
        task.cancel()
        #expect(await task.value?.message == "the sync was stopped")
        #expect(transport.requests.count == before)
    }

    @Test(arguments: [("Fri, 15 Jan 2027 08:05:00 GMT", 300), ("Fri, 15 Jan 2027 08:00:02 GMT", 0), ("soon", 0)])
    func `the server's clock is known from its answers`(date: String, ahead: Int64) async throws {
        let transport = FakeTransport { _, _ in .success(.json("{}", ["Date": date])) }
        let session = try session(transport)
        _ = await failure(session)
        #expect(session.serverNow - StillClocks().now == .seconds(ahead))
    }
}
