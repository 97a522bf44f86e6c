public import ConnectorCore

/// No proof at all.
public struct NoAuth: AuthHandler {
    /// Nothing is needed.
    public init() {}

    /// Adds nothing.
    public func authorize(_ request: inout TransportRequest) {}
}

/// `Authorization: Bearer {token}`.
public struct BearerAuth: AuthHandler {
    private let token: KeyBox

    /// A token that stays until it is replaced.
    public init(token: Secret) {
        self.token = KeyBox(token)
    }

    /// Adds the header.
    public func authorize(_ request: inout TransportRequest) {
        request.headers["Authorization"] = "Bearer " + token.key.reveal()
    }

    /// Requests that begin from now on bear this one, also those of copies.
    public func replace(with token: Secret) throws { try self.token.replace(with: token) }

    /// The token, and the one before, which requests under way may still bear.
    public var secrets: [Secret] { get async { token.keys } }
}

/// `Authorization: Basic …` (RFC 7617).
public struct BasicAuth: AuthHandler {
    private let header: Secret
    private let secret: Secret

    /// A user and a password; the user's name must not hold a colon. Some processors want their key as the name, and an
    /// empty password.
    public init(username: String, password: Secret) {
        secret = password.isEmpty ? Secret(username) : password
        header = Secret("Basic " + Base64Text.text(Array("\(username):\(password.reveal())".utf8)))
    }

    /// Adds the header.
    public func authorize(_ request: inout TransportRequest) {
        request.headers["Authorization"] = header.reveal()
    }

    /// The password, or the name where that is the key.
    public var secrets: [Secret] { get async { [secret, header] } }
}

/// A key in a header of its own.
public struct APIKeyAuth: AuthHandler {
    private let header: String
    private let key: KeyBox

    /// A key that stays until it is replaced, and the header that bears it.
    public init(key: Secret, header: String = "X-API-Key") {
        self.key = KeyBox(key)
        self.header = header
    }

    /// Adds the header.
    public func authorize(_ request: inout TransportRequest) {
        request.headers[header] = key.key.reveal()
    }

    /// Requests that begin from now on bear this one, also those of copies.
    public func replace(with key: Secret) throws { try self.key.replace(with: key) }

    /// The key, and the one before, which requests under way may still bear.
    public var secrets: [Secret] { get async { key.keys } }
}

/// A TLS client certificate.
public struct CertificateAuth: AuthHandler {
    private let files: TLSFiles

    /// Paths of PEM files: certificate, key, and, where the server's is not a public one, its authority.
    public init(_ files: TLSFiles) {
        self.files = files
    }

    /// Names the files to the transport.
    public func authorize(_ request: inout TransportRequest) {
        request.tls.certificate = files.certificate
        request.tls.key = files.key
        request.tls.keyPassphrase = files.keyPassphrase
        request.tls.certificateAuthority = files.certificateAuthority ?? request.tls.certificateAuthority
    }

    /// The key's passphrase.
    public var secrets: [Secret] { get async { files.keyPassphrase.map { [$0] } ?? [] } }
}
