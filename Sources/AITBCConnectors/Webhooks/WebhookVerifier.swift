package import ConnectorCore
import ConnectorCrypto

/// Proves that a webhook request is its sender's own: a scheme with its secrets, prepared once for many requests.
///
/// Compares in constant time, and tries every secret whether or not one was right before it. Keeps nothing of a
/// request, and so knows no replay within the scheme's tolerance: that is for who remembers events.
package struct WebhookVerifier: Sendable {
    private let signature: WebhookSignature
    private let keys: [HMACKey]
    private let allowsUnsigned: Bool
    private let isWithoutSecrets: Bool

    /// Without secrets every request is refused, unless `allowsUnsigned`: that takes requests that bear no proof (or any
    /// at all, where there is no secret), for trials on loopback.
    package init(scheme: WebhookScheme, secrets: [Secret], allowsUnsigned: Bool = false) {
        let signature = scheme.signature
        self.signature = signature
        self.allowsUnsigned = allowsUnsigned
        isWithoutSecrets = secrets.isEmpty
        // Anyone can sign with nothing.
        keys = secrets.filter { !$0.isEmpty }.map {
            HMACKey(Array($0.reveal().utf8), HashAlgorithm(signature.algorithm))
        }
    }

    /// Throws why the request is not believed; `at` is when it arrived. The body's bytes are verified as they are.
    package func verify(
        _ body: [UInt8],
        headers: HTTPHeaders,
        query: [(name: String, value: String)] = [],
        at instant: Instant
    ) throws(WebhookRefusal) {
        if allowsUnsigned, isWithoutSecrets { return }
        guard !keys.isEmpty else { throw .noSecret }
        do throws(WebhookRefusal) {
            try check(body, headers, instant)
        } catch {
            guard allowsUnsigned, error == .unsigned else { throw error }
        }
    }

    private func check(_ body: [UInt8], _ headers: HTTPHeaders, _ instant: Instant) throws(WebhookRefusal) {
        let claim = try WebhookClaim(body: body, headers: headers, signature)
        guard accepts(claim) else { throw .mismatch }
        // After the signature: before that, the time is anybody's.
        try claim.checkTime(now: instant, signature)
    }

    /// Whether one of the signatures is right under one of the secrets; in the same time whichever it is.
    private func accepts(_ claim: WebhookClaim) -> Bool {
        var isRight = false
        for key in keys {
            let digest = key.digest(claim.signed)
            for signature in claim.signatures where ConstantTime.isEqual(signature, digest) {
                isRight = true
            }
        }
        return isRight
    }
}

extension HashAlgorithm {
    init(_ algorithm: WebhookAlgorithm) {
        self =
            switch algorithm {
            case .sha256: .sha256
            case .sha384: .sha384
            case .sha512: .sha512
            }
    }
}
