import ConnectorCore

/// What a failure's reader can do about it.
enum FailureHint: Sendable {
    /// An operator, who has files to edit, and a daemon that tries again.
    case daemon
    /// A programmer, who has the call.
    case program

    func of(_ kind: FailureClass) -> String {
        switch self {
        case .daemon: Self.daemonHint(kind)
        case .program: Self.programHint(kind)
        }
    }

    func of(_ error: TransportError) -> String {
        switch self {
        case .daemon: Self.daemonHint(error.code)
        case .program: Self.programHint(error.code)
        }
    }

    private static func daemonHint(_ kind: FailureClass) -> String {
        switch kind {
        case .transient: "the server has a problem; the next sync tries again"
        case .throttled: "too many requests: lower rate_limit, or give other users of the account room"
        case .credentials: "check the credential, then reload or restart"
        case .forbidden:
            "the credential is known, and may not do this: give it the permission, then reload; the rest goes on"
        case .gone: "check base_url and the stream's path; the endpoint may have been removed"
        case .positionLost: "the list changed underneath; it is read again"
        case .badAnswer: "the answer is not what the definition expects; the cursor stays where it was"
        case .refused: "check the request's parameters in the definition"
        }
    }

    private static func programHint(_ kind: FailureClass) -> String {
        switch kind {
        case .transient: "the server has a problem, and the retries did not help; try again later"
        case .throttled: "too many requests: set a lower rate limit, or give other users of the account room"
        case .credentials: "check the key, and that it is one of this server's"
        case .forbidden: "the key is known, and may not do this: give it the permission"
        // A call is about one thing, and no list's position.
        case .gone, .positionLost: "check address and path; what was asked for is not there, or no longer"
        case .badAnswer: "the answer can't be understood; check that the address is the API's"
        case .refused: "check what was sent; the same again would be refused again"
        }
    }

    private static func daemonHint(_ code: TransportError.Code) -> String {
        switch code {
        case .nameNotResolved: "check the host in base_url and the machine's DNS"
        case .couldNotConnect, .connectTimeout: "check that the server runs and that firewalls let it through"
        case .tlsFailed: "check the server's certificate, or name its authority in tls.ca_path"
        case .idleTimeout, .totalTimeout: "the server is slow; raise timeout or total_timeout if that is normal"
        case .bodyTooLarge: "ask for smaller pages, or raise max_response_bytes"
        case .insecureRefused: "use https://, or set allow_insecure: true if the network is trusted"
        case .redirectRefused: "set base_url to where the server redirects, if you trust it"
        case .badURL: "correct base_url or the stream's path"
        case .badRequest: "correct the method or the header; nothing was sent"
        case .busy: "send fewer at a time"
        case .noRoom: "ask for smaller pages, or raise page_memory_bytes"
        case .connectionLost, .badContentEncoding, .cancelled, .other: "the next sync tries again"
        }
    }

    private static func programHint(_ code: TransportError.Code) -> String {
        switch code {
        case .nameNotResolved: "check the host in the address and the machine's DNS"
        case .couldNotConnect, .connectTimeout: "check that the server runs and that firewalls let it through"
        case .tlsFailed: "check the server's certificate, or add its authority to those that this machine trusts"
        case .idleTimeout, .totalTimeout: "the server is slow; raise the timeout if that is normal"
        case .bodyTooLarge, .noRoom: "ask for less at a time"
        case .insecureRefused: "use https://; http:// only leads to this machine"
        case .redirectRefused: "use the address that the server redirects to, if you trust it"
        case .badURL: "correct the address or the path"
        case .badRequest: "correct the method or the header; nothing was sent"
        case .busy: "send fewer at a time"
        case .connectionLost, .badContentEncoding, .cancelled, .other: "try again later"
        }
    }
}
