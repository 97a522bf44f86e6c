public import ConnectorCore
import ConnectorCrypto
import CurlTransport

/// `X-API-Key`, `X-Timestamp` and `X-Signature`: lower-case hex HMAC of `{timestamp}:{api_key}`, or, where requests
/// are signed, of `{timestamp}:{api_key}:{METHOD}:{path?query}:{hex SHA-256 of the body}`.
public struct HMACAuth: AuthHandler {
    /// What a signature covers.
    public enum Scope: Sendable {
        /// Time and key: proves the caller.
        case time
        /// The request too: nobody can change it on its way.
        case request
    }

    private let rule: HMACRule
    private let algorithm: HashAlgorithm
    private let clocks: any Clocks

    /// - Parameters:
    ///   - key: sent as it is.
    ///   - secret: signs, and is never sent.
    ///   - algorithm: SHA-256 unless the server asks for more.
    ///   - signs: what the signature covers.
    public init(key: Secret, secret: Secret, algorithm: SignatureAlgorithm = .sha256, signs: Scope = .time) {
        let rule = HMACRule(
            key: key,
            secret: secret,
            algorithm: algorithm.rawValue,
            signsRequest: signs == .request
        )
        self.init(rule, clocks: SystemClocks())
    }

    init(_ rule: HMACRule, clocks: any Clocks) {
        self.rule = rule
        self.clocks = clocks
        // The reader has checked the word.
        algorithm = HashAlgorithm(rawValue: rule.algorithm) ?? .sha256
    }

    /// Signs the request as it stands.
    public func authorize(_ request: inout TransportRequest) {
        let timestamp = String(clocks.now.seconds)
        let text = Self.signed(rule, request, timestamp: timestamp)
        let signature = MessageAuthentication.hmac(Array(text.utf8), key: Array(rule.secret.reveal().utf8), algorithm)
        request.headers["X-API-Key"] = rule.key.reveal()
        request.headers["X-Timestamp"] = timestamp
        request.headers["X-Signature"] = HexText.text(signature)
    }

    /// Key and secret.
    public var secrets: [Secret] { get async { [rule.key, rule.secret] } }

    private static func signed(_ rule: HMACRule, _ request: TransportRequest, timestamp: String) -> String {
        let proof = "\(timestamp):\(rule.key.reveal())"
        guard rule.signsRequest else { return proof }
        let target = URLReference(request.url)?.target ?? ""
        let digest = HexText.text(MessageAuthentication.hash(request.body ?? []))
        return "\(proof):\(request.method):\(target):\(digest)"
    }
}

/// The digests that signatures are made with.
public enum SignatureAlgorithm: String, Sendable, CaseIterable {
    /// 256 bits.
    case sha256
    /// 384 bits.
    case sha384
    /// 512 bits.
    case sha512
}
