import ConnectorCore
import Synchronization

typealias Answer = Result<TransportResponse, TransportError>

/// One attempt on its way to the curl thread; a class, since it is handed on several times.
final class Job: Sendable {
    let id: UInt64
    let request: TransportRequest
    /// Asked before more of the answer is taken.
    let meter: (any BodyMeter)?
    let target: RequestTarget
    /// Where the handshake is noted.
    let handshakes: Handshakes?
    /// Off for origins that mislabel their answers, see `PlainOrigins`.
    let decodes: Bool
    let deadline: ContinuousClock.Instant
    let continuation: CheckedContinuation<Answer, Never>

    init(
        id: UInt64,
        request: TransportRequest,
        meter: (any BodyMeter)?,
        target: RequestTarget,
        handshakes: Handshakes?,
        decodes: Bool,
        deadline: ContinuousClock.Instant,
        continuation: CheckedContinuation<Answer, Never>
    ) {
        self.id = id
        self.request = request
        self.meter = meter
        self.target = target
        self.handshakes = handshakes
        self.decodes = decodes
        self.deadline = deadline
        self.continuation = continuation
    }
}

/// Where tasks leave work for the curl thread. Bounded by the number of unfinished jobs.
final class Inbox: Sendable {
    enum Command: Sendable {
        case start(Job)
        case cancel(UInt64)
    }

    /// What the curl thread does next.
    enum Batch {
        case work([Command])
        case stop([Command])
    }

    private enum Phase {
        case open
        case closing
        case closed
    }

    private struct State {
        var phase = Phase.open
        var commands: [Command] = []
        /// The thread waits in its poll, or is about to: what comes has to wake it.
        var isResting = false
        var unfinished = 0
        var nextID: UInt64 = 0
        var pings: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var closeWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let multi: MultiHandle
    private let capacity: Int

    init(multi: MultiHandle, capacity: Int) {
        self.multi = multi
        self.capacity = capacity
    }

    func makeID() -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    /// Accepts the job, or says why not.
    func submit(_ job: Job) -> TransportError? {
        state.withLock { state in
            guard state.phase == .open else { return .shutDown }
            guard state.unfinished < capacity else {
                return TransportError(.busy, "\(capacity) requests are under way already", mayHaveBeenSent: false)
            }
            state.unfinished += 1
            post(.start(job), &state)
            return nil
        }
    }

    /// Harmless when the job is finished, or cancelled twice.
    func cancel(_ id: UInt64) {
        state.withLock { state in
            guard state.phase == .open else { return }
            post(.cancel(id), &state)
        }
    }

    /// The curl thread has answered one job.
    func finished() {
        state.withLock { $0.unfinished -= 1 }
    }

    /// Called by the curl thread once per round; this is what a ping waits for.
    func take() -> Batch {
        let (batch, pings) = state.withLock { state -> (Batch, [CheckedContinuation<Bool, Never>]) in
            defer {
                state.commands = []
                state.pings = [:]
                state.isResting = false
            }
            let batch = state.phase == .open ? Batch.work(state.commands) : Batch.stop(state.commands)
            return (batch, Array(state.pings.values))
        }
        for ping in pings { ping.resume(returning: true) }
        return batch
    }

    /// Whether nothing is waiting for the thread. From then on, until it takes the next batch, whatever comes wakes it.
    func mayRest() -> Bool {
        state.withLock { state in
            guard state.phase == .open, state.commands.isEmpty, state.pings.isEmpty else { return false }
            state.isResting = true
            return true
        }
    }

    /// Only one command needs the wake-up: the thread takes all.
    private func post(_ command: Command, _ state: inout State) {
        state.commands.append(command)
        guard state.isResting else { return }
        state.isResting = false
        multi.wake()
    }
}

// MARK: - Pings

extension Inbox {
    func ping(_ id: UInt64, _ continuation: CheckedContinuation<Bool, Never>) {
        let accepted = state.withLock { state in
            guard state.phase == .open else { return false }
            state.pings[id] = continuation
            multi.wake()
            return true
        }
        if !accepted { continuation.resume(returning: false) }
    }

    /// The time is up, unless the thread has answered already.
    func abandonPing(_ id: UInt64) {
        state.withLock { $0.pings.removeValue(forKey: id) }?.resume(returning: false)
    }
}

// MARK: - Closing

extension Inbox {
    /// Asks the thread to end.
    func close() {
        state.withLock { state in
            guard state.phase == .open else { return }
            state.phase = .closing
            multi.wake()
        }
    }

    /// Resumes once the thread has ended.
    func closed(_ continuation: CheckedContinuation<Void, Never>) {
        let isClosed = state.withLock { state in
            if state.phase != .closed { state.closeWaiters.append(continuation) }
            return state.phase == .closed
        }
        if isClosed { continuation.resume() }
    }

    /// The thread's last word: nobody wakes the multi handle after this.
    func sealed(_ release: () -> Void) {
        let waiters = state.withLock { state in
            state.phase = .closed
            release()
            defer { state.closeWaiters = [] }
            return state.closeWaiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

extension TransportError {
    static var shutDown: TransportError {
        TransportError(.cancelled, "the HTTP engine has been shut down", mayHaveBeenSent: false)
    }
}
