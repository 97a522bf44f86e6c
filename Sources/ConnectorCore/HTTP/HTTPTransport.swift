/// The seam between those who decide what to ask and the engine that asks it.
///
/// Contract: one call is one attempt (no retries inside, so that retries are counted in one place); any HTTP status
/// is an answer, not an error; cancelling the calling task stops the transfer; safe to call from any task.
public protocol HTTPTransport: Sendable {
    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse
}

/// Why no answer came. Carries no header, body or secret.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable {
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
        /// A method or header that can't be sent.
        case badRequest
        /// As many requests are under way as the engine takes.
        case busy
        /// Other answers hold all the memory that there is for them.
        case noRoom
        case cancelled
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

    /// A value from its parts.
    public init(_ code: Code, _ message: String, mayHaveBeenSent: Bool) {
        self.code = code
        self.message = message
        self.mayHaveBeenSent = mayHaveBeenSent
    }

    /// As it is shown to people.
    public var description: String { message }
}
