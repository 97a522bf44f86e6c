package import ConnectorCore

/// JSON Web Tokens (RFC 7519), signed, in the compact form.
package enum JSONWebToken {
    /// A token with those claims. Which claims, and until when they hold, is the caller's to say.
    package static func make(
        claims: JSONValue,
        key: SigningKey,
        algorithm: JWTAlgorithm,
        keyID: String?
    ) throws(CryptoError) -> String {
        var header: [JSONValue.Member] = [
            JSONValue.Member("alg", .string(algorithm.rawValue)), JSONValue.Member("typ", "JWT"),
        ]
        if let keyID { header.append(JSONValue.Member("kid", .string(keyID))) }
        let parts = [JSONValue.object(header), claims].map { Base64Text.urlSafeText($0.bytes) }
        let signed = parts.joined(separator: ".")
        let signature = try key.sign(Array(signed.utf8), algorithm)
        return "\(signed).\(Base64Text.urlSafeText(signature))"
    }
}
