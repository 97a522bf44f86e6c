import ConnectorCore

/// Runs every task of a simulated process on one thread. Which of those that can go on is next, its seed decides; time
/// passes when none can.
///
/// `@unchecked Sendable`: confined to the thread that calls `run`; what enqueues from elsewhere is a mistake of the test.
final class VirtualLoop: TaskExecutor, @unchecked Sendable {
    private struct Work {
        var job: UnownedJob
        /// A serial queue keeps its order, and its jobs run isolated to it.
        var queue: VirtualQueue?
    }

    private struct Sleeper {
        var due: Int64
        var continuation: CheckedContinuation<Void, any Error>
    }

    /// More steps than any run of a small world takes: it goes round in circles.
    static let mostSteps = 60_000

    private var ready: [Work] = []
    private var sleepers: [Int: Sleeper] = [:]
    private var lastSleeper = 0
    private var chance: Chance
    /// Nanoseconds; the world's own clock, which others show with a difference.
    private(set) var time: Int64
    /// Asked before every step: false ends the loop's patience, and what runs is to be killed.
    var onStep: () -> Void = {}

    init(seed: UInt64, time: Int64) {
        chance = Chance(seed: seed)
        self.time = time
    }

    enum End {
        case done
        /// Nobody can go on, and nobody waits for time to pass.
        case stuck
        case endless
    }

    /// Runs `body` and everything that it begins.
    func run(_ body: @escaping @Sendable () async -> Void) -> End {
        let before = GlobalJobs.loop
        GlobalJobs.loop = self
        defer { GlobalJobs.loop = before }
        let end = Ending()
        Task.detached {
            await body()
            end.isReached = true
        }
        var steps = 0
        while !end.isReached || !ready.isEmpty {
            steps += 1
            guard steps < Self.mostSteps else { return .endless }
            if !ready.isEmpty {
                step()
            } else if !wakeNext() {
                return .stuck
            }
        }
        return .done
    }

    private final class Ending: @unchecked Sendable {
        // `@unchecked Sendable`: confined to the loop's thread.
        var isReached = false
    }

    private func step() {
        onStep()
        let picked = ready.count == 1 ? 0 : chance.number(0...ready.count - 1)
        let queue = ready[picked].queue
        let index = queue == nil ? picked : ready.firstIndex { $0.queue === queue } ?? picked
        let work = ready.remove(at: index)
        if let queue = work.queue {
            unsafe work.job.runSynchronously(on: queue.asUnownedSerialExecutor())
        } else {
            unsafe work.job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    func enqueue(_ job: consuming ExecutorJob) { add(UnownedJob(job)) }

    func add(_ job: UnownedJob, on queue: VirtualQueue? = nil) { ready.append(Work(job: job, queue: queue)) }

    // MARK: Time

    func pass(_ nanoseconds: Int64) { time += nanoseconds }

    func sleep(_ span: Duration) async throws {
        lastSleeper += 1
        let number = lastSleeper
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                let due = time.addingSaturated(max(span.wholeNanoseconds, 0))
                sleepers[number] = Sleeper(due: due, continuation: continuation)
            }
        } onCancel: {
            sleepers.removeValue(forKey: number)?.continuation.resume(throwing: CancellationError())
        }
    }

    private func wakeNext() -> Bool {
        guard let next = sleepers.min(by: { ($0.value.due, $0.key) < ($1.value.due, $1.key) }) else { return false }
        time = max(time, next.value.due)
        sleepers[next.key] = nil
        next.value.continuation.resume()
        return true
    }
}

/// A serial queue on the loop: what a connector's own Dispatch queue is in the daemon.
final class VirtualQueue: SerialExecutor {
    private let loop: VirtualLoop

    init(_ loop: VirtualLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) { loop.add(UnownedJob(job), on: self) }
}

/// The loop's time as a process shows it.
struct VirtualClocks: Clocks {
    let loop: VirtualLoop
    /// How far the machine's clock is ahead of the source's.
    let skew: Int64

    var now: Instant { Instant(nanoseconds: loop.time + skew) }
    var monotonic: MonotonicInstant { MonotonicInstant(nanoseconds: loop.time) }

    func sleep(for span: Duration) async throws { try await loop.sleep(span) }
}
