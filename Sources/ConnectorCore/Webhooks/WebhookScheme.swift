/// How a sender proves that a webhook request is its own: one case for each vendor's way that is known by name,
/// ``hmac(_:)`` for every other keyed digest, and three places of a shared token for systems that sign nothing.
///
/// What a scheme does not sign may be anybody's: most sign the body alone, and no other header. A scheme without a time
/// knows no old request from a new one.
public enum WebhookScheme: Sendable, Equatable {
    /// A keyed digest as described.
    case hmac(WebhookSignature)
    /// Stripe: `Stripe-Signature: t=UNIX,v1=HEX[,v1=HEX…]` over `{t}.{body}`. A time further away than the tolerance
    /// (Stripe's own default is 300 seconds) is refused.
    case stripe(tolerance: Duration = .seconds(300))
    /// Square: `x-square-hmacsha256-signature`, base64, over the notification URL and the body. The URL is the one
    /// registered with Square, to the letter.
    case square(notificationURL: String)
    /// GoCardless: `Webhook-Signature`, hex, over the body.
    case goCardless
    /// Adyen's standard notifications, as JSON: each item of `notificationItems` bears its own signature in
    /// `additionalData.hmacSignature`, base64, over eight of its fields; every one must be right. The other fields are
    /// not signed. The secret is the HMAC key in hex, as Adyen shows it. The body is parsed to be verified.
    case adyen
    /// Adyen's other webhooks (platforms, banking, management): `HmacSignature`, base64, over the body. The secret is
    /// the HMAC key in hex, as Adyen shows it.
    case adyenHeader
    /// Shopify: `X-Shopify-Hmac-Sha256`, base64, over the body. The secret is the app's client secret.
    case shopify
    /// Xero: `x-xero-signature`, base64, over the body. Its intent-to-receive requests are answered by this check alone:
    /// 200 for a right signature and 401 for a wrong one.
    case xero
    /// ERPNext and other Frappe applications, with security enabled: `X-Frappe-Webhook-Signature`, base64, over the
    /// body.
    case frappe
    /// The secret itself in a header, behind a fixed text such as `Bearer `. Whoever sees one request knows it: only
    /// over TLS.
    case token(header: String, prefix: String = "")
    /// The secret itself in a parameter of the URL, for systems that can be given nothing but a URL (Odoo's automation
    /// rules). As ``token(header:prefix:)``; proxies write URLs to their logs besides.
    case tokenInQuery(String)
    /// The secret itself in the JSON body, at a path of member names; where the path meets an array, in each of its
    /// elements: Business Central's `clientState` is at `["value", "clientState"]`. The body is parsed to be verified.
    case tokenInBody(path: [String])

    /// The case, spelled out; nil where the proof is no keyed digest in a header.
    public var signature: WebhookSignature? {
        switch self {
        case .hmac(let signature): signature
        case .stripe(let tolerance):
            WebhookSignature(
                header: "Stripe-Signature",
                form: .list(signature: "v1"),
                time: WebhookSignature.Time(.listed("t"), tolerance: tolerance),
                signs: [.time, .text("."), .body]
            )
        case .square(let url):
            WebhookSignature(
                header: "x-square-hmacsha256-signature",
                encoding: .base64,
                signs: [.text(url), .body]
            )
        case .goCardless: WebhookSignature(header: "Webhook-Signature")
        case .adyenHeader: WebhookSignature(header: "HmacSignature", encoding: .base64, key: .hex)
        case .shopify: WebhookSignature(header: "X-Shopify-Hmac-Sha256", encoding: .base64)
        case .xero: WebhookSignature(header: "x-xero-signature", encoding: .base64)
        case .frappe: WebhookSignature(header: "X-Frappe-Webhook-Signature", encoding: .base64)
        case .adyen, .token, .tokenInQuery, .tokenInBody: nil
        }
    }
}

extension WebhookScheme {
    /// The one header that holds the whole proof; nil where it stands elsewhere.
    package var header: String? {
        if case .token(let header, _) = self { return header }
        return signature?.header
    }

    /// Why nothing could ever be verified by this scheme, or not what it seems to say; nil where it makes sense.
    package var flaw: String? {
        switch self {
        case .square(let url): url.isEmpty ? "the notification URL is empty" : nil
        case .token(let header, _): header.isEmpty ? "the token's header has no name" : nil
        case .tokenInQuery(let name): name.isEmpty ? "the token's query parameter has no name" : nil
        case .tokenInBody(let path): path.isEmpty ? "the token's path is empty" : nil
        case .adyen: nil
        case .hmac, .stripe, .goCardless, .adyenHeader, .shopify, .xero, .frappe: signature?.flaw
        }
    }

    /// Why one of the secrets could never prove anything; nil where each can. Says nothing of the secret itself.
    package func flaw(of secrets: [Secret]) -> String? {
        // Anyone can sign with nothing.
        if secrets.contains(where: \.isEmpty) { return "a secret is empty" }
        if secrets.contains(where: { key.bytes(of: $0) == nil }) { return "a secret is no key in hex" }
        return nil
    }

    /// How the secret is written.
    package var key: WebhookSignature.Key {
        self == .adyen ? .hex : signature?.key ?? .text
    }
}
