/// Names of headers, parameters and settings whose value nobody should see.
package enum SecretName {
    /// What is shorter is a word of a protocol: hidden, it would be hidden everywhere.
    private static let minimumBytes = 8
    /// So long is no word.
    private static let longBytes = 24

    /// Whatever the value looks like.
    private static let sure = [
        "apikey", "accesskey", "authkey", "subscriptionkey", "privatekey", "secret", "password", "passwd", "passphrase",
        "authorization",
    ]
    /// Where the value looks like a secret, too.
    private static let likely = ["token", "signature", "credential", "cookie", "sessionid", "sessid"]
    private static let likelyEnds = ["key", "auth"]
    private static let likelyNames: Set<String> = ["sig", "pwd", "sid", "pass"]
    /// What says something of a secret is none.
    private static let others = ["type", "version", "method", "format", "name"]

    package static func isOne(_ name: String, of value: String) -> Bool {
        guard value.utf8.count >= minimumBytes else { return false }
        let plain = name.lowercased().filter { $0 != "-" && $0 != "_" }
        guard !others.contains(where: plain.hasSuffix) else { return false }
        if sure.contains(where: { plain.contains($0) }) { return true }
        let isLikely =
            likelyNames.contains(plain) || likelyEnds.contains { plain.hasSuffix($0) }
            || likely.contains { plain.contains($0) }
        return isLikely && looksSecret(value)
    }

    /// A word of a list's fields or of a protocol has no digit, and is short.
    package static func looksSecret(_ value: String) -> Bool {
        value.utf8.count >= longBytes || value.utf8.count >= minimumBytes && value.utf8.contains(where: \.isASCIIDigit)
    }
}
