package import ConnectorCore
import ConnectorCrypto

/// Whether a request is its sender's own, by one scheme and the secrets that are valid now.
package struct WebhookVerifier: Sendable {
    private let signature: WebhookSignature
    private let keys: [[UInt8]]
    private let allowsUnsigned: Bool

    package init(scheme: WebhookScheme, secrets: [Secret], allowsUnsigned: Bool = false) {
        signature = scheme.signature
        keys = secrets.map { Array($0.reveal().utf8) }
        self.allowsUnsigned = allowsUnsigned
    }

    package func verify(
        _ body: [UInt8],
        headers: HTTPHeaders,
        query: [(name: String, value: String)] = [],
        at instant: Instant
    ) throws(WebhookRefusal) {
        if allowsUnsigned, keys.isEmpty || headers[signature.header] == nil { return }
        guard !keys.isEmpty else { throw .noSecret }
        let claim = try WebhookClaim(body: body, headers: headers, signature)
        var isRight = false
        for key in keys {
            let digest = MessageAuthentication.hmac(claim.signed, key: key, HashAlgorithm(signature.algorithm))
            for known in claim.signatures where ConstantTime.isEqual(known, digest) { isRight = true }
        }
        guard isRight else { throw .mismatch }
        try claim.checkTime(now: instant, signature)
    }
}
