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
    /// More was acknowledged here than the position says that it was opened at: the state is an older one, or began
    /// anew. What is there was kept.
    var isAhead: Bool { get }
    /// Takes whole lines. When it returns, they are on their way; only `flush` makes them durable.
    func write(_ lines: [UInt8]) async throws(SinkError)
    /// Up to where that what was taken so far reaches; nil for a sink without positions.
    var position: SinkPosition? { get async }
    /// Makes what was written before the call durable and says up to where that is; nil for a sink without positions.
    func flush() async throws(SinkError) -> SinkPosition?
    func close() async
}

extension SinkWriter {
    package var isAhead: Bool { false }
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
