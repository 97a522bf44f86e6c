import CCurl
import ConnectorCore

// Everything libcurl is told about one request.
extension EasyHandle {
    /// What a request has in common with most others to its server.
    struct Profile {
        let isEncrypted: Bool
        let isLoopback: Bool
        let connectTimeout: Duration
        /// Nil: none.
        let tls: TLSFiles?
        let decodes: Bool

        init(_ job: Job) {
            isEncrypted = job.target.scheme == "https"
            isLoopback = job.target.isLoopback
            connectTimeout = job.request.limits.connectTimeout
            tls = job.request.hasFiles ? job.request.tls : nil
            decodes = job.decodes
        }

        /// Without making another one: this is on every request's way.
        func fits(_ job: Job) -> Bool {
            isEncrypted == (job.target.scheme == "https") && isLoopback == job.target.isLoopback
                && connectTimeout == job.request.limits.connectTimeout && decodes == job.decodes
                && (tls == nil) == !job.request.hasFiles && (tls == nil || tls == job.request.tls)
        }
    }

    /// A write uses only a connection that was busy a moment ago: common servers close idle ones after 5 s, and a write
    /// lost in that race cannot be repeated.
    private static let maximumIdleSecondsForWrites = 4
    /// Others use what libcurl thinks alive: its own default.
    private static let maximumIdleSeconds = 118
    /// A certificate authority replaced on disk is used after this long.
    private static let authorityCacheSeconds = 300
    /// libcurl reads 0 as its default of 300 s.
    private static let shortestTimeout = 1

    func configure(for transfer: Transfer, _ configuration: CurlTransport.Configuration, _ lists: HeaderLists) {
        let job = transfer.job
        adopt(job) { setUp($0, configuration) }
        setOwner(transfer)
        if job.handshakes != nil { set(CURLOPT_VERBOSE, true) }
        set(CURLOPT_URL, job.target.url)
        setMethod(job.request)
        setHeaders(lists.list(job.request.headers, decodes: job.decodes))
    }

    private func setUp(_ profile: Profile, _ configuration: CurlTransport.Configuration) {
        setCallbacks()
        setConnection(profile)
        setTLS(profile.tls ?? TLSFiles())
        setCoding(decodes: profile.decodes)
        set(CURLOPT_BUFFERSIZE, configuration.readBytes)
        set(CURLOPT_USERAGENT, configuration.userAgent)
        set(CURLOPT_UNIX_SOCKET_PATH, configuration.unixSocket)
    }

    private func setConnection(_ profile: Profile) {
        // A second request waits for the handshake that tells HTTP/2 from 1.1. Without TLS it would wait for the first
        // answer.
        set(CURLOPT_PIPEWAIT, profile.isEncrypted)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, false)
        // What is meant for this machine does not go through a proxy.
        if profile.isLoopback { set(CURLOPT_PROXY, "") }
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        set(CURLOPT_NOSIGNAL, true)
        // Without this, giving up on a name would block the thread, and every transfer, until the resolver returns.
        set(CURLOPT_QUICK_EXIT, true)
        set(CURLOPT_NOPROGRESS, false)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        set(CURLOPT_TCP_KEEPALIVE, true)
        set(CURLOPT_CONNECTTIMEOUT_MS, max(Self.shortestTimeout, profile.connectTimeout.milliseconds))
    }

    private func setTLS(_ files: TLSFiles) {
        set(CURLOPT_SSL_VERIFYPEER, true)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        let oldest = files.minimum == .tls13 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2
        set(CURLOPT_SSLVERSION, Int(oldest))
        set(CURLOPT_CA_CACHE_TIMEOUT, Self.authorityCacheSeconds)
        set(CURLOPT_CAINFO, files.certificateAuthority)
        set(CURLOPT_SSLCERT, files.certificate)
        set(CURLOPT_SSLKEY, files.key)
        // Without one, OpenSSL would ask the terminal for an encrypted key's, and every transfer would wait.
        if files.certificate != nil { set(CURLOPT_KEYPASSWD, files.keyPassphrase?.reveal() ?? "") }
    }

    private func setMethod(_ request: TransportRequest) {
        // Also undoes what the request before was.
        set(CURLOPT_HTTPGET, true)
        if let body = request.body ?? Self.emptyBody(for: request.method) {
            setBody(body)
        }
        if request.method == "HEAD" {
            unset(CURLOPT_CUSTOMREQUEST)
            set(CURLOPT_NOBODY, true)
        } else {
            set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        set(CURLOPT_MAXAGE_CONN, request.isSafe ? Self.maximumIdleSeconds : Self.maximumIdleSecondsForWrites)
    }

    /// These promise a body: without one they say `Content-Length: 0`.
    private static func emptyBody(for method: String) -> [UInt8]? {
        ["POST", "PUT", "PATCH"].contains(method) ? [] : nil
    }

    private func setCoding(decodes: Bool) {
        // "" asks for all that this libcurl decodes.
        set(CURLOPT_ACCEPT_ENCODING, decodes ? "" : "identity")
        set(CURLOPT_HTTP_CONTENT_DECODING, decodes)
    }
}

extension Duration {
    /// Rounded up, so that a timeout never fires early; at most what a C `int` holds.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < Int64(Int32.max) / 1_000 - 1 else { return Int(Int32.max) }
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
