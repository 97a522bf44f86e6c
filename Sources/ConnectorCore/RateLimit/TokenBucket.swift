/// Spaces out the requests of one account. Callers that must wait reserve their slot and are served in that order.
///
/// The promise: in any window of length t, slots for at most `burst + rate · t` tokens begin. It holds across waits,
/// pauses and clock readings out of order, and, from the change on, across changes of the rate, for tokens that are
/// not promised yet.
///
/// Kept is not a count of tokens but the moment at which the bucket would be full again (`full`): a token moves it
/// on by `spacing`, and passing time needs no bookkeeping, so nothing drifts however small the steps of the clock are.
/// All of it is whole nanoseconds; a spacing is rounded up, so that rounding can only make it slower (by less than one
/// part in a million up to 1000 tokens a second).
package struct TokenBucket: Sendable {
    /// A slot in the queue. Not to be spent twice.
    package struct Reservation: Sendable, Equatable {
        fileprivate var slot: MonotonicInstant
        fileprivate var cost: Int64
        fileprivate var number: Int64
        /// The slot before it.
        fileprivate var floor: MonotonicInstant
        /// The bucket's `shift` when the slot was given: pauses since then move the slot.
        fileprivate var shift: Int64
    }

    /// Slower than one token in eleven days is taken for that; keeps the arithmetic far from its ends.
    package static let slowestRate: Double = 1e-6
    /// One token a nanosecond: no limit in practice.
    package static let fastestRate: Double = 1e9
    /// About 36 years: the most that a burst or one call's cost may weigh.
    private static let greatestWeight: Int64 = 1 << 60

    /// Nanoseconds that one token takes to come back.
    private var spacing: Int64
    /// Nanoseconds from empty to full.
    private var capacity: Int64
    private var full: MonotonicInstant
    /// No slot begins before the one given last: keeps the order when clock readings arrive out of order.
    private var floor: MonotonicInstant
    private var pausedUntil: MonotonicInstant
    /// The sum of all pauses, in nanoseconds.
    private var shift: Int64 = 0
    private var lastNumber: Int64 = 0

    /// `rate` is tokens a second. `burst` is how many may begin at once after a quiet time: twice the rate where not
    /// given, since APIs allow short bursts, and at least one, since otherwise nothing could ever begin.
    package init(rate: Double, burst: Double? = nil) {
        (spacing, capacity) = TokenBucket.weigh(rate: rate, burst: burst)
        full = MonotonicInstant(nanoseconds: .min)
        floor = full
        pausedUntil = full
    }

    /// Takes the next slot. Ask `wait(for:at:)` when it begins, and again after having waited: a pause may have come.
    ///
    /// More tokens than `burst` at once begin when the bucket is full and leave a debt, so the rate holds over time.
    package mutating func reserve(_ tokens: Double = 1, at now: MonotonicInstant) -> Reservation {
        let start = max(now, floor, pausedUntil)
        let cost = Int64(clamping: Double(spacing) * max(tokens, 0), to: TokenBucket.greatestWeight)
        let base = max(full, start)
        full = base.advanced(by: cost)
        let slot = max(start, cost > capacity ? base : full.advanced(by: -capacity))
        lastNumber += 1
        defer { floor = slot }
        return Reservation(slot: slot, cost: cost, number: lastNumber, floor: floor, shift: shift)
    }

    /// How long until the slot begins; `nil`: now.
    package func wait(for reservation: Reservation, at now: MonotonicInstant) -> Duration? {
        var slot = reservation.slot.advanced(by: shift - reservation.shift)
        // A caller that came late for its slot has its pause too.
        if shift != reservation.shift { slot = max(slot, pausedUntil) }
        return slot > now ? slot - now : nil
    }

    /// Takes tokens only if they are there now; reserves nothing otherwise.
    package mutating func take(_ tokens: Double = 1, at now: MonotonicInstant) -> Bool {
        var attempt = self
        guard attempt.wait(for: attempt.reserve(tokens, at: now), at: now) == nil else { return false }
        self = attempt
        return true
    }

    /// Gives back the slot of a caller that will not send after all. Only the last slot can be: giving back an earlier
    /// one would let a later caller begin in the middle of those already promised. Others are simply lost.
    package mutating func giveBack(_ reservation: Reservation) {
        guard reservation.number == lastNumber else { return }
        full = full.advanced(by: -reservation.cost)
        floor = reservation.floor.advanced(by: shift - reservation.shift)
        lastNumber -= 1
    }

    /// Nothing begins before `end` (`Retry-After`, a spent quota); slots already given move back by as much, in their
    /// order, and no tokens come back meanwhile. An end before that of a pause under way changes nothing.
    package mutating func pause(until end: MonotonicInstant, at now: MonotonicInstant) {
        let start = max(now, pausedUntil)
        guard end > start else { return }
        let length = (end - start).wholeNanoseconds
        pausedUntil = end
        shift = shift.addingSaturated(length)
        full = full.advanced(by: length)
        if floor > now { floor = floor.advanced(by: length) }
    }

    /// When the last pause ends, or ended.
    package var pauseEnd: MonotonicInstant { pausedUntil }

    /// When the slot given last begins, or began.
    package var lastSlot: MonotonicInstant { floor }

    /// How long a pause still lasts; `nil`: there is none.
    package func pauseLeft(at now: MonotonicInstant) -> Duration? {
        pausedUntil > now ? pausedUntil - now : nil
    }

    /// Changes the limits and grants nothing: the tokens there stay as many (cut to the new burst), and slots already
    /// given keep their time, with the new rate beginning behind the last of them.
    package mutating func update(rate: Double, burst: Double? = nil, at now: MonotonicInstant) {
        let tokens = tokens(at: now)
        let start = max(now, floor, pausedUntil)
        (spacing, capacity) = TokenBucket.weigh(rate: rate, burst: burst)
        let kept = Int64(clamping: max(tokens, 0) * Double(spacing), to: capacity)
        full = start.advanced(by: capacity - kept)
        floor = start
        lastNumber += 1
    }

    /// What is in the bucket, for `status`; negative while callers wait.
    package func tokens(at now: MonotonicInstant) -> Double {
        let missing = max(0, (full - max(now, pausedUntil)).wholeNanoseconds)
        return Double(capacity - missing) / Double(spacing)
    }

    private static func weigh(rate: Double, burst: Double?) -> (spacing: Int64, capacity: Int64) {
        let rate = rate.isNaN ? slowestRate : min(max(rate, slowestRate), fastestRate)
        let burst = max(burst ?? 2 * rate, 1)
        let spacing = Int64(roundingUp: 1e9 / rate)
        return (spacing, max(spacing, Int64(clamping: Double(spacing) * burst, to: greatestWeight)))
    }
}

extension MonotonicInstant {
    fileprivate func advanced(by nanoseconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: self.nanoseconds.addingSaturated(nanoseconds))
    }
}

extension Int64 {
    /// A weight that is not negative, rounded and cut to `most`; not-a-number is the most, the safe side.
    fileprivate init(clamping weight: Double, to most: Int64) {
        self = weight < Double(most) ? Int64(weight + 0.5) : most
    }

    /// In whole numbers, since `rounded(.up)` calls the C library, which the core does not link.
    fileprivate init(roundingUp number: Double) {
        let whole = Int64(number)
        self = Double(whole) < number ? whole + 1 : whole
    }
}
