import ConnectorCore
import Testing

struct RetryPolicyTests {
    private func verdict(
        _ failure: FailureClass = .transient,
        attempt: Int = 1,
        retryAfter: Duration? = nil,
        mayRepeat: Bool = true,
        budget: RetryBudget? = RetryBudget()
    ) -> RetryVerdict {
        var generator = SeededGenerator(seed: 1)
        var budget = budget
        return RetryPolicy().verdict(
            for: failure,
            attempt: attempt,
            retryAfter: retryAfter,
            mayRepeat: mayRepeat,
            budget: &budget,
            at: MonotonicInstant(nanoseconds: 0),
            using: &generator
        )
    }

    @Test(arguments: [FailureClass.transient, .throttled, .badAnswer])
    func `what may pass is tried again within the backoff`(failure: FailureClass) throws {
        guard case .retry(let wait) = verdict(failure, attempt: 3) else {
            Issue.record("gave up")
            return
        }
        #expect(wait >= .zero && wait <= .seconds(4))
    }

    @Test(arguments: [FailureClass.credentials, .gone, .refused, .positionLost])
    func `what would fail again is not`(failure: FailureClass) {
        #expect(verdict(failure, retryAfter: .seconds(1)) == .giveUp(.wouldFailAgain))
    }

    @Test func `three retries, then no more`() {
        #expect(verdict(attempt: 4) == .giveUp(.attemptsUsed))
        #expect(verdict(attempt: 3) != .giveUp(.attemptsUsed))
    }

    @Test func `a write that may have taken effect is not repeated`() {
        #expect(verdict(mayRepeat: false) == .giveUp(.mayHaveTakenEffect))
    }

    @Test func `a spent budget ends retries`() {
        #expect(verdict(budget: RetryBudget(share: 0, reserve: 0)) == .giveUp(.budgetSpent))
    }

    @Test(arguments: [(10, 10), (3600, 3600), (86_400, 3600)])
    func `a longer Retry-After wins, up to an hour`(asked: Int, waited: Int) {
        #expect(verdict(.throttled, retryAfter: .seconds(asked)) == .retry(after: .seconds(waited)))
    }

    @Test func `a shorter Retry-After does not cut the backoff`() {
        #expect(verdict(attempt: 3, retryAfter: .zero) == verdict(attempt: 3))
    }

    @Test func `only a retry costs budget`() {
        var budget: RetryBudget? = RetryBudget(reserve: 1)
        var generator = SeededGenerator(seed: 1)
        for failure in [FailureClass.gone, .transient, .transient] {
            _ = RetryPolicy().verdict(
                for: failure,
                attempt: failure == .transient ? 1 : 9,
                retryAfter: nil,
                mayRepeat: true,
                budget: &budget,
                at: MonotonicInstant(nanoseconds: 0),
                using: &generator
            )
        }
        #expect(budget?.retriesLeft == 0)
    }
}
