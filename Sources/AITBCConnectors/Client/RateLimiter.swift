import ConnectorCore
import CurlTransport

/// Holds requests back so that an account's limit is never passed; with it the circuit breaker and the budget of
/// retries, which belong to the account as well. Clients that are given the same one share it.
///
/// A token bucket: after a quiet time `burst` requests go at once, then `rate` a second. The server's own
/// `X-RateLimit-…` and `Retry-After` headers slow it down further. Waiting callers are served in their order.
public final class RateLimiter: Sendable {
    package let gate: AccountGate

    /// - Parameters:
    ///   - rate: requests a second; nil for no limit of ours.
    ///   - burst: requests at once after a quiet time; twice the rate where nil.
    public convenience init(rate: Double?, burst: Double? = nil) {
        self.init(gate: AccountGate(rate: rate, burst: burst, clocks: SystemClocks()))
    }

    package init(gate: AccountGate) {
        self.gate = gate
    }
}
