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
        var isRight = false
        for secret in setup.secrets {
            let digest = HMACKey(Array(secret.reveal().utf8), HashAlgorithm(algorithm)).digest([payload])
            if ConstantTime.isEqual(bytes, digest) { isRight = true }
        }
        return isRight
    }

    /// Whether a request is its sender's own, by the configured scheme; `at` is the time that its signature is judged
    /// by, now where it is nil.
    ///
    /// Throws a ``WebhookError`` whose code says why not: `WEBHOOK_NO_SECRET`, `WEBHOOK_UNSIGNED`,
    /// `WEBHOOK_SIGNATURE_MISMATCH`, `WEBHOOK_TOO_OLD` and so on. With ``WebhookOptions/allowsUnsigned``, a request
    /// without signature passes.
    /// `query` holds the URL's parameters, decoded; only ``WebhookScheme/tokenInQuery(_:)`` reads them.
    public func verify(
        payload: [UInt8],
        headers: TransportHeaders,
        query: [(name: String, value: String)] = [],
        at instant: Instant? = nil
    ) throws(WebhookError) {
        do throws(WebhookRefusal) {
            _ = try checked(payload, headers, query, instant ?? now())
        } catch {
            throw WebhookError(error)
        }
    }

    /// Answers what was set up when the request was checked.
    func checked(
        _ payload: [UInt8],
        _ headers: TransportHeaders,
        _ query: [(name: String, value: String)],
        _ instant: Instant
    ) throws(WebhookRefusal) -> Setup {
        guard let setup = state.withLock({ $0.setup }) else { throw .notSetUp }
        guard payload.count <= options.maximumBodyBytes else { throw .tooLarge }
        try setup.verifier.verify(payload, headers: headers, query: query, at: instant)
        return setup
    }
}
