/// What an OAuth 1.0a signature covers (RFC 5849 § 3.4.1), without the signing itself.
package enum OAuth1Signature {
    package typealias Parameter = (name: String, value: String)

    /// The proof's own parameters, but for the signature.
    package static func parameters(_ rule: OAuth1Rule, timestamp: Int64, nonce: String) -> [Parameter] {
        [
            ("oauth_consumer_key", rule.consumerKey), ("oauth_token", rule.token),
            ("oauth_signature_method", "HMAC-SHA256"), ("oauth_timestamp", String(timestamp)),
            ("oauth_nonce", nonce), ("oauth_version", "1.0"),
        ]
    }

    /// Method, URL without query, and every parameter in the one order that both sides can make.
    package static func baseString(_ request: TransportRequest, _ own: [Parameter]) -> String {
        guard let url = URLReference(request.url) else { return "" }
        let parts = url.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? pairs(String(parts[1])) : []
        let isForm = request.headers["Content-Type"]?.hasPrefix("application/x-www-form-urlencoded") ?? false
        let form = isForm ? pairs(String(decoding: request.body ?? [], as: UTF8.self)) : []
        let encoded = (query + form + own).map { ($0.name.percentEncoded, $0.value.percentEncoded) }
        // By bytes: encoded text is ASCII, but Swift would order it by characters.
        let sorted = encoded.sorted { left, right in
            left.0 == right.0
                ? left.1.utf8.lexicographicallyPrecedes(right.1.utf8)
                : left.0.utf8.lexicographicallyPrecedes(right.0.utf8)
        }
        let text = sorted.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        let base = url.origin + parts[0]
        return "\(request.method.uppercased())&\(base.percentEncoded)&\(text.percentEncoded)"
    }

    package static func header(_ rule: OAuth1Rule, _ own: [Parameter], signature: String) -> String {
        let realm = rule.realm.map { [("realm", $0)] } ?? []
        let all = realm + own.map { ($0.name, $0.value) } + [("oauth_signature", signature)]
        return "OAuth " + all.map { "\($0.0)=\"\($0.1.percentEncoded)\"" }.joined(separator: ", ")
    }

    /// A query's or a form's parameters, decoded.
    static func pairs(_ text: String) -> [Parameter] {
        text.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(halves[0]), halves.count > 1 ? decoded(halves[1]) : "")
        }
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let value = HexText.bytes(Substring(rest.prefix(2))), value.count == 1 else {
                    bytes.append(byte)
                    continue
                }
                bytes += value
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
