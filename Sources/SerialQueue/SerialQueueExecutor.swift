import ConnectorCore
package import Dispatch

/// Lets an actor run on a serial Dispatch queue of its own, so that blocking calls into C (an fsync, say) hold up that
/// queue and never a thread of Swift's cooperative pool. (`DispatchSerialQueue`, which is an executor by itself, does
/// not exist on Linux.)
package final class SerialQueueExecutor: SerialExecutor {
    package let queue: DispatchQueue

    /// `label` names the queue in debuggers and crash reports.
    package init(label: String) {
        queue = DispatchQueue(label: label)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Runs `work` on the queue, behind what is there already. It may use the actor's `assumeIsolated`.
    package func schedule(_ work: @escaping @Sendable () -> Void) {
        queue.async(execute: work)
    }

    /// Runs `work` on the queue, later.
    package func schedule(after span: Duration, _ work: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(span.wholeNanoseconds)), execute: work)
    }

    package func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
