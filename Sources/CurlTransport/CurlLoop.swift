import ConnectorCore

/// What the curl thread does, and all state only it touches.
///
/// A round: take commands, let libcurl work, hand out answers, enforce deadlines, wait.
final class CurlLoop {
    /// Handles kept for reuse; each holds a few KB.
    private static let maximumIdleHandles = 128
    /// Nothing needs it sooner; it bounds what a lost wake-up could cost.
    private static let longestWait = Duration.seconds(10)

    private let multi: MultiHandle
    private let inbox: Inbox
    private let configuration: CurlTransport.Configuration
    private var active: [EasyHandle.ID: Transfer] = [:]
    private var idleHandles: [EasyHandle] = []
    /// No deadline is earlier; see `expire`.
    private var nextCheck = ContinuousClock.now
    private let clock = RoundClock()
    private let headerLists = HeaderLists()
    private let fieldMemory = FieldMemory()

    init(multi: MultiHandle, inbox: Inbox, _ configuration: CurlTransport.Configuration) {
        self.multi = multi
        self.inbox = inbox
        self.configuration = configuration
    }

    /// Returns when the inbox is closed.
    func run() {
        while case .work(let commands) = nextBatch() {
            clock.read()
            commands.forEach(handle)
            if let failure = multi.perform() { failAll(failure) }
            handOutAnswers()
            // By the round's own time: what moved in it was not idle, however long it took.
            expire(now: clock.now)
            clock.read()
            // What came meanwhile is taken without a wait, and nobody had to wake us for it.
            let wait = inbox.mayRest() ? waitMilliseconds() : 0
            if let failure = multi.poll(milliseconds: wait) { failAll(failure) }
        }
        finish()
    }

    private func nextBatch() -> Inbox.Batch {
        let batch = inbox.take()
        if case .stop(let commands) = batch {
            for case .start(let job) in commands { answer(job, .failure(.shutDown)) }
        }
        return batch
    }

    private func handle(_ command: Inbox.Command) {
        switch command {
        case .start(let job): start(job)
        case .cancel(let id):
            guard let transfer = active.values.first(where: { $0.job.id == id }) else { return }
            end(transfer, transfer.stopped(.cancelled, "the request was cancelled"))
        }
    }

    private func start(_ job: Job) {
        guard let easy = idleHandles.popLast() ?? EasyHandle() else {
            return answer(job, .failure(TransportError(.other, "out of memory", mayHaveBeenSent: false)))
        }
        let transfer = Transfer(job, on: easy, clock: clock, fieldMemory)
        easy.configure(for: transfer, configuration, headerLists)
        active[easy.id] = transfer
        nextCheck = min(nextCheck, deadline(of: transfer, now: clock.now))
        if let failure = easy.failure ?? multi.add(easy) {
            end(transfer, .failure(failure.transportError(detail: "", sent: false)))
        }
    }

    private func handOutAnswers() {
        while let (handle, failure) = multi.nextFinished() {
            guard let transfer = active[handle] else { continue }
            end(transfer, transfer.answer(failure))
        }
    }

    /// Takes the transfer from libcurl (which closes its connection unless it is complete) and answers.
    private func end(_ transfer: Transfer, _ result: Answer) {
        multi.remove(transfer.easy)
        active[transfer.easy.id] = nil
        transfer.easy.clear()
        // After a failure libcurl 7.88 may keep a handle's buffer over a reset and refuse every option of its size.
        if case .success = result, idleHandles.count < Self.maximumIdleHandles { idleHandles.append(transfer.easy) }
        answer(transfer.job, result)
    }

    private func answer(_ job: Job, _ result: Answer) {
        inbox.finished()
        job.continuation.resume(returning: result)
    }

    /// The multi handle itself failed: nothing it holds can be trusted to end.
    private func failAll(_ failure: CurlFailure) {
        for transfer in Array(active.values) {
            end(transfer, .failure(failure.transportError(detail: "", sent: transfer.mayHaveBeenSent)))
        }
    }

    private func finish() {
        for transfer in Array(active.values) {
            end(transfer, transfer.stopped(.cancelled, TransportError.shutDown.message))
        }
        idleHandles = []
        inbox.sealed { multi.close() }
    }
}

// MARK: - Deadlines
//
// Ours and not libcurl's: `CURLOPT_LOW_SPEED_TIME` counts whole seconds and a speed, not silence; and one total spans
// redirects and the wait for a connection. Only the connect timeout is libcurl's, which shares it among addresses.

extension CurlLoop {
    /// Looks at every transfer, but only when the earliest deadline may have come. Activity only moves deadlines later.
    private func expire(now: ContinuousClock.Instant) {
        guard now >= nextCheck else { return }
        for transfer in Array(active.values) { expire(transfer, now: now) }
        nextCheck = active.values.map { deadline(of: $0, now: now) }.min() ?? now + Self.longestWait
    }

    private func expire(_ transfer: Transfer, now: ContinuousClock.Instant) {
        let limits = transfer.job.request.limits
        if now >= transfer.job.deadline {
            end(transfer, transfer.stopped(.totalTimeout, "no complete answer within \(limits.totalTimeout)"))
        } else if let idle = transfer.idleDeadline, now >= idle {
            end(transfer, transfer.stopped(.idleTimeout, "not one byte for \(limits.idleTimeout)"))
        }
    }

    /// A request not yet sent cannot fall idle before a whole idle timeout has passed.
    private func deadline(of transfer: Transfer, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        min(transfer.job.deadline, transfer.idleDeadline ?? now + transfer.job.request.limits.idleTimeout)
    }

    private func waitMilliseconds() -> Int32 {
        let wait = min(nextCheck - clock.now, Self.longestWait)
        return Int32(max(0, wait.milliseconds))
    }
}
