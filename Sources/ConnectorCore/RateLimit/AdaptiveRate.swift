/// How fast a server that answers "too many requests" (429) lets an account ask: slower at once, faster bit by bit.
///
/// The first refusal takes the rate down to a little less than what was answered within the last second; answers give
/// back a tenth of it a second. Refusals of requests that were on their way before that say nothing new: within a
/// second they lower it no further, and what is answered with the first of them raises it to what the server was seen to
/// bear.
package struct AdaptiveRate: Sendable, Equatable {
    /// Of what was answered, that is asked for from then on.
    private static let share = 0.8
    /// Each answer's part of a request a second: at any rate a tenth more within a second.
    private static let gain = 0.1
    /// Slower than this it asks about nothing.
    private static let slowest = 1.0
    /// Faster than this nothing is held back.
    private static let fastest = 100_000.0
    private static let window = Duration.seconds(1)
    /// Answers to requests of before the first refusal come within that.
    private static let roundTrip = Duration.milliseconds(250)
    /// So long without a refusal, and what was learned is forgotten: who asks seldom gives little back.
    private static let memory = Duration.seconds(60)

    /// Requests a second; nil while nothing was refused.
    package private(set) var rate: Double?
    /// The rate that was allowed before; beyond it the limit is the account's own again.
    private let most: Double
    private var windowStart: MonotonicInstant?
    private var answers = 0
    private var answersBefore = 0
    private var loweredAt: MonotonicInstant?
    private var refusedAt: MonotonicInstant?

    /// `most` is the account's own limit; nil for none.
    package init(most: Double?) {
        self.most = min(most ?? Self.fastest, Self.fastest)
    }

    package mutating func answered(at now: MonotonicInstant) {
        turnWindow(at: now)
        answers += 1
        guard let rate else { return }
        if let refusedAt, now - refusedAt >= Self.memory { return self.rate = nil }
        let seen = isFresh(at: now, Self.roundTrip) ? seen : 0
        let next = max(rate + Self.gain, seen)
        self.rate = next < most ? next : nil
    }

    package mutating func refused(at now: MonotonicInstant) {
        refusedAt = now
        turnWindow(at: now)
        let seen = max(seen, Self.slowest)
        if isFresh(at: now, Self.window), let rate {
            self.rate = isFresh(at: now, Self.roundTrip) ? max(rate, min(seen, most)) : rate
        } else {
            rate = min(rate ?? most, seen, most)
            loweredAt = now
        }
    }

    private var seen: Double { Double(max(answers, answersBefore)) * Self.share }

    private func isFresh(at now: MonotonicInstant, _ span: Duration) -> Bool {
        loweredAt.map { now - $0 < span } ?? false
    }

    private mutating func turnWindow(at now: MonotonicInstant) {
        guard let start = windowStart, now - start < Self.window else {
            let isNext = windowStart.map { now - $0 < Self.window + Self.window } ?? false
            answersBefore = isNext ? answers : 0
            (windowStart, answers) = (now, 0)
            return
        }
    }
}
