public import ConnectorCore
import ConnectorCrypto
import Synchronization

extension WebhookHandler {
    /// Whether `signature` is the hex HMAC (in either case) of the raw payload under one of the secrets; whatever the
    /// configured scheme. False without a secret, without a signature, and for a payload that is too large.
    public func verify(payload: [UInt8], signature: String?, algorithm: WebhookAlgorithm = .sha256) -> Bool {
        guard let signature, payload.count <= options.maximumBodyBytes,
            signature.utf8.count == HashAlgorithm(algorithm).byteCount * 2, let bytes = HexText.bytes(signature),
            let setup = state.withLock({ $0.setup })
        else { return false }
        return setup.accepts([bytes], of: payload, algorithm)
    }

    /// Whether a request is its sender's own, by the configured scheme; `at` is the time that its signature is judged
    /// by, now where it is nil.
    ///
    /// Throws a ``WebhookError`` whose code says why not: `WEBHOOK_NO_SECRET`, `WEBHOOK_UNSIGNED`,
    /// `WEBHOOK_SIGNATURE_MISMATCH`, `WEBHOOK_TOO_OLD` and so on. With ``WebhookOptions/allowsUnsigned``, a request
    /// without signature passes.
    public func verify(payload: [UInt8], headers: HTTPHeaders, at instant: Instant? = nil) throws(WebhookError) {
        do throws(WebhookRefusal) {
            _ = try checked(payload, headers, instant ?? now())
        } catch {
            throw WebhookError(error)
        }
    }

    /// Answers what was set up when the request was checked.
    func checked(
        _ payload: [UInt8],
        _ headers: HTTPHeaders,
        _ instant: Instant
    ) throws(WebhookRefusal) -> Setup {
        guard let setup = state.withLock({ $0.setup }) else { throw .notSetUp }
        guard payload.count <= options.maximumBodyBytes else { throw .tooLarge }
        let signature = options.scheme.signature
        if options.allowsUnsigned, setup.secrets.isEmpty || headers[signature.header] == nil { return setup }
        guard !setup.secrets.isEmpty else { throw .noSecret }
        let claim = try WebhookClaim(body: payload, headers: headers, signature)
        guard setup.accepts(claim.signatures, of: claim.signed, signature.algorithm) else { throw .mismatch }
        // After the signature: before that, the time is anybody's.
        try claim.checkTime(now: instant, signature)
        return setup
    }
}

extension WebhookHandler.Setup {
    /// Whether one of the signatures is right under one of the secrets; in the same time whichever it is.
    func accepts(_ signatures: [[UInt8]], of message: [UInt8], _ algorithm: WebhookAlgorithm) -> Bool {
        var isRight = false
        for secret in secrets {
            let key = Array(secret.reveal().utf8)
            let digest = MessageAuthentication.hmac(message, key: key, HashAlgorithm(algorithm))
            for signature in signatures where ConstantTime.isEqual(signature, digest) {
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
