/// A complete answer: status, fields, and the body with its content coding removed.
public struct TransportResponse: Sendable, Equatable {
    /// The HTTP status.
    public var status: Int
    /// Sent in this order.
    public var headers: TransportHeaders
    /// The bytes; nil for none.
    public var body: [UInt8]
    /// Where the answer came from, behind redirects; nil where the transport does not say.
    public var url: String?

    /// A response from its parts.
    public init(status: Int, headers: TransportHeaders = [:], body: [UInt8] = [], url: String? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.url = url
    }
}
