/// Stops asking a server that is down, and lets a single request find out when it is back. One for each account.
///
///     closed ──(threshold failures in a row)──▶ open ──(cool-down over, admit)──▶ halfOpen
///       ▲                                        ▲                                   │
///       └──────────────── succeeded ─────────────┼───────────────────────────────────┤
///                                                └───────── failed, abandoned ───────┘
///
/// Every admitted call reports one outcome. An outcome of a call admitted before the breaker opened may come late:
/// while open it is ignored, while half-open it counts as the probe's, being as fresh.
public struct CircuitBreaker: Sendable, Equatable {
    package enum Admission: Sendable, Equatable {
        case go
        /// The one request that finds out. It has to end in `succeeded`, `failed` or `abandoned`.
        case probe
        /// Ask again after this long.
        case wait(Duration)
    }

    package enum State: Sendable, Equatable {
        /// `failures` in a row so far.
        case closed(failures: Int)
        /// `trips`: how often it has opened since it was last closed.
        case open(until: MonotonicInstant, trips: Int)
        case halfOpen(since: MonotonicInstant, trips: Int)
    }

    /// Five: more than one request with its three retries, so that a single broken page does not stop an account.
    public static let defaultThreshold = 5
    /// 30 seconds.
    public static let defaultCoolDown: Duration = .seconds(30)
    /// Five minutes: a server that is back is noticed within this.
    public static let defaultCeiling: Duration = .seconds(300)
    /// A probe, which is one attempt, that is silent for longer than any may take (`TransportLimits.totalTimeout`, twice) was
    /// forgotten by its caller; the next one takes its place.
    package static let probePatience: Duration = .seconds(600)
    /// How soon to ask again while a probe is under way.
    package static let probeRecheck: Duration = .seconds(1)

    package private(set) var state: State = .closed(failures: 0)
    private let threshold: Int
    private let coolDown: Backoff

    /// A breaker that is closed.
    ///
    /// - Parameters:
    ///   - threshold: failures in a row that open it; at least 1.
    ///   - coolDown: how long the server is left alone the first time; it doubles with each probe that fails.
    ///   - ceiling: the longest that it is left alone.
    public init(
        threshold: Int = defaultThreshold,
        coolDown: Duration = defaultCoolDown,
        ceiling: Duration = defaultCeiling
    ) {
        self.threshold = max(1, threshold)
        self.coolDown = Backoff(base: coolDown, ceiling: ceiling)
    }

    package mutating func admit(at now: MonotonicInstant) -> Admission {
        switch state {
        case .closed:
            return .go
        case .open(let until, _) where now < until:
            return .wait(until - now)
        case .halfOpen(let since, _) where now - since < CircuitBreaker.probePatience:
            return .wait(CircuitBreaker.probeRecheck)
        case .open(_, let trips), .halfOpen(_, let trips):
            state = .halfOpen(since: now, trips: trips)
            return .probe
        }
    }

    /// The server answered, whatever it said, in a way that does not count as down (`FailureClass.countsForBreaker`).
    package mutating func succeeded(at now: MonotonicInstant) {
        switch state {
        case .closed, .halfOpen: state = .closed(failures: 0)
        case .open: break
        }
    }

    package mutating func failed(at now: MonotonicInstant) {
        switch state {
        case .closed(let failures) where failures + 1 < threshold: state = .closed(failures: failures + 1)
        case .closed: open(trips: 1, at: now)
        case .halfOpen(_, let trips): open(trips: trips + 1, at: now)
        case .open: break
        }
    }

    /// The caller of an admitted call gave up before an outcome was known; the next caller probes.
    package mutating func abandoned(at now: MonotonicInstant) {
        if case .halfOpen(_, let trips) = state { state = .open(until: now, trips: trips) }
    }

    private mutating func open(trips: Int, at now: MonotonicInstant) {
        // Capped where it is kept, so that a server down for years cannot overflow it.
        let trips = min(trips, 64)
        state = .open(until: now + coolDown.longest(attempt: trips), trips: trips)
    }
}

extension CircuitBreaker: Codable {
    private enum CodingKeys: String, CodingKey {
        case threshold
        case coolDown = "cool_down"
        case ceiling
    }

    /// `threshold`, and `cool_down` and `ceiling` in seconds, each with its default; closed.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let coolDown = try fields.decodeIfPresent(Double.self, forKey: .coolDown).map(Duration.init(boundedSeconds:))
        let ceiling = try fields.decodeIfPresent(Double.self, forKey: .ceiling).map(Duration.init(boundedSeconds:))
        self.init(
            threshold: try fields.decodeIfPresent(Int.self, forKey: .threshold) ?? CircuitBreaker.defaultThreshold,
            coolDown: coolDown ?? CircuitBreaker.defaultCoolDown,
            ceiling: ceiling ?? CircuitBreaker.defaultCeiling
        )
    }

    /// What it was made of.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(threshold, forKey: .threshold)
        try fields.encode(coolDown.base.inSeconds, forKey: .coolDown)
        try fields.encode(coolDown.ceiling.inSeconds, forKey: .ceiling)
    }
}
