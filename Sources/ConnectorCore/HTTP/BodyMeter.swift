/// Counts an answer's bytes while they come.
package protocol BodyMeter: Sendable {
    /// Whether there is room for a body of so many bytes; where there is none, the answer is not read any further.
    func holds(_ bytes: Int) -> Bool
}

/// An engine that asks for room while an answer comes. One that does not is none the worse: bodies have their limit.
package protocol MeteredTransport: HTTPTransport {
    func send(_ request: TransportRequest, meter: (any BodyMeter)?) async throws(TransportError) -> TransportResponse
}
