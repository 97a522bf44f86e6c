/// Where time is read, and let pass: the machine's, or a test's.
public protocol Clocks: Sendable {
    /// Wall-clock time in UTC.
    var now: Instant { get }
    /// The clock for intervals, see `MonotonicInstant`.
    var monotonic: MonotonicInstant { get }
    /// Lets this much time pass; throws `CancellationError` when the task is cancelled meanwhile. Every wait is one of
    /// these, so that a test's clocks decide how long it takes.
    func sleep(for span: Duration) async throws
}

extension Clocks {
    /// Lets the machine's time pass.
    public func sleep(for span: Duration) async throws { try await Task.sleep(for: span) }
}

/// A small seeded generator (SplitMix64): one seed replays a whole run. Not for secrets.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
