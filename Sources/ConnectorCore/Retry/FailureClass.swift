/// What a failure means for the one who asked: whether to try again, and who can help.
package enum FailureClass: String, Sendable, CaseIterable {
    /// The network or the server stumbled: connection failures, timeouts, 408, 425, most of 5xx. Try again.
    case transient
    /// Too many requests (429). Try again, later.
    case throttled
    /// The server does not accept who we say we are (401). A person has to help, and until then nothing of the connector
    /// is of use.
    case credentials
    /// The server knows who we are, and does not let us do this one thing (403). A person has to help with it; the rest
    /// goes on.
    case forbidden
    /// The endpoint or object is not there, or no longer (404, 410). A person has to help.
    case gone
    /// The server no longer knows the position within the pages. The walk has to begin again, not the request.
    /// Never comes from a status alone: what says so is part of a connector's definition.
    case positionLost
    /// The answer cannot be understood: broken JSON, a missing field, a broken content coding. Often a body that was
    /// cut off, so it is tried again like `transient`.
    case badAnswer
    /// The server understood and said no (any other 4xx), or the request is one we must not send. Same again would be
    /// the same.
    case refused

    /// As an example of a definition writes it.
    package var word: String {
        switch self {
        case .positionLost: "position_lost"
        case .badAnswer: "bad_answer"
        case .transient, .throttled, .credentials, .forbidden, .gone, .refused: rawValue
        }
    }

    /// `nil` for a success (2xx).
    package init?(status: Int) {
        switch status {
        case 200...299: return nil
        case 401: self = .credentials
        case 403: self = .forbidden
        case 404, 410: self = .gone
        case 408, 425: self = .transient
        case 429: self = .throttled
        // Not implemented, HTTP version not supported: it will not be tomorrow either.
        case 501, 505: self = .refused
        // Also what proxies and networks of delivery invent (520 to 530, 598, 599).
        case 500...599: self = .transient
        // A redirect that was not followed is a refusal: where the data is has changed.
        case 300...499: self = .refused
        default: self = .badAnswer
        }
    }

    /// `nil` for a success. A 403 that asks to wait, or comes with a quota that is spent, is a rate limit, whatever its
    /// number says.
    package init?(_ response: TransportResponse, now: Instant) {
        self.init(status: response.status)
        guard self == .forbidden else { return }
        let quota = ServerQuota(status: response.status, headers: response.headers, now: now)
        if quota.retryAfter != nil || quota.remaining == 0 { self = .throttled }
    }

    /// `nil` for a cancelled request: that is our own doing, not a failure.
    package init?(_ error: TransportError) {
        switch error.code {
        case .cancelled: return nil
        case .bodyTooLarge, .badContentEncoding: self = .badAnswer
        case .insecureRefused, .redirectRefused, .badURL, .badRequest: self = .refused
        case .nameNotResolved, .couldNotConnect, .tlsFailed, .connectTimeout, .idleTimeout, .totalTimeout,
            .connectionLost, .busy, .noRoom, .other:
            self = .transient
        }
    }

    /// Whether the same request may succeed when it is sent again.
    package var mayPass: Bool {
        switch self {
        case .transient, .throttled, .badAnswer: true
        case .credentials, .forbidden, .gone, .positionLost, .refused: false
        }
    }

    /// Whether waiting is of no use until someone changes something.
    package var needsPerson: Bool {
        switch self {
        case .credentials, .forbidden, .gone: true
        case .transient, .throttled, .positionLost, .badAnswer, .refused: false
        }
    }

    /// Whether it says that the server is down, and so counts for the `CircuitBreaker`. Any other answer is one.
    package var countsForBreaker: Bool { self == .transient }
}
