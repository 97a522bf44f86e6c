import CCurl
import ConnectorCore

/// A result code of libcurl, reduced to what we decide by.
struct CurlFailure: Equatable {
    enum Kind: Equatable {
        case nameNotResolved
        case couldNotConnect
        case tlsFailed
        case timedOut
        case connectionLost
        case badContentEncoding
        case badURL
        case other
    }

    let kind: Kind
    /// libcurl's own general words, used when the handle's error buffer says nothing.
    let text: String

    init(_ code: CURLcode) {
        kind = Self.kind(of: code)
        text = unsafe String(cString: curl_easy_strerror(code))
    }

    init(_ code: CURLMcode) {
        kind = .other
        text = unsafe String(cString: curl_multi_strerror(code))
    }

    /// The error a caller sees. `sent`: the request had begun to leave, so a failure of the connection is a loss.
    func transportError(detail: String, sent: Bool) -> TransportError {
        let words = detail.isEmpty ? text : detail
        return TransportError(code(sent: sent), words, mayHaveBeenSent: sent)
    }

    private func code(sent: Bool) -> TransportError.Code {
        switch kind {
        case .nameNotResolved: .nameNotResolved
        case .couldNotConnect: .couldNotConnect
        case .tlsFailed: .tlsFailed
        // libcurl itself only watches the connection phase; see `Deadlines` for the others.
        case .timedOut: sent ? .idleTimeout : .connectTimeout
        // Before the request, only a proxy or the handshake can break off.
        case .connectionLost: sent ? .connectionLost : .couldNotConnect
        case .badContentEncoding: .badContentEncoding
        case .badURL: sent ? .other : .badURL
        case .other: .other
        }
    }

    private static func kind(of code: CURLcode) -> Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotResolved
        case CURLE_COULDNT_CONNECT, CURLE_PROXY: .couldNotConnect
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            .connectionLost
        case CURLE_BAD_CONTENT_ENCODING: .badContentEncoding
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badURL
        default: tlsCodes.contains(code.rawValue) ? .tlsFailed : .other
        }
    }

    private static let tlsCodes: Set<UInt32> = [
        CURLE_SSL_CONNECT_ERROR.rawValue, CURLE_PEER_FAILED_VERIFICATION.rawValue, CURLE_SSL_CERTPROBLEM.rawValue,
        CURLE_SSL_CIPHER.rawValue, CURLE_SSL_CACERT_BADFILE.rawValue, CURLE_SSL_ISSUER_ERROR.rawValue,
        CURLE_SSL_ENGINE_INITFAILED.rawValue, CURLE_SSL_INVALIDCERTSTATUS.rawValue, CURLE_SSL_CLIENTCERT.rawValue,
        CURLE_USE_SSL_FAILED.rawValue,
    ]
}
