package import ConnectorCore
import ConnectorCrypto

/// Proves that a webhook request is its sender's own: a scheme with its secrets, prepared once for many requests.
///
/// Compares in constant time, and tries every secret whether or not one was right before it. Keeps nothing of a
/// request, and so knows no replay within the scheme's tolerance: that is for who remembers events.
package struct WebhookVerifier: Sendable {
    private let proof: Proof
    private let allowsUnsigned: Bool
    private let isWithoutSecrets: Bool

    private enum Proof {
        case signature(WebhookSignature, [HMACKey])
        case adyen([HMACKey])
        /// With the digests of the tokens that are right: those are of one length, whatever a token's is.
        case token(WebhookTokenPlace, [[UInt8]])
        /// No secret that could prove anything.
        case impossible
    }

    /// Without secrets every request is refused, unless `allowsUnsigned`: that takes requests that bear no proof (or any
    /// at all, where there is no secret), for trials on loopback. A secret that is empty, or not written as the scheme
    /// says, proves nothing.
    package init(scheme: WebhookScheme, secrets: [Secret], allowsUnsigned: Bool = false) {
        self.allowsUnsigned = allowsUnsigned
        isWithoutSecrets = secrets.isEmpty
        let keys = secrets.compactMap { scheme.key.bytes(of: $0) }
        if keys.isEmpty {
            proof = .impossible
        } else if let signature = scheme.signature {
            proof = .signature(signature, keys.map { HMACKey($0, HashAlgorithm(signature.algorithm)) })
        } else if let place = WebhookTokenPlace(scheme) {
            proof = .token(place, keys.map { MessageAuthentication.hash($0) })
        } else {
            proof = .adyen(keys.map { HMACKey($0) })
        }
    }

    /// The header field without which no request is believed, whatever its body; nil where there is none such.
    package var neededField: String? {
        guard !allowsUnsigned else { return nil }
        switch proof {
        case .signature(let signature, _): return signature.header
        case .token(.header(let name, prefix: _), _): return name
        case .token, .adyen, .impossible: return nil
        }
    }

    /// Throws why the request is not believed; `at` is when it arrived. `query` is decoded, in the request's order. The
    /// body's bytes are verified as they are.
    package func verify(
        _ body: [UInt8],
        headers: TransportHeaders,
        query: [(name: String, value: String)] = [],
        at instant: Instant
    ) throws(WebhookRefusal) {
        if allowsUnsigned, isWithoutSecrets { return }
        do throws(WebhookRefusal) {
            try check(body, headers, query, instant)
        } catch {
            guard allowsUnsigned, error == .unsigned else { throw error }
        }
    }

    private func check(
        _ body: [UInt8],
        _ headers: TransportHeaders,
        _ query: [(name: String, value: String)],
        _ instant: Instant
    ) throws(WebhookRefusal) {
        switch proof {
        case .signature(let signature, let keys):
            let claim = try WebhookClaim(body: body, headers: headers, signature)
            guard accepts(claim, keys) else { throw .mismatch }
            // After the signature: before that, the time is anybody's.
            try claim.checkTime(now: instant, signature)
        case .adyen(let keys):
            guard try WebhookClaim.adyen(body).allSatisfy({ accepts($0, keys) }) else { throw .mismatch }
        case .token(let place, let digests):
            let tokens = try place.tokens(body: body, headers: headers, query: query)
            guard tokens.allSatisfy({ accepts($0, digests) }) else { throw .mismatch }
        case .impossible: throw .noSecret
        }
    }

    /// Whether one of the signatures is right under one of the secrets; in the same time whichever it is.
    private func accepts(_ claim: WebhookClaim, _ keys: [HMACKey]) -> Bool {
        var isRight = false
        for key in keys {
            let digest = key.digest(claim.signed)
            for signature in claim.signatures where ConstantTime.isEqual(signature, digest) {
                isRight = true
            }
        }
        return isRight
    }

    /// Whether a token is one of those that are right; in the same time whichever it is.
    private func accepts(_ token: [UInt8], _ digests: [[UInt8]]) -> Bool {
        let given = MessageAuthentication.hash(token)
        var isRight = false
        for digest in digests where ConstantTime.isEqual(given, digest) {
            isRight = true
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
