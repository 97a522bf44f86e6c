import ConnectorCore
import Dispatch

/// The one timer of the daemon: fires on the supervisor's queue when the earliest due time has come.
/// Confined to that queue.
final class Scheduler {
    private let timer: any DispatchSourceTimer
    private let clocks: any Clocks

    /// `onDue` runs on `queue`.
    init(queue: DispatchQueue, clocks: any Clocks, onDue: @escaping @Sendable () -> Void) {
        self.clocks = clocks
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler(handler: onDue)
        timer.schedule(deadline: .distantFuture)
        timer.activate()
    }

    deinit {
        timer.cancel()
    }

    /// Replaces the timer's time; nil for none. The leeway lets the kernel wake the machine once for several.
    func set(_ due: MonotonicInstant?) {
        guard let due else {
            timer.schedule(deadline: .distantFuture)
            return
        }
        let wait = max(0, (due - clocks.monotonic).wholeNanoseconds)
        timer.schedule(deadline: .now() + .nanoseconds(Int(wait)), leeway: .milliseconds(20))
    }
}
