public import ConnectorCore
import ConnectorCrypto
import CurlTransport

/// OAuth 1.0a with HMAC-SHA256 (RFC 5849; NetSuite's token-based authentication): each request is signed.
public struct OAuth1Auth: AuthHandler {
    private let rule: OAuth1Rule
    private let clocks: any Clocks
    private let makeNonce: @Sendable () -> String

    /// Consumer and token, each a name and its secret; `realm` is NetSuite's account.
    public init(consumerKey: String, consumerSecret: Secret, token: String, tokenSecret: Secret, realm: String? = nil) {
        let rule = OAuth1Rule(
            consumerKey: consumerKey,
            consumerSecret: consumerSecret,
            token: token,
            tokenSecret: tokenSecret,
            realm: realm
        )
        self.init(rule, clocks: SystemClocks())
    }

    init(
        _ rule: OAuth1Rule,
        clocks: any Clocks,
        nonce: @escaping @Sendable () -> String = { HexText.text(RandomBytes.make(16)) }
    ) {
        self.rule = rule
        self.clocks = clocks
        makeNonce = nonce
    }

    /// Signs method, URL and query, and, of a form, its fields.
    public func authorize(_ request: inout TransportRequest) {
        let own = OAuth1Signature.parameters(rule, timestamp: clocks.now.seconds, nonce: makeNonce())
        let base = OAuth1Signature.baseString(request, own)
        let key = "\(rule.consumerSecret.reveal().percentEncoded)&\(rule.tokenSecret.reveal().percentEncoded)"
        let signature = Base64Text.text(MessageAuthentication.hmac(Array(base.utf8), key: Array(key.utf8)))
        request.headers["Authorization"] = OAuth1Signature.header(rule, own, signature: signature)
    }

    /// Both secrets.
    public var secrets: [Secret] { get async { [rule.consumerSecret, rule.tokenSecret] } }
}
