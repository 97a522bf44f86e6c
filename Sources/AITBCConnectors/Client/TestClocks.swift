public import ConnectorCore
import Synchronization

/// Clocks for tests: time stands still but where somebody waits, and then passes at once: backoffs and rate limits of
/// hours take no time. ``RequestOptions/deadline`` is of the machine's time all the same.
public final class TestClocks: Clocks {
    private let start: Instant
    private let passed = Mutex<Duration>(.zero)

    /// Clocks that stand at a moment.
    public init(now: Instant = Instant(seconds: 1_800_000_000)) {
        start = now
    }

    /// The beginning, and what was waited since.
    public var now: Instant { start + waited }

    /// The same.
    public var monotonic: MonotonicInstant { MonotonicInstant(nanoseconds: 0) + waited }

    /// How long was waited altogether: what a test asks about.
    public var waited: Duration { passed.withLock { $0 } }

    /// Lets time pass without anybody waiting.
    public func advance(by span: Duration) { passed.withLock { $0 += span } }

    /// Waits, and takes no time.
    public func sleep(for span: Duration) async throws {
        try Task.checkCancellation()
        advance(by: span)
        await Task.yield()
    }
}
