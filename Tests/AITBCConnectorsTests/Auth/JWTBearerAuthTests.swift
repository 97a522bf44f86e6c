import AITBCConnectors
import ConnectorCore
import Testing

struct JWTBearerAuthTests {
    /// Made for this test; protects nothing.
    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxRBjvwCAubfygKBv
        o0vyLqfLSMhqF1qCqfS4ayP3+zKhRANCAASvZe/9tdJYIVr0FPn50ydluK2hVdV6
        QgENMqxwRcum+Lz/69usFyKx8T6LU5Dbmdpq4Jo+akIU2qQrl8Wo8PIx
        -----END PRIVATE KEY-----
        """

    @Test func `an assertion is signed, exchanged for a token, and the token used`() async throws {
        let transport = FakeTransport { request, _ in
            .success(.json(request.url.hasSuffix("/token") ? #"{"access_token":"at-1","expires_in":"600"}"# : "{}"))
        }
        let url = try #require(URLReference("https://api.example"))
        let rule = JWTBearerRule(
            privateKey: Secret(Self.key),
            keyID: "k1",
            algorithm: "ES256",
            claims: ["iss": "me", "exp": 7],
            tokenURL: try #require(URLReference("https://auth.example/token"))
        )
        let clocks = StillClocks()
        let session = APISession(
            ConnectorDefinition(name: "c", baseURL: url, auth: .jwtBearer(rule)),
            gate: AccountGate(rate: nil, burst: nil, clocks: clocks),
            transport: transport,
            clocks: clocks
        )
        _ = try await session.send(TransportRequest(url: "https://api.example/x"))
        #expect(transport.requests.last?.headers["Authorization"] == "Bearer at-1")
        let body = String(decoding: transport.requests[0].body ?? [], as: UTF8.self)
        #expect(body.hasPrefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="))
        let parts = body.split(separator: "=").last?.split(separator: ".")
        #expect(parts?.count == 3)
    }
}
