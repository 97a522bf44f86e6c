import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// Those who wait for one proof: one who is cancelled goes at once, and the others get it all the same.
struct CancelledWaiterTests {
    private static func connector(_ auth: AuthRule) throws -> ConnectorDefinition {
        ConnectorDefinition(name: "c", baseURL: try #require(URLReference("https://api.example")), auth: auth)
    }

    private static func oauth2() throws -> AuthRule {
        let url = try #require(URLReference("https://auth.example/proof"))
        return .oauth2(OAuth2Rule(clientID: "id", clientSecret: Secret("s3cret"), tokenURL: url))
    }

    private static func csrf() throws -> AuthRule {
        .csrf(path: try #require(Template("/proof")), .none)
    }

    private static func session() throws -> AuthRule {
        .session(
            SessionRule(
                user: "u",
                password: Secret("password"),
                path: try #require(Template("/proof")),
                body: try #require(JSONTemplate([:])),
                returns: ["t": ["access_token"]],
                header: "X-Session",
                base64: nil,
                value: try #require(Template("${t}"))
            )
        )
    }

    @Test(.timeLimit(.minutes(5)), arguments: [oauth2, csrf, session])
    func `a cancelled waiter goes at once and takes the proof from nobody`(
        rule: @Sendable () throws -> AuthRule
    ) async throws {
        let transport = HeldTransport()
        let clocks = StillClocks()
        let gate = AccountGate(rate: nil, burst: nil, clocks: clocks)
        let api = APISession(try Self.connector(try rule()), gate: gate, transport: transport, clocks: clocks)
        let post = TransportRequest(method: "POST", url: "https://api.example/x")
        // The first to come is the one who causes the fetch.
        let first = Task { try await api.send(post).status }
        await transport.isAsked()
        let second = Task { try await api.send(post).status }
        first.cancel()
        await #expect(throws: SyncFailure.self) { try await first.value }
        transport.release()
        #expect(try await second.value == 200)
        #expect(transport.proofs == 1)
    }
}

/// Holds the request for a proof back until it is released; answers every other at once.
private final class HeldTransport: HTTPTransport {
    private struct State {
        var proofs = 0
        var isReleased = false
        var held: [CheckedContinuation<Void, Never>] = []
        var onAsked: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var proofs: Int { state.withLock { $0.proofs } }

    func isAsked() async {
        await withCheckedContinuation { waiter in
            let isAsked = state.withLock { state in
                if state.proofs == 0 { state.onAsked.append(waiter) }
                return state.proofs > 0
            }
            if isAsked { waiter.resume() }
        }
    }

    func release() {
        let held = state.withLock { state in
            state.isReleased = true
            defer { state.held = [] }
            return state.held
        }
        for waiter in held { waiter.resume() }
    }

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        guard request.url.hasSuffix("/proof") else { return .json("{}") }
        let asked = state.withLock { state in
            state.proofs += 1
            defer { state.onAsked = [] }
            return state.onAsked
        }
        for waiter in asked { waiter.resume() }
        await withCheckedContinuation { waiter in
            let isReleased = state.withLock { state in
                if !state.isReleased { state.held.append(waiter) }
                return state.isReleased
            }
            if isReleased { waiter.resume() }
        }
        return .json(#"{"access_token":"t","expires_in":600}"#, ["X-CSRF-Token": "c"])
    }
}
