/// The seam between those who decide what to ask and the engine that asks it.
///
/// Contract: one call is one attempt (no retries inside, so that retries are counted in one place); any HTTP status
/// is an answer, not an error; cancelling the calling task stops the transfer; safe to call from any task.
public protocol HTTPTransport: Sendable {
    /// Sends one request and gives its answer, whatever its status. Throws ``TransportError/Code/cancelled`` where the calling
    /// task was cancelled.
    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse
}

/// Why no answer came. Carries no header, body or secret.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable {
        /// DNS knows no such host, or gave no answer.
        case nameNotResolved
        /// Nobody listens there, or something on the way refuses.
        case couldNotConnect
        /// The handshake failed, or the server's certificate is not to be trusted.
        case tlsFailed
        /// No connection within ``TransportLimits/connectTimeout``.
        case connectTimeout
        /// Not one byte for ``TransportLimits/idleTimeout``.
        case idleTimeout
        /// No complete answer within ``TransportLimits/totalTimeout``.
        case totalTimeout
        /// The connection ended before the answer was complete.
        case connectionLost
        /// The answer is larger than ``TransportLimits/maximumBodyBytes``.
        case bodyTooLarge
        /// The answer is not compressed as it says.
        case badContentEncoding
        /// The server leads to another origin, or round in a circle.
        case redirectRefused
        /// Plain HTTP to another machine, which was not allowed.
        case insecureRefused
        /// The URL can't be read.
        case badURL
        /// A method or header that can't be sent.
        case badRequest
        /// As many requests are under way as the engine takes.
        case busy
        /// Other answers hold all the memory that there is for them.
        case noRoom
        /// The calling task was cancelled, or the engine closed.
        case cancelled
        /// Anything else; the message says what.
        case other

        /// As the SDK's errors spell it: `CONNECT_TIMEOUT`, `BAD_URL`.
        package var name: String {
            var name = ""
            for character in rawValue {
                if character.isUppercase, name.last?.isLowercase == true { name += "_" }
                name.append(character)
            }
            return name.uppercased()
        }
    }

    /// The kind of failure.
    public var code: Code
    /// What happened in the library's own words, for the log.
    public var message: String
    /// Whether the request may have reached the server: decides if a write may be sent again.
    public var mayHaveBeenSent: Bool

    /// A transport error from its parts.
    public init(_ code: Code, _ message: String, mayHaveBeenSent: Bool) {
        self.code = code
        self.message = message
        self.mayHaveBeenSent = mayHaveBeenSent
    }

    /// As it is shown to people.
    public var description: String { message }
}
