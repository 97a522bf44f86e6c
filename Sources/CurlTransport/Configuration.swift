extension CurlTransport {
    /// Bounds of one engine.
    package struct Configuration: Sendable {
        /// Sockets of the whole process; well below the usual limit of 1,024 descriptors.
        package var maximumConnections = 100
        /// To one host; more than this looks like an attack to many APIs.
        package var maximumConnectionsPerHost = 25
        /// Requests accepted and not yet answered; beyond this `send` fails at once instead of queueing without end.
        package var maximumInFlight = 1_024
        /// Of one read. libcurl gets and frees a buffer of this size for each transfer: large for pages, small where answers
        /// are.
        package var readBytes = 512 << 10
        /// Sent unless the request brings its own `User-Agent`.
        package var userAgent = "aitbc-connectord"

        /// Every request goes to this socket file, whatever host its URL names; nil for the network.
        package var unixSocket: String?

        /// Remembers which version of TLS was agreed on with each server, which costs a call for each thing libcurl does.
        package var notesHandshakes = false

        package init() {}
    }
}
