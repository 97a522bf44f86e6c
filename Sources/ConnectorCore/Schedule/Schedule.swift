/// When a stream runs.
package enum Schedule: Sendable, Equatable {
    /// At a fixed pace on the monotonic clock, each run up to `jitter` later than its slot.
    case every(Duration, jitter: Duration)
    /// At wall-clock times of a zone.
    case cron(CronExpression, CalendarRule)

    /// A pace faster than this is taken for it: below, a loop of runs would do nothing but run.
    package static let shortestInterval: Duration = .seconds(1)
    /// A cron slot further ahead of the clock than this, when its run is already over, means that the clock was wrong
    /// and has been set back: count from now on. Smaller steps back wait, so that nothing runs twice.
    static let greatestStepBack: Duration = .seconds(3600)

    /// A point of the schedule's own grid, without jitter: what the next one is counted from.
    package enum Slot: Sendable, Equatable {
        case interval(MonotonicInstant)
        case cron(Instant)
    }

    /// The next run and when the timer is to fire for it.
    package struct Run: Sendable, Equatable {
        package var slot: Slot
        package var due: MonotonicInstant

        package init(slot: Slot, due: MonotonicInstant) {
            self.slot = slot
            self.due = due
        }
    }

    /// The run after that of `previous` (`nil`: the first, which for intervals is at once). Slots that passed meanwhile
    /// are made up for by one run, now; the following ones are on the grid again. `nil`: there is no next run.
    package func next(
        after previous: Slot?,
        wall: Instant,
        monotonic: MonotonicInstant,
        using generator: inout some RandomNumberGenerator
    ) -> Run? {
        switch self {
        case .every(let interval, let jitter):
            let slot = Schedule.intervalSlot(after: previous, every: interval, now: monotonic)
            return Run(slot: .interval(slot), due: slot + .random(upTo: jitter, using: &generator))
        case .cron(let expression, let zone):
            let from = Schedule.cronStart(after: previous, wall: wall)
            guard let time = expression.nextRun(after: from, in: zone) else { return nil }
            return Run(slot: .cron(max(time, wall)), due: monotonic + max(.zero, time - wall))
        }
    }

    /// The same run with its due time read anew. The wall clock can be set and the machine can sleep, so before a cron
    /// run begins, and whenever the clock has jumped, ask again: it is due only if `due` is not later than now.
    package static func refreshed(_ run: Run, wall: Instant, monotonic: MonotonicInstant) -> Run {
        guard case .cron(let time) = run.slot else { return run }
        return Run(slot: run.slot, due: monotonic + max(.zero, time - wall))
    }

    /// One interval on, or the latest slot that has passed: due at once, and the one after it is ahead.
    private static func intervalSlot(
        after previous: Slot?,
        every interval: Duration,
        now: MonotonicInstant
    ) -> MonotonicInstant {
        guard case .interval(let slot) = previous else { return now }
        let interval = max(interval, shortestInterval).wholeNanoseconds
        let passed = max(1, (now - slot).wholeNanoseconds / interval)
        return slot + .nanoseconds(passed * interval)
    }

    private static func cronStart(after previous: Slot?, wall: Instant) -> Instant {
        guard case .cron(let slot) = previous, slot - wall <= greatestStepBack else { return wall }
        return slot
    }
}

extension Duration {
    /// Uniform from zero to `longest`; zero if that is not positive.
    fileprivate static func random(
        upTo longest: Duration,
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        .nanoseconds(Int64.random(in: 0...max(0, longest.wholeNanoseconds), using: &generator))
    }
}
