/// When a cron expression runs next, on the clocks of a zone.
///
/// Where clocks go forward, a run within the skipped time comes at the first minute after it, once. Where they go back,
/// an expression that names hours runs once, at the first of the two moments; one with `*` for the hours means a pace
/// (`*/5 * * * *`) and goes on at it through both.
extension CronExpression {
    /// The longest wait there is: a February 29 on a given day of the week, across a year like 2100 (40 years).
    static let searchedYears = 41

    /// The first run later than `instant`; `nil` if that is beyond what `Instant` reaches.
    package func nextRun(after instant: Instant, in zone: CalendarRule) -> Instant? {
        let after = instant.seconds
        let local = after + Int64(zone.offset(at: after))
        let first = search(from: local, after: after, in: zone, choosing: \.first)
        guard hours.isStar else { return first.flatMap(Instant.init(within:)) }
        // If clocks are about to go back, second moments of local times that are already past are still to come.
        let lower = min(local, after + Int64(zone.offset(at: after + CivilTime.secondsPerDay)))
        let last = search(from: lower, after: after, in: zone, choosing: \.last)
        return [first, last].compactMap(\.self).min().flatMap(Instant.init(within:))
    }

    /// Goes through matching local minutes until the moment of one is later than `after`: at most the two days that a
    /// zone's clocks may be apart from themselves.
    private func search(
        from local: Int64,
        after: Int64,
        in zone: CalendarRule,
        choosing moment: (LocalMatch<Int64>) -> Int64
    ) -> Int64? {
        var from = local.flooredQuotient(by: 60)
        while let match = nextMatch(from: from) {
            let found = moment(zone.resolve(match * 60))
            // Offsets of old times have seconds: the first whole minute after the change.
            let rounded = zone.roundedUpToMinute(found)
            if rounded > after { return rounded }
            from = match + 1
        }
        return nil
    }

    /// The first matching local minute from `start` on, both counted from the epoch.
    private func nextMatch(from start: Int64) -> Int64? {
        var day = Int(start.flooredQuotient(by: CronExpression.minutesPerDay))
        var minute = Int(start - Int64(day) * CronExpression.minutesPerDay)
        let end = day + CronExpression.searchedYears * 366
        while day < end {
            let date = CivilTime.date(daysSinceEpoch: day)
            guard months.contains(date.month) else {
                day += CivilTime.daysInMonth(date.month, year: date.year) - date.day + 1
                minute = 0
                continue
            }
            let weekday = CivilTime.weekday(daysSinceEpoch: day)
            if matches(month: date.month, day: date.day, weekday: weekday), let found = nextMinute(ofDay: minute) {
                return Int64(day) * CronExpression.minutesPerDay + Int64(found)
            }
            day += 1
            minute = 0
        }
        return nil
    }

    private static let minutesPerDay: Int64 = 1440

    /// The first matching minute of a day, from `start` on.
    private func nextMinute(ofDay start: Int) -> Int? {
        if hours.contains(start / 60), let minute = minutes.first(from: start % 60) {
            return start / 60 * 60 + minute
        }
        guard let hour = hours.first(from: start / 60 + 1), let minute = minutes.first(from: 0) else { return nil }
        return hour * 60 + minute
    }
}

extension Instant {
    /// `nil` if it is beyond the reach of an instant.
    fileprivate init?(within seconds: Int64) {
        self.init(seconds: seconds)
        guard self.seconds == seconds else { return nil }
    }
}

extension CalendarRule {
    /// Up to the next second at which this zone's clocks show a whole minute.
    fileprivate func roundedUpToMinute(_ seconds: Int64) -> Int64 {
        let local = seconds + Int64(offset(at: seconds))
        let into = local - local.flooredQuotient(by: 60) * 60
        return into == 0 ? seconds : seconds + 60 - into
    }
}
