import AITBCConnectors
import ConnectorCore
import ConnectorCrypto
import Testing

/// What each way of proving an identity puts on a request.
struct SignedAuthTests {
    private static func sent(_ rule: AuthRule, _ request: TransportRequest) async throws -> TransportRequest {
        let transport = FakeTransport { _, _ in .success(.json("{}")) }
        let url = try #require(URLReference("https://api.example"))
        let clocks = StillClocks()
        let session = APISession(
            ConnectorDefinition(name: "c", baseURL: url, auth: rule),
            gate: AccountGate(rate: nil, burst: nil, clocks: clocks),
            transport: transport,
            clocks: clocks
        )
        _ = try await session.send(request)
        return try #require(transport.requests.last)
    }

    private static let post = TransportRequest(
        method: "POST",
        url: "https://api.example/v1/orders?a=1&b=2",
        body: Array(#"{"amount":5}"#.utf8)
    )

    @Test func `hmac signs time and key, or the whole request`() async throws {
        let plain = HMACRule(key: Secret("key"), secret: Secret("secret"))
        let first = try await Self.sent(.hmac(plain), Self.post)
        let expected = MessageAuthentication.hmac(Array("1800000000:key".utf8), key: Array("secret".utf8))
        #expect(first.headers["X-API-Key"] == "key" && first.headers["X-Timestamp"] == "1800000000")
        #expect(first.headers["X-Signature"] == HexText.text(expected))

        let whole = HMACRule(key: Secret("key"), secret: Secret("secret"), algorithm: "sha512", signsRequest: true)
        let second = try await Self.sent(.hmac(whole), Self.post)
        let digest = HexText.text(MessageAuthentication.hash(Self.post.body ?? []))
        let text = "1800000000:key:POST:/v1/orders?a=1&b=2:\(digest)"
        let signature = MessageAuthentication.hmac(Array(text.utf8), key: Array("secret".utf8), .sha512)
        #expect(second.headers["X-Signature"] == HexText.text(signature))
        #expect(second.headers["X-Signature"]?.count == 128)
    }

    @Test func `a certificate is named to the transport`() async throws {
        let files = TLSFiles(certificate: "/c.pem", key: "/k.pem", keyPassphrase: Secret("p"))
        let request = try await Self.sent(.certificate(files), Self.post)
        #expect(request.tls == files)
    }

    @Test func `OAuth 1 signs method, URL, query and its own parameters`() async throws {
        let rule = OAuth1Rule(
            consumerKey: "ck",
            consumerSecret: Secret("cs"),
            token: "tk",
            tokenSecret: Secret("ts"),
            realm: "1234567_SB1"
        )
        let header = try #require(try await Self.sent(.oauth1(rule), Self.post).headers["Authorization"])
        #expect(header.hasPrefix(#"OAuth realm="1234567_SB1", oauth_consumer_key="ck", oauth_token="tk""#))
        #expect(header.contains(#"oauth_signature_method="HMAC-SHA256""#) && header.contains("oauth_signature="))
        #expect(!header.contains("cs\"") && !header.contains("ts\""))
    }

    /// RFC 5849 § 3.4.1.1, with the signature method that the base string there names.
    @Test func `the base string of RFC 5849 is made`() {
        var request = TransportRequest(
            method: "POST",
            url: "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"
        )
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        request.body = Array("c2&a3=2+q".utf8)
        let own: [OAuth1Signature.Parameter] = [
            ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"),
            ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131201"), ("oauth_nonce", "7d8f3e4a"),
        ]
        let expected =
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540"
            + "%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method"
            + "%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        #expect(OAuth1Signature.baseString(request, own) == expected)
    }

    @Test func `a write bears a CSRF token and its cookies, fetched once, and again when it is required`() async throws
    {
        let transport = FakeTransport { request, number in
            if request.headers["X-CSRF-Token"] == "Fetch" {
                var headers: TransportHeaders = ["X-CSRF-Token": "c\(number)"]
                headers.add("Set-Cookie", "SAP=1; Path=/; HttpOnly")
                headers.add("Set-Cookie", "B=2; Secure")
                return .success(.json("{}", headers))
            }
            let isOld = request.headers["X-CSRF-Token"] == "c1" && number > 3
            return .success(isOld ? .json("{}", status: 403, ["X-CSRF-Token": "Required"]) : .json("{}"))
        }
        let url = try #require(URLReference("https://api.example"))
        let clocks = StillClocks()
        let rule = AuthRule.csrf(path: try #require(Template("/odata/")), .bearer(Secret("token")))
        let session = APISession(
            ConnectorDefinition(name: "c", baseURL: url, auth: rule),
            gate: AccountGate(rate: nil, burst: nil, clocks: clocks),
            transport: transport,
            clocks: clocks
        )
        _ = try await session.send(Self.post)
        _ = try await session.send(TransportRequest(url: "https://api.example/x"))
        #expect(transport.requests.map { $0.headers["X-CSRF-Token"] } == ["Fetch", "c1", nil])
        #expect(transport.requests[1].headers["Cookie"] == "SAP=1; B=2")
        _ = try await session.send(Self.post)
        #expect(transport.requests.map { $0.headers["X-CSRF-Token"] }.suffix(3) == ["c1", "Fetch", "c5"])
        #expect(transport.requests.allSatisfy { $0.headers["Authorization"] == "Bearer token" })
    }

    @Test func `a key that is none fails each request with a hint, not the start`() async throws {
        let rule = JWTBearerRule(
            privateKey: Secret("not a key"),
            claims: .object([]),
            tokenURL: try #require(URLReference("https://auth.example/token"))
        )
        let failure = await #expect(throws: SyncFailure.self) { try await Self.sent(.jwtBearer(rule), Self.post) }
        #expect(failure?.kind == .credentials && failure?.message.contains("private_key") == true)
    }

    @Test func `the client reads auth_type and auth_config by the specification's names`() async throws {
        let cases: [(AuthType, JSONValue, String?)] = [
            (.bearer, .object([]), "Authorization"), (.apiKey, ["header_name": "X-Key"], "X-Key"),
            (.basic, ["username": "u", "password": "p"], "Authorization"), (.hmac, ["secret": "s"], "X-Signature"),
        ]
        for (type, config, header) in cases {
            let transport = FakeTransport { _, _ in .success(.envelope) }
            let client = try AITBCClient.make(transport) {
                $0.authType = type
                $0.authConfig = config
            }
            try await client.connect()
            #expect(transport.requests[0].headers[try #require(header)] != nil, "\(type.rawValue)")
        }
        #expect(throws: ConfigurationError.self) {
            try AITBCClient.make(nil) { $0.authType = AuthType(rawValue: "magic") }
        }
        #expect(throws: ConfigurationError.self) { try AITBCClient.make(nil) { $0.authType = .oauth2 } }
    }
}
