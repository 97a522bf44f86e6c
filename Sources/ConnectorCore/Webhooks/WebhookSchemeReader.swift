/// Reads how a sender signs. Nil where nothing is signed (`signature: "none"`), or it can't be read.
struct WebhookSchemeReader {
    private enum Name: String, CaseIterable {
        case hmac, stripe, square
        case goCardless = "go_cardless"
        case none
    }

    private static let tolerances = Duration.seconds(1)...Duration.seconds(86_400)

    func read(_ reader: inout ConfigReader) -> WebhookScheme? {
        let name = reader.optionalChoice("signature", default: Name.hmac)
        switch name {
        case .none: return nil
        case .stripe:
            let tolerance = reader.optionalDuration("tolerance", range: Self.tolerances, default: .seconds(300))
            return .stripe(tolerance: tolerance)
        case .goCardless: return .goCardless
        case .square: return reader.string("notification_url").map { .square(notificationURL: $0) }
        case .hmac:
            return .hmac(WebhookSignature(header: reader.optionalString("header", default: "X-Signature")))
        }
    }
}
