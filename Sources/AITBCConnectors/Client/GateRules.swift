package import ConnectorCore

/// How an account's gate meets failures.
package struct GateRules: Sendable {
    /// What counts as a failure of a server.
    package enum Counting: Sendable {
        /// Each attempt: many streams ask one server, and each of them has retries of its own.
        case attempts
        /// Each call whose retries did not help either.
        case calls
    }

    /// Bounds retries besides the policy; nil: nothing does.
    package var budget: RetryBudget?
    /// As it is in the beginning; nil: no server is ever left alone.
    package var breaker: CircuitBreaker?
    package var counting: Counting
    /// An answer of 429 slows all down that share the gate.
    package var slowsDown: Bool

    package init(budget: RetryBudget?, breaker: CircuitBreaker?, counting: Counting, slowsDown: Bool) {
        self.budget = budget
        self.breaker = breaker
        self.counting = counting
        self.slowsDown = slowsDown
    }

    /// The daemon's: its streams share what a server bears, for years, with nobody looking.
    package static let daemon = GateRules(
        budget: RetryBudget(),
        breaker: CircuitBreaker(),
        counting: .attempts,
        slowsDown: false
    )

    /// A program's: retries are what it asked for.
    package static func program(
        budget: RetryBudget? = nil,
        breaker: CircuitBreaker? = CircuitBreaker()
    ) -> GateRules {
        GateRules(budget: budget, breaker: breaker, counting: .calls, slowsDown: true)
    }
}
