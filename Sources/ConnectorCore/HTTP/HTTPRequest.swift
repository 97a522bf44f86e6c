/// One request as the transport sends it: everything is already resolved, nothing is a template.
package struct HTTPRequest: Sendable, Equatable {
    package var method: String
    /// Absolute, percent-encoded.
    package var url: String
    package var headers: HTTPHeaders
    package var body: [UInt8]?
    package var limits: HTTPLimits
    /// `http://` to a host that is not loopback is refused unless this is set (`allow_insecure` of a connector).
    package var allowInsecure: Bool
    /// PEM files for connectors that authenticate by TLS client certificate, or bring their own CA.
    package var tls: TLSFiles

    package init(
        method: String = "GET",
        url: String,
        headers: HTTPHeaders = [:],
        body: [UInt8]? = nil,
        limits: HTTPLimits = HTTPLimits(),
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
package struct HTTPLimits: Sendable, Equatable {
    /// Until the connection and its TLS handshake stand.
    package var connectTimeout: Duration
    /// Without one byte in either direction.
    package var idleTimeout: Duration
    /// From start to last byte.
    package var totalTimeout: Duration
    /// Of the decoded body. A page of an API is a few MB at most; beyond this something is wrong with the answer.
    package var maximumBodyBytes: Int

    package init(
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
package struct TLSFiles: Sendable, Equatable {
    package var certificate: String?
    package var key: String?
    package var certificateAuthority: String?

    package init(certificate: String? = nil, key: String? = nil, certificateAuthority: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.certificateAuthority = certificateAuthority
    }
}
