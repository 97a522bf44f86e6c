/// Names of headers and parameters whose value nobody should see.
package enum SecretName {
    /// What is shorter is a word of a protocol: hidden, it would be hidden everywhere.
    private static let minimumBytes = 8

    private static let parts = [
        "apikey", "accesskey", "authkey", "subscriptionkey", "privatekey", "secret", "token", "password", "passwd",
        "passphrase", "authorization", "signature", "credential", "cookie", "sessionid",
    ]
    private static let names: Set<String> = ["key", "auth", "sig", "pwd", "sid"]

    package static func isLong(_ value: String) -> Bool { value.utf8.count >= minimumBytes }

    package static func isOne(_ name: String) -> Bool {
        let plain = name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != "." }
        return names.contains(plain) || parts.contains { plain.contains($0) }
    }
}
