import ConnectorCore
import Testing

struct SecretNameTests {
    @Test(arguments: [
        ("X-Api-Key", "only-letters"), ("api_key", "abcdefgh"), ("client_secret", "abcdefgh"),
        ("Authorization", "Token abc"),
        ("access_token", "t-0123456789"), ("X-Auth", "k-0123456789"), ("ws_key", "ABCDEF0123"),
        ("PHPSESSID", "a1b2c3d4e5"),
        ("key", "abcdefghijklmnopqrstuvwxyz"),
    ])
    func `names of credentials are known`(name: String, value: String) {
        #expect(SecretName.isOne(name, of: value))
    }

    @Test(arguments: [
        ("key", "customer"), ("sort_key", "created_at"), ("token_type", "reference1"), ("auth", "required"),
        ("secret_version", "20260101"), ("api_key", "short"), ("X-Version", "2026-01-01"), ("fields", "id,key,amount1"),
    ])
    func `words of a protocol are none: hidden, they would be hidden everywhere`(name: String, value: String) {
        #expect(!SecretName.isOne(name, of: value))
    }
}
