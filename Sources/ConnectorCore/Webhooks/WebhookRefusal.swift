/// Why a webhook request is not believed or not understood. Says nothing that the sender did not know: neither a
/// secret nor the signature that would have been right.
package enum WebhookRefusal: String, Error, Sendable, Equatable, CaseIterable {
    case notSetUp = "WEBHOOK_NOT_SET_UP"
    case noSecret = "WEBHOOK_NO_SECRET"
    case tooLarge = "WEBHOOK_TOO_LARGE"
    case unsigned = "WEBHOOK_UNSIGNED"
    case malformedSignature = "WEBHOOK_MALFORMED_SIGNATURE"
    case mismatch = "WEBHOOK_SIGNATURE_MISMATCH"
    case tooOld = "WEBHOOK_TOO_OLD"
    case tooNew = "WEBHOOK_TOO_NEW"
    case malformedEvent = "WEBHOOK_MALFORMED_EVENT"
    case busy = "WEBHOOK_BUSY"

    /// In one sentence.
    package var message: String {
        switch self {
        case .notSetUp: "the webhook handler is not set up"
        case .noSecret: "the webhook can't be verified: no secret is configured"
        case .tooLarge: "the webhook's body is too large"
        case .unsigned: "the webhook has no signature or token"
        case .malformedSignature: "the webhook's signature is not written as its sender's scheme says"
        case .mismatch: "the webhook's signature or token is not right"
        case .tooOld: "the webhook was signed too long ago"
        case .tooNew: "the webhook was signed in the future"
        case .malformedEvent: "the webhook's body is not the event it should be"
        case .busy: "the same webhook is being handled too many times at once"
        }
    }

    /// What the reader can do about it.
    package var hint: String {
        switch self {
        case .notSetUp: "call setup(endpoint:secret:) first"
        case .noSecret: "configure the signing secret that the sender shows for this endpoint"
        case .tooLarge: "raise the limit if the sender really sends such bodies"
        case .unsigned: "check that the sender signs, and that the proxy in front passes every header on"
        case .malformedSignature: "check that the configured scheme is the sender's"
        case .mismatch: "check the secret, and that the body arrives byte for byte as it was sent"
        case .tooOld, .tooNew: "check this machine's clock; a repeated old request is refused on purpose"
        case .malformedEvent: "check the paths to the event's id and type"
        case .busy: "answer with a status that makes the sender try again"
        }
    }
}
