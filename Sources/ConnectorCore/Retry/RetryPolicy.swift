/// Whether a failed attempt is made again, and when. The only place where retries are decided.
public struct RetryPolicy: Sendable, Equatable {
    /// Three.
    public static let defaultMaxRetries = 3
    /// The longest `Retry-After` that is obeyed to the letter: a longer one is asked about once an hour.
    package static let longestRetryAfter: Duration = .seconds(3600)

    /// How often one request is tried again after its first attempt.
    public var maxRetries: Int
    /// How long to wait between two tries; a longer `Retry-After` of the server, up to an hour, wins.
    public var backoff: Backoff

    /// A policy from its parts.
    public init(maxRetries: Int = defaultMaxRetries, backoff: Backoff = Backoff()) {
        self.maxRetries = maxRetries
        self.backoff = backoff
    }

    /// - Parameters:
    ///   - attempt: the attempt that failed; the first is 1.
    ///   - retryAfter: what the server asked for; the longer of it and the backoff counts.
    ///   - mayRepeat: the request changes nothing when repeated (idempotent), or the server never saw it.
    ///   - budget: the account's; charged only if the verdict is to retry. Nil: only `maxRetries` bounds them.
    package func verdict(
        for failure: FailureClass,
        attempt: Int,
        retryAfter: Duration?,
        mayRepeat: Bool,
        budget: inout RetryBudget?,
        at now: MonotonicInstant,
        using generator: inout some RandomNumberGenerator
    ) -> RetryVerdict {
        guard failure.mayPass else { return .giveUp(.wouldFailAgain) }
        guard mayRepeat else { return .giveUp(.mayHaveTakenEffect) }
        guard attempt <= maxRetries else { return .giveUp(.attemptsUsed) }
        guard budget?.withdraw(at: now) ?? true else { return .giveUp(.budgetSpent) }
        let asked = min(retryAfter ?? .zero, RetryPolicy.longestRetryAfter)
        return .retry(after: max(asked, backoff.wait(attempt: attempt, using: &generator)))
    }
}

package enum RetryVerdict: Sendable, Equatable {
    case retry(after: Duration)
    case giveUp(Reason)

    package enum Reason: String, Sendable {
        /// The failure is of a kind that the same request meets again.
        case wouldFailAgain
        /// A write that the server may already have carried out.
        case mayHaveTakenEffect
        case attemptsUsed
        /// The account has made too many retries for its number of requests.
        case budgetSpent
    }
}
