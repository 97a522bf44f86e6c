package import ConnectorCore

/// Where records go.
package protocol Sink: Sendable {
    /// Whose position and memory it has; throws where it can't be used.
    var identity: SinkIdentity { get throws(SinkError) }
    /// Prepares a stream's writer at the position that the state acknowledges: what lies beyond it was never
    /// acknowledged and is cut off. Nil for a stream that was never written.
    func open(_ stream: StreamID, at position: SinkPosition?) async throws(SinkError) -> any SinkWriter
    /// Until when the other side made somebody wait (`Retry-After`, a rate limit); it may lie in the past. Nil for a sink
    /// that never waits.
    var heldUntil: MonotonicInstant? { get }
    /// The program ends: what is on its way may arrive, but nothing waits for better times any more.
    func retire()
}

extension Sink {
    package var heldUntil: MonotonicInstant? { nil }
    package func retire() {}
}

/// One stream's way into a sink. Calls come from one run, one at a time, but for `flush`, which may run beside writes.
package protocol SinkWriter: Sendable {
    /// What is there against the position that it was opened at.
    var standing: SinkStanding { get }
    /// Takes whole lines. When it returns, they are on their way; only `flush` makes them durable.
    func write(_ lines: [UInt8]) async throws(SinkError)
    /// Up to where that what was taken so far reaches; nil for a sink without positions.
    var position: SinkPosition? { get async }
    /// Makes what was written before the call durable and says up to where that is; nil for a sink without positions.
    func flush() async throws(SinkError) -> SinkPosition?
    /// The state has this position: what lies before it is delivered for good.
    func acknowledged(_ position: SinkPosition) async throws(SinkError)
    func close() async
}

/// What a sink has, against the state that it was opened with.
package enum SinkStanding: Sendable, Equatable {
    case level
    /// More was acknowledged there: the state is an older one. What is there was kept.
    case ahead
    /// Something was acknowledged there, of which the state knows nothing: it began anew, or is another's.
    case unknown
}

extension SinkWriter {
    package var standing: SinkStanding { .level }
    package func acknowledged(_ position: SinkPosition) async throws(SinkError) {}
    package var position: SinkPosition? { get async { nil } }
}

/// Why records could not be written or made durable.
package struct SinkError: Error, Sendable, Equatable, CustomStringConvertible {
    package var message: String
    package var hint: String

    package init(_ message: String, hint: String) {
        self.message = message
        self.hint = hint
    }

    package var description: String { "\(message); \(hint)" }
}
