package import ConnectorCore
import Glibc

/// The kernel's clocks.
package struct SystemClocks: Clocks {
    package init() {}

    package var now: Instant { Instant(nanoseconds: Self.read(CLOCK_REALTIME)) }

    package var monotonic: MonotonicInstant { MonotonicInstant(nanoseconds: Self.read(CLOCK_MONOTONIC)) }

    /// Cannot fail: both clocks exist on every Linux, and the pointer is ours.
    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
