import ConnectorConfiguration
import ConnectorCore
import Testing

/// Proofs that are computed, as a connector file writes them.
struct SignedAuthReaderTests {
    private static let key = "api_key: { credential: \"key\" }"
    private static let secret = "{ credential: \"key\" }"

    private static func read(_ members: String) -> (rule: AuthRule?, lines: [String]) {
        let diagnostics = DiagnosticCollector()
        let value = JSON5Reader.read(Array("{ \(members) }".utf8), file: "f", diagnostics: diagnostics)
        let rule = value.flatMap { value in
            ConfigReader.read(value, diagnostics: diagnostics) { AuthReader(resolver: TableResolver()).read(&$0) }
        }
        return (rule, diagnostics.lines)
    }

    @Test func `every proof is read with its settings`() throws {
        let secret = Secret("sk_test_0123")
        let url = try #require(URLReference("https://auth.example/token"))
        let table: [(String, AuthRule)] = [
            (
                "auth_type: \"hmac\", \(Self.key), auth_config: { secret: \(Self.secret), algorithm: \"sha512\", signs: \"request\" }",
                .hmac(HMACRule(key: secret, secret: secret, algorithm: "sha512", signsRequest: true))
            ),
            (
                "auth_type: \"oauth2\", auth_config: { client_id: \"i\", client_secret: \(Self.secret), token_url: \"\(url.text)\", "
                    + "scope: \"a b\", grant_type: \"refresh_token\", refresh_token: \(Self.secret), client_secret_in: \"form\" }",
                .oauth2(
                    OAuth2Rule(
                        clientID: "i",
                        clientSecret: secret,
                        tokenURL: url,
                        scope: "a b",
                        refreshToken: secret,
                        secretInForm: true
                    )
                )
            ),
            (
                "auth_type: \"oauth1\", auth_config: { consumer_key: \"c\", consumer_secret: \(Self.secret), token: \"t\", "
                    + "token_secret: \(Self.secret), realm: \"r\" }",
                .oauth1(
                    OAuth1Rule(consumerKey: "c", consumerSecret: secret, token: "t", tokenSecret: secret, realm: "r")
                )
            ),
            (
                "auth_type: \"jwt_bearer\", auth_config: { private_key: \(Self.secret), key_id: \"k\", algorithm: \"ES256\", "
                    + "claims: { iss: \"me\" }, token_url: \"\(url.text)\" }",
                .jwtBearer(
                    JWTBearerRule(
                        privateKey: secret,
                        keyID: "k",
                        algorithm: "ES256",
                        claims: ["iss": "me"],
                        tokenURL: url
                    )
                )
            ),
            (
                "auth_type: \"certificate\", auth_config: { cert_path: \"/c\", key_path: \"/k\", ca_path: \"/a\" }",
                .certificate(TLSFiles(certificate: "/c", key: "/k", certificateAuthority: "/a"))
            ),
        ]
        for (text, rule) in table {
            let (found, lines) = Self.read(text)
            #expect(found == rule && lines == [], "\(lines)")
            #expect(!rule.identity.isEmpty)
        }
    }

    @Test func `a CSRF token goes beside any proof`() throws {
        let (rule, lines) = Self.read("\(Self.key), csrf: { path: \"/odata/\" }")
        let path = try #require(Template("/odata/"))
        #expect(rule == .csrf(path: path, .bearer(Secret("sk_test_0123"))) && lines == [])
    }

    @Test func `a CSRF token without a path is a mistake`() {
        #expect(
            Self.read("\(Self.key), csrf: {}").lines == [
                "f:1:41: csrf.path: is missing; "
                    + "write the path below base_url that answers X-CSRF-Token: Fetch"
            ]
        )
    }

    @Test func `a setting that a CSRF token's path needs has to be there`() {
        let reading = Reading(
            "{ base_url: \"https://a.example\", streams: { s: { path: \"/s\" } }, \(Self.key),"
                + " csrf: { path: \"/${settings.service}/\" } }"
        )
        #expect(
            reading.lines == [
                "f:1:1: settings: has no \"service\", which the login needs; add settings: { service: … }"
            ]
        )
    }

    @Test(
        arguments: [
            (
                "auth_type: \"oauth2\", auth_config: { client_id: \"i\", client_secret: { credential: \"key\" } }",
                "token_url"
            ),
            (
                "auth_type: \"oauth2\", auth_config: { client_id: \"i\", client_secret: { credential: \"key\" }, "
                    + "token_url: \"http://auth.example/t\" }",
                "token_url"
            ),
            ("auth_type: \"hmac\", api_key: { credential: \"key\" }, auth_config: {}", "secret"),
            ("auth_type: \"oauth1\", auth_config: { consumer_key: \"c\" }", "consumer_secret"),
            (
                "auth_type: \"jwt_bearer\", auth_config: { private_key: { credential: \"key\" }, claims: [], "
                    + "token_url: \"https://a.example\" }",
                "claims"
            ),
            ("auth_type: \"certificate\", auth_config: { cert_path: \"/c\" }", "key_path"),
        ]
    )
    func `what is missing or wrong is named`(text: String, key: String) {
        let lines = Self.read(text).lines
        #expect(lines.contains { $0.contains(key) }, "\(lines)")
    }
}
