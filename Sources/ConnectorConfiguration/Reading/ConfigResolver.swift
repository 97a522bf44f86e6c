package import ConnectorCore

/// What reading a configuration needs from the outside: secrets and time zones. The daemon's implementation reads
/// files; tests answer from tables.
package protocol ConfigResolver {
    func secret(_ source: SecretReference) throws(ConfigResolverError) -> Secret
    /// The TZif bytes of a zone such as `Europe/Zurich`.
    func timeZone(_ name: String) throws(ConfigResolverError) -> CalendarRule
}

/// What a secret may hold.
package enum SecretForm: Sendable {
    /// A key, a token, a password: one line.
    case line
    /// A key in PEM.
    case text
}

/// Why something outside the file could not be had; never holds a secret.
package struct ConfigResolverError: Error, Sendable, Equatable {
    package var problem: String
    package var remedy: String

    package init(_ problem: String, _ remedy: String) {
        self.problem = problem
        self.remedy = remedy
    }
}
