extension WebhookScheme {
    /// What stands where in a request, for the person who enters the webhook at the sender.
    package var summary: String {
        switch self {
        case .hmac(let signature): "\(signature.header), HMAC \(signature.algorithm.rawValue)"
        case .stripe: "Stripe's Stripe-Signature"
        case .square(let url): "Square's x-square-hmacsha256-signature for \(url)"
        case .goCardless: "GoCardless' Webhook-Signature"
        case .adyen: "Adyen's hmacSignature in each notification"
        case .adyenHeader: "Adyen's HmacSignature"
        case .shopify: "Shopify's X-Shopify-Hmac-Sha256"
        case .xero: "Xero's x-xero-signature"
        case .frappe: "Frappe's X-Frappe-Webhook-Signature"
        case .token(let header, let prefix):
            "the secret in the header \(header)\(prefix.isEmpty ? "" : " behind \"\(prefix)\"")"
        case .tokenInQuery(let name): "the secret in the URL's parameter \(name)"
        case .tokenInBody(let path): "the secret in the body at \(path.joined(separator: "."))"
        }
    }

    /// What a sender wants to read before it takes an event for delivered, beside the status 200; nil where it does not
    /// look.
    package var acknowledgement: String? {
        switch self {
        // Older endpoints of Adyen repeat what is not answered with this text.
        case .adyen: "[accepted]"
        // Xero's intent to receive wants an empty body.
        case .xero: ""
        default: nil
        }
    }
}
