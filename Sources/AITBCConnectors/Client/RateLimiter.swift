public import ConnectorCore
import CurlTransport
import Synchronization

/// Holds requests back so that an account's limit is never passed; with it the circuit breakers of its servers, which
/// belong to the account as well. Clients that are given the same one share it.
///
/// Tenants have limits of their own: clients with another `tenant_id` never wait for each other.
///
/// A token bucket: after a quiet time `burst` requests go at once, then `rate` a second. The server's own
/// `X-RateLimit-…` and `Retry-After` headers slow it down further. Waiting callers are served in their order.
public final class RateLimiter: Sendable {
    private let rate: Double?
    private let burst: Double?
    private let rules: GateRules
    private let clocks: any Clocks
    /// By tenant; "" for those who name none.
    private let gates = Mutex<[String: AccountGate]>([:])
    private let only: AccountGate?

    /// - Parameters:
    ///   - rate: requests a second, of each tenant; nil for no limit of ours.
    ///   - burst: requests at once after a quiet time; twice the rate where nil.
    ///   - retryBudget: bounds the retries of all; nil: only each call's own policy does.
    ///   - circuitBreaker: when a server is left alone, for all; nil: never.
    ///   - clocks: whose time it lives in: ``TestClocks`` in a test; nil for the machine's.
    public convenience init(
        rate: Double?,
        burst: Double? = nil,
        retryBudget: RetryBudget? = nil,
        circuitBreaker: CircuitBreaker? = CircuitBreaker(),
        clocks: (any Clocks)? = nil
    ) {
        let rules = GateRules.program(budget: retryBudget, breaker: circuitBreaker)
        self.init(rate: rate, burst: burst, rules: rules, clocks: clocks ?? SystemClocks())
    }

    package init(
        rate: Double?,
        burst: Double?,
        rules: GateRules = .program(),
        clocks: any Clocks,
        gate: AccountGate? = nil
    ) {
        (self.rate, self.burst, self.rules, self.clocks) = (rate, burst, rules, clocks)
        only = gate
    }

    /// One limit for all who are given it, whatever tenant they name.
    package convenience init(gate: AccountGate, clocks: any Clocks) {
        self.init(rate: nil, burst: nil, clocks: clocks, gate: gate)
    }

    /// A tenant's own limit: a busy one slows no other down.
    package func gate(of tenant: String?) -> AccountGate {
        if let only { return only }
        return gates.withLock { gates in
            if let gate = gates[tenant ?? ""] { return gate }
            let gate = AccountGate(rate: rate, burst: burst, rules: rules, clocks: clocks)
            gates[tenant ?? ""] = gate
            return gate
        }
    }
}
