public import ConnectorCore

/// What a request may bear besides its body.
public struct RequestOptions: Sendable {
    /// Parameters behind the `?`, in this order; they are percent-encoded for you.
    public var query: [(name: String, value: String)]
    /// Header fields besides those that the client sets.
    public var headers: TransportHeaders
    /// The same key twice is the same request: with one, a POST is sent again when its answer was lost.
    public var idempotencyKey: String?
    /// Bounds the whole call, waiting for the rate limit and retries included; nil for none.
    public var deadline: Duration?

    /// Nothing besides.
    public init(
        query: [(name: String, value: String)] = [],
        headers: TransportHeaders = [:],
        idempotencyKey: String? = nil,
        deadline: Duration? = nil
    ) {
        self.query = query
        self.headers = headers
        self.idempotencyKey = idempotencyKey
        self.deadline = deadline
    }
}
