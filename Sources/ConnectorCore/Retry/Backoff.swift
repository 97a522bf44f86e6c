/// How long to wait before trying again: exponential, with full jitter, so that callers that failed together do not
/// come back together. With the defaults:
///
/// | failed attempt | wait       |
/// |----------------|------------|
/// | 1              | 0 to 1 s   |
/// | 2              | 0 to 2 s   |
/// | 3              | 0 to 4 s   |
/// | 4              | 0 to 8 s   |
/// | n              | 0 to 2^(n-1) s |
/// | 10 and later   | 0 to 5 min |
public struct Backoff: Sendable, Equatable {
    /// One second.
    public static let defaultBase: Duration = .seconds(1)
    /// Five minutes: as long as the usual interval of a schedule. To wait longer within one run is of no use.
    public static let defaultCeiling: Duration = .seconds(300)

    /// The longest wait after the first failure; it doubles with each.
    public var base: Duration
    /// The longest wait of all.
    public var ceiling: Duration

    /// A backoff from its bounds.
    public init(base: Duration = defaultBase, ceiling: Duration = defaultCeiling) {
        self.base = base
        self.ceiling = ceiling
    }

    /// The longest wait after the `attempt`-th failure, counted from 1.
    package func longest(attempt: Int) -> Duration {
        let base = base.wholeNanoseconds
        let ceiling = ceiling.wholeNanoseconds
        let doublings = max(0, attempt - 1)
        guard base > 0, ceiling > 0 else { return .zero }
        // Compared by halving the ceiling, since doubling the base could overflow.
        return .nanoseconds(base <= ceiling >> doublings ? base << doublings : ceiling)
    }

    /// A uniform share of `longest(attempt:)`.
    package func wait(attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        .nanoseconds(Int64.random(in: 0...longest(attempt: attempt).wholeNanoseconds, using: &generator))
    }
}
