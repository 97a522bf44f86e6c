package import ConnectorCore

/// Reads how a connector's webhooks are proven: `signature`, and the keys that belong to the chosen one. Keys of another
/// stay unknown, and are reported with the rest of the block.
package struct WebhookSchemeReader {
    package init() {}

    private enum Kind: String, CaseIterable {
        case hmac, stripe, square
        case goCardless = "go_cardless"
        case adyen
        case adyenHeader = "adyen_header"
        case shopify, xero, frappe, token
        case tokenQuery = "token_query"
        case tokenBody = "token_body"
        case none
    }

    /// More than a day would make a recorded request as good as a new one.
    private static let tolerances: ClosedRange<Duration> = .zero ... .seconds(86_400)
    /// What most senders recommend.
    private static let defaultTolerance = Duration.seconds(300)

    /// Reads from the `webhook` block; a keyed digest where it names no signature. Nil for `"none"` (anyone's requests
    /// are believed), and after a mistake; that is reported.
    package func read(_ reader: inout ConfigReader) -> WebhookScheme? {
        guard reader.contains("signature") else {
            reader.allow("signature")
            return Self.scheme(.hmac, &reader)
        }
        guard let kind = reader.optionalChoice("signature", of: Kind.self) else {
            // Which keys belong to it, nobody knows then.
            for key in Self.keys { _ = reader.optional(key) }
            return nil
        }
        return Self.scheme(kind, &reader)
    }

    private static let keys = [
        "header", "algorithm", "encoding", "key_encoding", "prefix", "parameter", "path", "notification_url",
        "tolerance", "time_header", "time_parameter", "signs",
    ]

    private static func scheme(_ kind: Kind, _ reader: inout ConfigReader) -> WebhookScheme? {
        switch kind {
        case .hmac: hmac(&reader).map(WebhookScheme.hmac)
        case .stripe: .stripe(tolerance: tolerance(&reader))
        case .square: notificationURL(&reader).map { .square(notificationURL: $0) }
        case .goCardless: .goCardless
        case .adyen: .adyen
        case .adyenHeader: .adyenHeader
        case .shopify: .shopify
        case .xero: .xero
        case .frappe: .frappe
        case .token: token(&reader)
        case .tokenQuery: reader.string("parameter").map(WebhookScheme.tokenInQuery)
        case .tokenBody: tokenInBody(&reader)
        case .none: nil
        }
    }

    private static func tolerance(_ reader: inout ConfigReader) -> Duration {
        reader.optionalDuration("tolerance", range: tolerances, default: defaultTolerance)
    }

    private static func notificationURL(_ reader: inout ConfigReader) -> String? {
        guard let item = reader.required("notification_url", "the URL that is registered with Square"),
            let text = item.string()
        else { return nil }
        guard URLReference(text) != nil else {
            item.error("is no URL", "write the URL that is registered with Square, to the letter")
            return nil
        }
        return text
    }

    private static func token(_ reader: inout ConfigReader) -> WebhookScheme? {
        let header = header(&reader)
        let prefix = reader.optionalString("prefix", default: "")
        return header.map { .token(header: $0, prefix: prefix) }
    }

    private static func tokenInBody(_ reader: inout ConfigReader) -> WebhookScheme? {
        let remedy = "the path to the token, such as \"value.clientState\""
        guard let item = reader.required("path", remedy), let path = FieldPath.parse(item) else { return nil }
        guard !path.isEmpty, !path.contains("") else {
            item.error("has an empty name", "write \(remedy)")
            return nil
        }
        return .tokenInBody(path: path)
    }

    private static func hmac(_ reader: inout ConfigReader) -> WebhookSignature? {
        reader.allow("header")
        var signature = WebhookSignature()
        let header = reader.contains("header") ? header(&reader) : signature.header
        signature.algorithm = reader.optionalChoice("algorithm", default: signature.algorithm)
        signature.encoding = reader.optionalChoice("encoding", default: signature.encoding)
        signature.key = reader.optionalChoice("key_encoding", default: signature.key)
        let form = form(&reader)
        let time = time(&reader, form)
        let signs = signs(&reader)
        guard let header, let form, let signs, (time != nil) == writesTime(reader) else { return nil }
        signature.header = header
        signature.form = form
        signature.time = time
        signature.signs = signs
        if let flaw = signature.flaw {
            reader.error("signs", "makes no sense: \(flaw)", "write what the sender signs, such as [\"body\"]")
            return nil
        }
        return signature
    }

    private static func form(_ reader: inout ConfigReader) -> WebhookSignature.Form? {
        let prefix = reader.optionalString("prefix")
        let parameter = reader.optionalString("parameter")
        guard let parameter else { return .plain(prefix: prefix ?? "") }
        guard prefix == nil else {
            reader.error("prefix", "stands beside `parameter`", "keep one of the two")
            return nil
        }
        return .list(signature: parameter)
    }

    /// Nil where the sender says no time, and after a mistake.
    private static func time(
        _ reader: inout ConfigReader,
        _ form: WebhookSignature.Form?
    ) -> WebhookSignature.Time? {
        guard writesTime(reader) else {
            reader.allow("time_header", "time_parameter")
            return nil
        }
        let header = reader.contains("time_header") ? self.header(&reader, "time_header") : nil
        let parameter = reader.optionalString("time_parameter")
        let tolerance = tolerance(&reader)
        if reader.contains("time_header") {
            guard !reader.contains("time_parameter") else {
                reader.error("time_parameter", "stands beside `time_header`", "keep one of the two")
                return nil
            }
            return header.map { WebhookSignature.Time(.header($0), tolerance: tolerance) }
        }
        if case .plain = form {
            reader.error("time_parameter", "stands without `parameter`", "write the signature's name in the list too")
            return nil
        }
        return parameter.map { WebhookSignature.Time(.listed($0), tolerance: tolerance) }
    }

    private static func writesTime(_ reader: ConfigReader) -> Bool {
        reader.contains("time_header") || reader.contains("time_parameter")
    }

    private static func signs(_ reader: inout ConfigReader) -> [WebhookSignature.Part]? {
        guard let item = reader.optional("signs") else { return [.body] }
        guard let parts = item.elements({ element in element.string().map { (element, part($0)) } }) else { return nil }
        for (element, part) in parts where part == nil {
            element.error(
                "is nothing that is signed",
                "write \"body\", \"time\", \"header:NAME\" or \"text:…\" (fixed text)"
            )
        }
        let known = parts.compactMap(\.1)
        return known.count == parts.count ? known : nil
    }

    private static func part(_ text: String) -> WebhookSignature.Part? {
        switch text {
        case "body": return .body
        case "time": return .time
        default: break
        }
        if text.hasPrefix("text:") { return .text(String(text.dropFirst(5))) }
        guard text.hasPrefix("header:") else { return nil }
        let name = String(text.dropFirst(7))
        return isFieldName(name) ? .header(name) : nil
    }

    /// The name of a header field.
    private static func header(_ reader: inout ConfigReader, _ key: String = "header") -> String? {
        guard let item = reader.required(key, "the name of a header"), let name = item.string() else { return nil }
        guard isFieldName(name) else {
            item.error("is no name of a header", "write the name alone, such as \"X-Signature\"")
            return nil
        }
        return name
    }

    /// RFC 9110 § 5.6.2.
    private static func isFieldName(_ name: String) -> Bool {
        let marks = Array("!#$%&'*+-.^_`|~".utf8)
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                byte.isASCIIDigit || (0x61...0x7A).contains(byte.asciiLowercased) || marks.contains(byte)
            }
    }
}
