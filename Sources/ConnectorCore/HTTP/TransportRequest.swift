/// One request as the transport sends it: everything is already resolved, nothing is a template.
public struct TransportRequest: Sendable, Equatable {
    /// `GET`, `POST`, ….
    public var method: String
    /// Absolute, percent-encoded.
    public var url: String
    /// Sent in this order.
    public var headers: TransportHeaders
    /// The bytes; nil for none.
    public var body: [UInt8]?
    /// Bounds in time and size.
    public var limits: TransportLimits
    /// `http://` to a host that is not loopback is refused unless this is set (`allow_insecure` of a connector).
    public var allowInsecure: Bool
    /// PEM files for connectors that authenticate by TLS client certificate, or bring their own CA.
    public var tls: TLSFiles {
        get { files?.files ?? TLSFiles() }
        set { files = newValue == TLSFiles() ? nil : Box(newValue) }
    }

    package var hasFiles: Bool { files != nil }

    /// A request is handed on a dozen times, and most have no files: one reference costs less than five texts.
    private var files: Box?

    private final class Box: Sendable, Equatable {
        let files: TLSFiles

        init(_ files: TLSFiles) {
            self.files = files
        }

        static func == (left: Box, right: Box) -> Bool { left === right || left.files == right.files }
    }

    /// A request from its parts.
    public init(
        method: String = "GET",
        url: String,
        headers: TransportHeaders = [:],
        body: [UInt8]? = nil,
        limits: TransportLimits = TransportLimits(),
        allowInsecure: Bool = false,
        tls: TLSFiles = TLSFiles()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
        self.allowInsecure = allowInsecure
        self.tls = tls
    }
}

/// Bounds of one request.
public struct TransportLimits: Sendable, Equatable {
    /// Until the connection and its TLS handshake stand.
    public var connectTimeout: Duration
    /// Without one byte in either direction.
    public var idleTimeout: Duration
    /// From start to last byte.
    public var totalTimeout: Duration
    /// Of the decoded body. A page of an API is a few MB at most; beyond this something is wrong with the answer.
    public var maximumBodyBytes: Int

    /// A set of limits from its parts.
    public init(
        connectTimeout: Duration = .seconds(10),
        idleTimeout: Duration = .seconds(30),
        totalTimeout: Duration = .seconds(300),
        maximumBodyBytes: Int = 64 << 20
    ) {
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.totalTimeout = totalTimeout
        self.maximumBodyBytes = maximumBodyBytes
    }
}

/// Paths of PEM files; all optional.
public struct TLSFiles: Sendable, Equatable {
    /// The client's certificate.
    public var certificate: String?
    /// Its private key.
    public var key: String?
    /// What the key is encrypted with.
    public var keyPassphrase: Secret?
    /// Who signs the server's certificate, where it is not one of the system's.
    public var certificateAuthority: String?
    /// The oldest version that is spoken.
    public var minimum = TLSVersion.tls12

    /// A set of TLS files from its parts.
    public init(
        certificate: String? = nil,
        key: String? = nil,
        keyPassphrase: Secret? = nil,
        certificateAuthority: String? = nil,
        minimum: TLSVersion = .tls12
    ) {
        self.minimum = minimum
        self.keyPassphrase = keyPassphrase
        self.certificate = certificate
        self.key = key
        self.certificateAuthority = certificateAuthority
    }
}

/// A version of TLS (RFC 8996 has ended those before); the raw value is its name in configuration.
public enum TLSVersion: String, Sendable, CaseIterable {
    /// RFC 5246.
    case tls12 = "1.2"
    /// RFC 8446.
    case tls13 = "1.3"
}
