/// Where a request bears the token that it shares with its receiver.
package enum WebhookTokenPlace: Sendable, Equatable {
    /// The header's value behind a fixed text.
    case header(String, prefix: String)
    case query(String)
    /// In the JSON body; in each element where the path meets an array.
    case body([String])

    /// Nil where the scheme's proof is no token.
    package init?(_ scheme: WebhookScheme) {
        switch scheme {
        case .token(let header, let prefix): self = .header(header, prefix: prefix)
        case .tokenInQuery(let name): self = .query(name)
        case .tokenInBody(let path): self = .body(path)
        case .hmac, .stripe, .square, .goCardless, .adyen, .adyenHeader, .shopify, .xero, .frappe: return nil
        }
    }

    /// The tokens of a request, at least one; each must be right. Throws where it bears none, or where nobody knows
    /// which one is meant. A body is parsed although nothing of it is proven yet.
    package func tokens(
        body: [UInt8],
        headers: TransportHeaders,
        query: [(name: String, value: String)]
    ) throws(WebhookRefusal) -> [[UInt8]] {
        switch self {
        case .header(let name, let prefix):
            guard let value = try WebhookClaim.only(name, headers), !value.isEmpty else { throw .unsigned }
            guard value.hasPrefix(prefix) else { throw .malformedSignature }
            return [try token(value.dropFirst(prefix.count))]
        case .query(let name):
            let values = query.filter { $0.name == name }.map(\.value)
            guard let value = try WebhookClaim.only(values) else { throw .unsigned }
            return [try token(value[...])]
        case .body(let path):
            var tokens: [[UInt8]] = []
            try collect(path[...], try WebhookClaim.document(body), into: &tokens)
            return tokens
        }
    }

    /// As deep as the body is nested; its parser limits that.
    private func collect(
        _ path: ArraySlice<String>,
        _ value: JSONValue,
        into tokens: inout [[UInt8]]
    ) throws(WebhookRefusal) {
        if let elements = value.array {
            guard !elements.isEmpty else { throw .unsigned }
            for element in elements {
                try collect(path, element, into: &tokens)
            }
        } else if let name = path.first {
            guard let member = value[name] else { throw .unsigned }
            try collect(path.dropFirst(), member, into: &tokens)
        } else {
            guard let text = value.string else { throw .malformedSignature }
            tokens.append(try token(text[...]))
        }
    }

    private func token(_ text: Substring) throws(WebhookRefusal) -> [UInt8] {
        guard !text.isEmpty else { throw .unsigned }
        return Array(text.utf8)
    }
}
