package import ConnectorCore
import Synchronization

/// What all connectors of one account share: the rate limit, the circuit breaker, and the retry budget. A source
/// counts requests by account, so they are held back by account.
package final class AccountGate: Sendable {
    private struct State {
        var bucket: TokenBucket
        var breaker = CircuitBreaker()
        var budget = RetryBudget()
        var generator: any RandomNumberGenerator & Sendable
        /// Why the server counted as down the last time.
        var trouble = ""
        /// When the longest rest between two tries ends, or ended.
        var restEnd: MonotonicInstant?
    }

    /// Tokens a second where the connector names no limit: none in practice, but pauses still work.
    private static let unlimited = 1_000_000.0

    private let state: Mutex<State>
    private let waits: EndableWaits
    private let clocks: any Clocks

    /// `generator` spreads retries.
    package init(
        rate: Double?,
        burst: Double?,
        clocks: any Clocks,
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.clocks = clocks
        waits = EndableWaits(clocks)
        let rate = rate ?? Self.unlimited
        state = Mutex(State(bucket: TokenBucket(rate: rate, burst: burst), generator: generator))
    }

    /// Why a request is not sent.
    package enum Refusal: Error, Sendable, Equatable {
        case cancelled
        /// The server has failed so often in a row that it is left alone for this long.
        case resting(Duration, cause: String)
    }

    /// Returns when the caller may send its one request: after its turn in the rate limit. While the circuit is open
    /// nobody waits: a run that stood here would keep others from theirs. `observer` hears of the wait.
    package func admit(_ observer: (any WaitObserver)? = nil) async throws(Refusal) {
        let reservation = state.withLock { $0.bucket.reserve(at: clocks.monotonic) }
        while let wait = state.withLock({ $0.bucket.wait(for: reservation, at: clocks.monotonic) }) {
            observer?.waitBegan()
            defer { observer?.waitEnded() }
            guard await hasWaited(wait) else {
                state.withLock { $0.bucket.giveBack(reservation) }
                throw .cancelled
            }
        }
        try state.withLock { (state) throws(Refusal) in
            guard case .wait(let span) = state.breaker.admit(at: clocks.monotonic) else { return }
            state.bucket.giveBack(reservation)
            throw .resting(span, cause: state.trouble)
        }
    }

    /// The program ends: nobody waits for another try any more, nor for the end of a pause that the server asked for.
    package func retire() { waits.end() }

    /// Between two tries. Throws when the task is cancelled, or the gate retired.
    func rest(for span: Duration) async throws {
        let end = clocks.monotonic + span
        state.withLock { $0.restEnd = max($0.restEnd ?? end, end) }
        try await waits.wait(span)
    }

    /// Until when the server asked everybody to wait; it may lie in the past.
    package var pauseEnd: MonotonicInstant { state.withLock { $0.bucket.pauseEnd } }

    /// Until when somebody waits here, whatever for; it may lie in the past.
    package var lastWaitEnd: MonotonicInstant {
        state.withLock { max($0.bucket.pauseEnd, $0.bucket.lastSlot, $0.restEnd ?? $0.bucket.pauseEnd) }
    }

    /// A turn in the rate limit comes soon, so that is waited for also at the end.
    private func hasWaited(_ span: Duration) async -> Bool {
        do {
            try await waits.wait(span)
            return true
        } catch {
            guard !Task.isCancelled, state.withLock({ $0.bucket.pauseLeft(at: clocks.monotonic) }) == nil else {
                return false
            }
        }
        do {
            try await clocks.sleep(for: span)
            return true
        } catch {
            return false
        }
    }

    /// An answer came: whatever it says, the server is there. Returns how long its quota asks to pause, if at all.
    package func answered(_ response: HTTPResponse) -> Duration? {
        let pause = ServerQuota(status: response.status, headers: response.headers, now: clocks.now).pause
        state.withLock { state in
            let now = clocks.monotonic
            let failure = FailureClass(status: response.status)
            if failure == nil { state.budget.succeeded() }
            let isDown = failure?.countsForBreaker ?? false
            if isDown {
                state.breaker.failed(at: now)
                state.trouble = "status \(response.status)"
            } else {
                state.breaker.succeeded(at: now)
            }
            if let pause { state.bucket.pause(until: now + pause, at: now) }
        }
        return pause
    }

    package func unreachable(_ cause: String) {
        state.withLock { state in
            state.breaker.failed(at: clocks.monotonic)
            state.trouble = cause
        }
    }

    /// Begins anew with a server that counted as down.
    package func forgetTrouble() { state.withLock { $0.breaker = CircuitBreaker() } }

    package func abandoned() {
        state.withLock { $0.breaker.abandoned(at: clocks.monotonic) }
    }

    /// Whether a failed try is made again.
    package func verdict(_ policy: RetryPolicy, _ failure: SyncFailure, attempt: Int) -> RetryVerdict {
        verdict(policy, failure.kind, retryAfter: failure.retryAfter, attempt: attempt, mayRepeat: true)
    }

    /// The same for a call that may not be safe to repeat.
    func verdict(_ policy: RetryPolicy, _ failure: CallFailure, attempt: Int, mayRepeat: Bool) -> RetryVerdict {
        let retryAfter = failure.error.retryAfter
        return verdict(policy, failure.kind, retryAfter: retryAfter, attempt: attempt, mayRepeat: mayRepeat)
    }

    private func verdict(
        _ policy: RetryPolicy,
        _ kind: FailureClass,
        retryAfter: Duration?,
        attempt: Int,
        mayRepeat: Bool
    ) -> RetryVerdict {
        state.withLock { state in
            policy.verdict(
                for: kind,
                attempt: attempt,
                retryAfter: retryAfter,
                mayRepeat: mayRepeat,
                budget: &state.budget,
                at: clocks.monotonic,
                using: &state.generator
            )
        }
    }

    /// A reload changed the limit; what was promised is kept.
    package func update(rate: Double?, burst: Double?) {
        state.withLock { $0.bucket.update(rate: rate ?? Self.unlimited, burst: burst, at: clocks.monotonic) }
    }
}
