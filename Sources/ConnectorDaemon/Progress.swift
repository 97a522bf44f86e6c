import AITBCConnectors
import ConnectorCore
import Synchronization

/// When a run last got on, and whether it waits. A wait that somebody asked for (the server before another try, the
/// account's rate limit, a sink) is a state of its own: a run that waits is not stuck, and has its whole patience again
/// when the wait is over. Unless it saves meanwhile: sink and state have no turn to wait for, and what waits for memory
/// may wait for just that.
struct Progress: Sendable, Equatable {
    enum Verdict: Sendable, Equatable {
        case stuck
        case fine(lookAgainAfter: Duration)
    }

    /// The connector's `progress_timeout`.
    let patience: Duration
    private var last: MonotonicInstant
    private var waits = 0
    private var isSaving = false

    init(patience: Duration, at now: MonotonicInstant) {
        self.patience = patience
        last = now
    }

    mutating func moved(at now: MonotonicInstant) { last = max(last, now) }

    mutating func waitBegan() { waits += 1 }

    mutating func waitEnded(at now: MonotonicInstant) {
        waits -= 1
        moved(at: now)
    }

    /// Sink or state make something durable.
    mutating func saveBegan(at now: MonotonicInstant) {
        isSaving = true
        moved(at: now)
    }

    mutating func saveEnded(at now: MonotonicInstant) {
        isSaving = false
        moved(at: now)
    }

    /// `heldUntil`: until when the account, or a sink, was asked to wait; it may lie in the past.
    func verdict(heldUntil: MonotonicInstant?, at now: MonotonicInstant) -> Verdict {
        guard waits == 0 || isSaving else { return .fine(lookAgainAfter: patience) }
        let due = max(last, heldUntil ?? last) + patience
        return now < due ? .fine(lookAgainAfter: due - now) : .stuck
    }
}

/// A run's progress, as its tasks report it.
final class ProgressWatch: WaitObserver {
    private let progress: Mutex<Progress>
    private let clocks: any Clocks

    init(patience: Duration, clocks: any Clocks) {
        progress = Mutex(Progress(patience: patience, at: clocks.monotonic))
        self.clocks = clocks
    }

    func moved() { progress.withLock { $0.moved(at: clocks.monotonic) } }

    func waitBegan() { progress.withLock { $0.waitBegan() } }

    func waitEnded() { progress.withLock { $0.waitEnded(at: clocks.monotonic) } }

    func saveBegan() { progress.withLock { $0.saveBegan(at: clocks.monotonic) } }

    func saveEnded() { progress.withLock { $0.saveEnded(at: clocks.monotonic) } }

    func verdict(heldUntil: MonotonicInstant?) -> Progress.Verdict {
        progress.withLock { $0.verdict(heldUntil: heldUntil, at: clocks.monotonic) }
    }

    /// Notices a run in which nothing happens, whatever the reason; until cancelled.
    func guardian(
        heldUntil: @escaping @Sendable () -> MonotonicInstant?,
        onStuck: @escaping @Sendable () -> Void
    ) -> Task<Void, Never> {
        Task { [self] in
            while !Task.isCancelled {
                guard case .fine(let span) = verdict(heldUntil: heldUntil()) else { return onStuck() }
                do {
                    try await clocks.sleep(for: span)
                } catch {
                    // The run is over.
                    return
                }
            }
        }
    }
}
