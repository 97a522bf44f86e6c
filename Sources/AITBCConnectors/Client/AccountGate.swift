package import ConnectorCore
import Synchronization

/// What all connectors of one account share: the rate limit, the circuit breakers of its hosts, and the retry budget. A
/// source counts requests by account, so they are held back by account.
package final class AccountGate: Sendable {
    private struct State {
        var bucket: TokenBucket
        var breakers: HostBreakers
        var budget: RetryBudget?
        var pace: AdaptiveRate
        /// What of the pace the bucket has.
        var bucketRate: Double?
        var generator: any RandomNumberGenerator & Sendable
        /// The account's own limit.
        var rate: Double
        var burst: Double?
        /// When the longest rest between two tries ends, or ended.
        var restEnd: MonotonicInstant?
    }

    /// Tokens a second where the connector names no limit: none in practice, but pauses still work.
    private static let unlimited = 1_000_000.0

    private let state: Mutex<State>
    private let rules: GateRules
    private let waits: EndableWaits
    private let clocks: any Clocks

    /// `generator` spreads retries.
    package init(
        rate: Double?,
        burst: Double?,
        rules: GateRules = .daemon,
        clocks: any Clocks,
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.clocks = clocks
        self.rules = rules
        waits = EndableWaits(clocks)
        let limit = rate ?? Self.unlimited
        state = Mutex(
            State(
                bucket: TokenBucket(rate: limit, burst: burst),
                breakers: HostBreakers(rules.breaker),
                budget: rules.budget,
                pace: AdaptiveRate(most: rate),
                generator: generator,
                rate: limit,
                burst: burst
            )
        )
    }

    /// Why a request is not sent.
    package enum Refusal: Error, Sendable, Equatable {
        case cancelled
        /// The server has failed so often in a row that it is left alone for this long.
        case resting(Duration, cause: String)
    }

    /// Returns when the caller may send its one request: after its turn in the rate limit. While the circuit is open
    /// nobody waits: a run that stood here would keep others from theirs. `observer` hears of the wait.
    package func admit(to url: String = "", _ observer: (any WaitObserver)? = nil) async throws(Refusal) {
        let reservation = state.withLock { $0.bucket.reserve(at: clocks.monotonic) }
        while let wait = state.withLock({ $0.bucket.wait(for: reservation, at: clocks.monotonic) }) {
            observer?.waitBegan()
            defer { observer?.waitEnded() }
            guard await hasWaited(wait) else {
                state.withLock { $0.bucket.giveBack(reservation) }
                throw .cancelled
            }
        }
        guard rules.counting == .attempts else { return }
        try state.withLock { (state) throws(Refusal) in
            guard case .resting(let span, let trouble) = state.breakers.begin(url, at: clocks.monotonic) else { return }
            state.bucket.giveBack(reservation)
            throw .resting(span, cause: trouble.cause)
        }
    }

    // MARK: Calls

    enum Start {
        case go
        /// The one call that finds out whether the server is back.
        case probe
        case resting(Duration, HostBreakers.Trouble)
    }

    /// A call begins, with all its attempts.
    func begin(to url: String) -> Start {
        guard rules.counting == .calls else { return .go }
        return state.withLock { $0.breakers.begin(url, at: clocks.monotonic) }
    }

    /// A call has an answer.
    func succeeded(at url: String) {
        guard rules.counting == .calls else { return }
        state.withLock { $0.breakers.succeeded(url, at: clocks.monotonic) }
    }

    /// A call failed, its retries included, or nobody waited for its end: what was seen of the server until then counts
    /// all the same. Nil: nothing was.
    func failed(at url: String, _ failure: CallFailure?) {
        guard rules.counting == .calls else { return }
        state.withLock { state in
            let now = clocks.monotonic
            guard let failure, !failure.isOurs else { return state.breakers.abandoned(url, at: now) }
            guard failure.kind.countsForBreaker else { return state.breakers.succeeded(url, at: now) }
            let trouble = HostBreakers.Trouble(cause: failure.error.message, error: failure.error)
            state.breakers.failed(url, trouble, at: now)
        }
    }

    // MARK: Attempts

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
    package func answered(_ response: TransportResponse, at url: String = "") -> Duration? {
        let pause = ServerQuota(status: response.status, headers: response.headers, now: clocks.now).pause
        state.withLock { state in
            let now = clocks.monotonic
            let failure = FailureClass(status: response.status)
            if failure == nil { state.budget?.succeeded() }
            if rules.counting == .attempts {
                if failure?.countsForBreaker ?? false {
                    state.breakers.failed(url, .init(cause: "status \(response.status)"), at: now)
                } else {
                    state.breakers.succeeded(url, at: now)
                }
            }
            if rules.slowsDown { Self.keepPace(&state, failure, at: now) }
            if let pause { state.bucket.pause(until: now + pause, at: now) }
        }
        return pause
    }

    /// A change of the bucket is worth it from a twentieth on.
    private static let noticeable = 0.05

    private static func keepPace(_ state: inout State, _ failure: FailureClass?, at now: MonotonicInstant) {
        if failure == .throttled { state.pace.refused(at: now) } else { state.pace.answered(at: now) }
        let (rate, former) = (state.pace.rate, state.bucketRate)
        guard rate != former else { return }
        if let rate, let former, abs(rate - former) < Self.noticeable * former { return }
        state.bucketRate = rate
        // One by one: what a slowed server refuses is a burst.
        state.bucket.update(rate: rate ?? state.rate, burst: rate == nil ? state.burst : 1, at: now)
    }

    package func unreachable(_ cause: String, at url: String = "") {
        guard rules.counting == .attempts else { return }
        state.withLock { $0.breakers.failed(url, .init(cause: cause), at: clocks.monotonic) }
    }

    /// Begins anew with servers that counted as down.
    package func forgetTrouble() { state.withLock { $0.breakers.forget() } }

    package func abandoned(at url: String = "") {
        guard rules.counting == .attempts else { return }
        state.withLock { $0.breakers.abandoned(url, at: clocks.monotonic) }
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
        state.withLock { state in
            (state.rate, state.burst) = (rate ?? Self.unlimited, burst)
            (state.pace, state.bucketRate) = (AdaptiveRate(most: rate), nil)
            state.bucket.update(rate: state.rate, burst: burst, at: clocks.monotonic)
        }
    }
}
