import AITBCConnectors
import ConnectorCore
import Testing

struct ReplacedKeyTests {
    private func proofs(_ transport: FakeTransport) -> [String?] {
        transport.requests.map { $0.headers["Authorization"] ?? $0.headers["X-API-Key"] }
    }

    @Test func `a client goes on with another key, also after it was disconnected`() async throws {
        let transport = FakeTransport { _, _ in .success(.envelope) }
        let client = try AITBCClient.make(transport)
        _ = try await client.get("a")
        try client.replaceAPIKey(Secret("key-2"))
        _ = try await client.get("a")
        await client.disconnect()
        _ = try await client.get("a")
        #expect(proofs(transport) == ["key-1", "key-1", "key-2", "key-2", "key-2"].map { "Bearer " + $0 })
    }

    @Test func `a server that repeats the key of a request, or the one before, is not quoted`() async throws {
        let transport = FakeTransport { request, _ in
            let keys = "old-key-0123456789 new-key-0123456789"
            return .success(
                request.url.hasSuffix("/health") ? .envelope : .json("{\"error\":\"no \(keys)\"}", status: 400)
            )
        }
        let client = try AITBCClient.make(transport) { $0.apiKey = Secret("old-key-0123456789") }
        try client.replaceAPIKey(Secret("new-key-0123456789"))
        let error = await #expect(throws: APIError.self) { try await client.get("a") }
        #expect(error?.description.contains("0123456789") == false)
    }

    @Test func `a key that an error in a successful answer repeats is not quoted either`() async throws {
        let engine = try ConnectorEngine(
            name: "shop",
            definition: """
                { kind: "other", auth_type: "bearer", errors: { present: "error", message: "error.message" },
                  operations: { ask: { path: "/ask" } } }
                """,
            settings: ["base_url": "https://api.example", "api_key": "old-key-0123456789"],
            transport: FakeTransport { request, _ in
                .success(.json("{\"error\":{\"message\":\"no \(request.headers["Authorization"] ?? "")\"}}"))
            }
        )
        try engine.replaceAPIKey(Secret("new-key-0123456789"))
        let error = await #expect(throws: APIError.self) { try await engine.perform("ask", data: [:]) }
        #expect(error.map { "\($0) \($0.details)".contains("0123456789") } == false)
    }

    @Test func `a connector goes on with another key, where its proof has one`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("{\"available\":[]}")) }
        let stripe = try StripeConnector.make(transport)
        _ = try await stripe.retrieveBalance()
        try stripe.engine.replaceAPIKey(Secret("sk_test_other_key"))
        _ = try await stripe.retrieveBalance()
        #expect(proofs(transport) == ["Bearer sk_test_0123456789", "Bearer sk_test_other_key"])
        for odd in ["", "key\r\nX-Evil: 1", "key\n"] {
            #expect(throws: ConfigurationError.self) { try stripe.engine.replaceAPIKey(Secret(odd)) }
        }
        let none = try ConnectorEngine.make("{}", transport: transport)
        #expect(throws: ConfigurationError.self) { try none.replaceAPIKey(Secret("k")) }
    }

    @Test(arguments: ["bearer", "api_key", "hmac"])
    func `files for TLS go with every request, whatever proves who we are`(type: String) async throws {
        let transport = FakeTransport { _, _ in .success(.envelope) }
        let client = try AITBCClient.make(transport) {
            $0.authType = AuthType(rawValue: type)
            if type == "hmac" { $0.authConfig = ["secret": "0123456789"] }
            $0.tls.certificateAuthority = "/etc/ca.pem"
        }
        _ = try await client.get("a")
        #expect(transport.requests.map(\.tls.certificateAuthority) == ["/etc/ca.pem", "/etc/ca.pem"])
    }
}
