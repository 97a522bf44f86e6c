import AITBCConnectors
import ConnectorCore
import Testing

struct ConnectorSecretsTests {
    @Test func `the tokens of late are hidden, what is configured always`() {
        let secrets = ConnectorSecrets(.bearer(Secret("configured-key")))
        for number in 100..<200 { secrets.learn(Secret("token-\(number)")) }
        #expect(secrets.redact("configured-key token-199 token-184") == "‹redacted› ‹redacted› ‹redacted›")
        // It ended long ago, and would fill memory.
        #expect(secrets.redact("token-183") == "token-183")
    }

    @Test func `a secret that is learnt again takes no other's place`() {
        let secrets = ConnectorSecrets(.none)
        secrets.learn(Secret("first-token"))
        for _ in 0..<100 { secrets.learn(Secret("other-token")) }
        #expect(secrets.redact("first-token") == "‹redacted›")
    }
}
