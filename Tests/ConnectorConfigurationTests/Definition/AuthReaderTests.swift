import ConnectorConfiguration
import ConnectorCore
import Testing

struct AuthReaderTests {
    /// The members stand in column 1 of line 2.
    private func auth(_ members: String) -> Reading {
        Reading("{ base_url: \"https://a.example\", streams: { s: { path: \"/s\" } },\n\(members) }")
    }

    @Test(arguments: [
        ("api_key: { credential: \"key\" }", AuthRule.bearer(Secret("sk_test_0123"))),
        ("auth_type: \"none\"", .none),
        ("auth_type: \"basic\", api_key: { credential: \"key\" }", .basic(user: "sk_test_0123", password: Secret(""))),
        (
            "auth_type: \"basic\", auth_config: { username: \"u\", password: { credential: \"key\" } }",
            .basic(user: "u", password: Secret("sk_test_0123"))
        ),
        (
            "auth_type: \"api_key\", api_key: { credential: \"key\" }",
            .apiKey(header: "X-API-Key", Secret("sk_test_0123"))
        ),
        (
            "auth_type: \"api_key\", auth_config: { header_name: \"X-Key\" }, api_key: { credential: \"key\" }",
            .apiKey(header: "X-Key", Secret("sk_test_0123"))
        ),
    ])
    func `each kind is read`(members: String, rule: AuthRule) {
        let reading = auth(members)
        #expect(reading.lines == [])
        #expect(reading.connector?.auth == rule)
    }

    @Test func `a secret in the file works, with a warning`() {
        let reading = auth("api_key: \"sk_live\"")
        #expect(reading.connector?.auth == .bearer(Secret("sk_live")))
        #expect(
            reading.lines == [
                "f:2:10: warning: api_key: the secret stands in the file itself; "
                    + "keep it with systemd's LoadCredential and write { credential: \"NAME\" }"
            ]
        )
    }

    @Test(arguments: [
        ("", "f:1:1: api_key: is missing; add api_key with a secret such as { credential: \"NAME\" }"),
        ("api_key: \"\"", "f:2:10: api_key: is empty; write { credential: \"NAME\" }"),
        ("api_key: 5", "f:2:10: api_key: expected an object, found a number; write { … }"),
        (
            "api_key: { file: \"/nowhere\" }",
            "f:2:10: api_key: can't be read: no such file; add LoadCredential to the unit"
        ),
        (
            "api_key: {}",
            "f:2:10: api_key: names 0 places for the secret; "
                + "write one of { credential: \"NAME\" }, { file: \"PATH\" }, { env: \"NAME\" }"
        ),
        (
            "api_key: { credential: \"key\", env: \"KEY\" }",
            "f:2:10: api_key: names 2 places for the secret; "
                + "write one of { credential: \"NAME\" }, { file: \"PATH\" }, { env: \"NAME\" }"
        ),
        (
            "auth_type: \"beaer\", api_key: { credential: \"key\" }",
            "f:2:12: auth_type: unknown auth_type \"beaer\"; did you mean \"bearer\"? "
                + "(one of: \"none\", \"bearer\", \"basic\", \"api_key\", \"session\", \"hmac\", \"oauth2\", \"oauth1\", \"jwt_bearer\", \"certificate\")"
        ),
        (
            "auth_type: \"session\"",
            "f:1:1: auth_config: is missing; add auth_config with an object"
        ),
        (
            "auth_type: \"basic\", auth_config: { username: \"u\" }",
            "f:2:34: auth_config.password: is missing; add password with a secret such as { credential: \"NAME\" }"
        ),
    ])
    func `mistakes`(members: String, line: String) {
        #expect(auth(members).lines == [line])
    }

    @Test func `a session login names each part that is missing`() {
        let config = "{ username: \"u\", password: { credential: \"key\" }, login: { returns: { t: \"x\" } } }"
        let remedy = "is missing; see the definition of an ERP with a session login"
        #expect(
            auth("auth_type: \"session\", auth_config: \(config)").lines == [
                "f:2:93: auth_config.login.body: \(remedy)",
                "f:2:93: auth_config.login.path: \(remedy)",
                "f:2:93: auth_config.login.value: \(remedy)",
            ]
        )
    }

    @Test func `a session login knows what the answer returns`() {
        let login = "login: { path: \"/in\", body: {}, returns: { t: \"token\" }, value: \"S ${t}\" }"
        let right = auth(
            "auth_type: \"session\", auth_config: { username: \"u\", password: { credential: \"key\" }, \(login) }"
        )
        #expect(right.lines == [])
        guard case .session(let rule) = right.connector?.auth else {
            Issue.record("no session")
            return
        }
        #expect(rule.header == "Authorization")
        #expect(rule.returns == ["t": ["token"]])
        #expect(rule.base64 == nil)
        #expect(right.connector?.auth.secrets == [Secret("sk_test_0123")])
    }

    @Test func `a session's header can't use what the answer does not return`() {
        let login = "login: { path: \"/in\", body: {}, returns: { tok: \"token\" }, value: \"${tik}\" }"
        let config = "{ username: \"u\", password: { credential: \"key\" },\n\(login) }"
        #expect(
            auth("auth_type: \"session\", auth_config: \(config)").lines == [
                "f:3:67: auth_config.login.value: unknown placeholder ${tik}; did you mean ${tok}?"
            ]
        )
    }
}
