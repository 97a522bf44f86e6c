/// A point in time: nanoseconds since 1970-01-01T00:00:00Z, UTC, leap seconds ignored (as Unix time does).
/// Reaches from 1677 to 2262; arithmetic saturates at those ends instead of trapping.
public struct Instant: Hashable, Comparable, Sendable {
    /// Since 1970-01-01T00:00:00Z; negative before it.
    public var nanoseconds: Int64

    /// An instant from its parts.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// An instant from its parts.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        nanoseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Whole seconds since the epoch, rounded towards the past.
    public var seconds: Int64 {
        nanoseconds.flooredQuotient(by: 1_000_000_000)
    }

    /// Of a program that uses Foundation: `Instant(timeIntervalSince1970: date.timeIntervalSince1970)`. A `Double` of today
    /// tells quarters of a microsecond apart. What lies beyond the ends is cut there, and what is no number is the epoch.
    public init(timeIntervalSince1970 seconds: Double) {
        guard seconds.magnitude < 9_223_372_036 else {
            let end: Int64 = seconds < 0 ? .min : .max
            self.init(nanoseconds: seconds.isNaN ? 0 : end)
            return
        }
        let whole = seconds.rounded(.down)
        let fraction = Int64(((seconds - whole) * 1e9).rounded())
        self.init(nanoseconds: Instant(seconds: Int64(whole)).nanoseconds.addingSaturated(fraction))
    }

    /// As Foundation counts: `Date(timeIntervalSince1970: instant.timeIntervalSince1970)`.
    public var timeIntervalSince1970: Double {
        let remainder = nanoseconds % 1_000_000_000
        return Double(seconds) + Double(remainder < 0 ? remainder + 1_000_000_000 : remainder) / 1e9
    }

    /// Whether it is the earlier one.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// So much later; cut at the ends.
    public static func + (instant: Instant, span: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.addingSaturated(span.wholeNanoseconds))
    }

    /// So much earlier; cut at the ends.
    public static func - (instant: Instant, span: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.addingSaturated(-span.wholeNanoseconds))
    }

    /// How long it is from the right one to the left one.
    public static func - (left: Instant, right: Instant) -> Duration {
        .nanoseconds(left.nanoseconds) - .nanoseconds(right.nanoseconds)
    }
}

extension Instant: CustomStringConvertible {
    /// ISO 8601 in UTC.
    public var description: String { iso8601() }
}

/// A reading of a clock that never jumps and stands still while the machine sleeps (`CLOCK_MONOTONIC`):
/// what intervals, timeouts and rate limits are measured on. Its zero has no meaning.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Since whatever its zero is.
    public var nanoseconds: Int64

    /// A reading.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Earlier.
    public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// So much later; cut at 292 years.
    public static func + (instant: MonotonicInstant, span: Duration) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: instant.nanoseconds.addingSaturated(span.wholeNanoseconds))
    }

    /// How long it is from one to the other.
    public static func - (left: MonotonicInstant, right: MonotonicInstant) -> Duration {
        .nanoseconds(left.nanoseconds) - .nanoseconds(right.nanoseconds)
    }
}

extension Duration {
    /// Nanoseconds, saturated at ±292 years.
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? -Int64.max : .max }
        return product.addingSaturated(attoseconds / 1_000_000_000)
    }

    /// Seconds of a configuration, to the nanosecond. A day is the most that makes sense; beyond it `Duration` would still
    /// hold, but nobody waits.
    package init(boundedSeconds seconds: Double) {
        let bounded = min(max(seconds.isFinite ? seconds : 0, 0), 86_400)
        self = .nanoseconds(Int64((bounded * 1e9).rounded()))
    }

    /// Seconds as a floating-point number, for figures shown to people.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension Int64 {
    package func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The quotient rounded towards negative infinity; `divisor` is positive.
    package func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return (self % divisor != 0 && self < 0) ? quotient - 1 : quotient
    }
}
