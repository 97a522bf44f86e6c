/// Keeps retries a small share of all requests of an account: when a server is down, each caller's own three retries
/// would add up to four times the load on it.
///
/// An account of credit: a request that succeeds brings in a share of a retry, a retry costs one. What fails brings in
/// nothing, or retries would pay for each other. A small reserve comes back with time, for accounts that ask rarely.
/// Counted in thousandths of a retry, in whole numbers.
public struct RetryBudget: Sendable, Equatable {
    /// 0.2: one retry for five successes.
    public static let defaultShare = 0.2
    /// Ten: enough for three streams that each use all their retries after a quiet time.
    public static let defaultReserve = 10
    /// What one retry of the reserve takes to come back: the reserve is whole again after a schedule's usual 5 minutes.
    package static let reserveInterval: Duration = .seconds(30)
    /// Hours of good requests must not pay for hundreds of retries within a minute.
    private static let mostSavedRetries = 30

    private static let retry: Int64 = 1000
    private let share: Int64
    private let reserve: Int64
    private var balance: Int64
    private var lastReserve: MonotonicInstant?

    /// A budget that is whole.
    ///
    /// - Parameters:
    ///   - share: of a retry, that each success brings in; cut to 0...1.
    ///   - reserve: retries that are there in the beginning and come back with time, one in 30 seconds; cut to 0...1000.
    public init(share: Double = defaultShare, reserve: Int = defaultReserve) {
        self.share = share > 0 ? Int64(min(share, 1) * Double(RetryBudget.retry) + 0.5) : 0
        self.reserve = Int64(min(max(reserve, 0), 1000)) * RetryBudget.retry
        balance = self.reserve
    }

    /// A request has succeeded: brings in its share.
    package mutating func succeeded() {
        let most = max(reserve, Int64(RetryBudget.mostSavedRetries) * RetryBudget.retry)
        balance = min(balance + share, most)
    }

    /// Takes one retry out; `false`: there is none left.
    package mutating func withdraw(at now: MonotonicInstant) -> Bool {
        refill(at: now)
        guard balance >= RetryBudget.retry else { return false }
        balance -= RetryBudget.retry
        return true
    }

    /// Whole retries left, for `status`.
    package var retriesLeft: Int { Int(balance / RetryBudget.retry) }

    /// Time fills up to the reserve only. Steps are whole retries, with the rest of the time left for the next call.
    private mutating func refill(at now: MonotonicInstant) {
        let last = lastReserve ?? now
        guard balance < reserve, now > last else {
            lastReserve = max(last, now)
            return
        }
        let interval = RetryBudget.reserveInterval.wholeNanoseconds
        let steps = (now - last).wholeNanoseconds / interval
        balance = min(reserve, balance + min(steps, reserve) * RetryBudget.retry)
        lastReserve = last + .nanoseconds(steps * interval)
    }
}

extension RetryBudget: Codable {
    private enum CodingKeys: String, CodingKey {
        case share
        case reserve
    }

    /// `share` and `reserve`, each with its default; a balance begins anew.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            share: try fields.decodeIfPresent(Double.self, forKey: .share) ?? RetryBudget.defaultShare,
            reserve: try fields.decodeIfPresent(Int.self, forKey: .reserve) ?? RetryBudget.defaultReserve
        )
    }

    /// What it was made of.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(Double(share) / Double(RetryBudget.retry), forKey: .share)
        try fields.encode(Int(reserve / RetryBudget.retry), forKey: .reserve)
    }
}
