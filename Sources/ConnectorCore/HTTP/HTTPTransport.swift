/// The seam between those who decide what to ask and the engine that asks it.
///
/// Contract: one call is one attempt (no retries inside, so that retries are counted in one place); any HTTP status
/// is an answer, not an error; cancelling the calling task stops the transfer; safe to call from any task.
package protocol HTTPTransport: Sendable {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse
}

/// Why no answer came. Carries no header, body or secret.
package struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case nameNotResolved
        case couldNotConnect
        case tlsFailed
        case connectTimeout
        case idleTimeout
        case totalTimeout
        case connectionLost
        case bodyTooLarge
        case badContentEncoding
        case redirectRefused
        case insecureRefused
        case badURL
        case cancelled
        case other
    }

    package var code: Code
    /// What happened in the library's own words, for the log.
    package var message: String
    /// Whether the request may have reached the server: decides if a write may be sent again.
    package var mayHaveBeenSent: Bool

    package init(_ code: Code, _ message: String, mayHaveBeenSent: Bool) {
        self.code = code
        self.message = message
        self.mayHaveBeenSent = mayHaveBeenSent
    }

    package var description: String { message }
}
