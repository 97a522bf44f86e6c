/// A time zone as a value: how far its clocks are from UTC, at every instant.
///
/// Local times that are not plain: where clocks go forward, some are skipped; where they go back, some come twice
/// (`resolve`).
package struct CalendarRule: Hashable, Sendable {
    /// As configured: `Europe/Zurich`.
    package let name: String
    /// Unix times at which the offset changes, ascending, and the offsets from then on.
    private let transitions: [Int64]
    private let offsets: [Int]
    private let firstOffset: Int
    /// After the last transition; `nil`: the last offset stays.
    private let rule: POSIXZone?

    package static let utc = CalendarRule(name: "UTC", offset: 0)

    /// A zone that never changes, `offset` seconds east of UTC (cut to 26 hours).
    package init(name: String, offset: Int) {
        let most = POSIXZone.greatestOffset - 1
        self.init(name: name, transitions: [], offsets: [], firstOffset: min(max(offset, -most), most), rule: nil)
    }

    /// From the bytes of a file of the time zone database, `/usr/share/zoneinfo/…`.
    package init(name: String, tzif bytes: some Collection<UInt8>) throws(TZifError) {
        let file = try TZif(Array(bytes))
        self.init(
            name: name,
            transitions: file.transitions,
            offsets: file.offsets,
            firstOffset: file.firstOffset,
            rule: file.footer
        )
    }

    /// From a rule as the `TZ` variable writes it: `CET-1CEST,M3.5.0,M10.5.0/3`; `nil` if it is not one.
    package init?(name: String, posix: String) {
        guard let rule = POSIXZone(posix.utf8) else { return nil }
        self.init(name: name, transitions: [], offsets: [], firstOffset: rule.standard, rule: rule)
    }

    private init(name: String, transitions: [Int64], offsets: [Int], firstOffset: Int, rule: POSIXZone?) {
        self.name = name
        self.transitions = transitions
        self.offsets = offsets
        self.firstOffset = firstOffset
        self.rule = rule
    }

    /// Seconds east of UTC.
    package func offset(at instant: Instant) -> Int {
        offset(at: instant.seconds)
    }

    /// What a clock of this zone shows.
    package func civilTime(at instant: Instant) -> CivilTime {
        CivilTime(instant, offset: offset(at: instant))
    }

    /// When clocks of this zone show a time.
    package func resolve(_ civil: CivilTime) -> LocalMoment {
        resolve(civil.secondsSinceEpoch).map { second in
            CivilTime(secondsSinceEpoch: second, nanosecond: civil.nanosecond).instant()
        }
    }

    /// Reads a date that an API writes in this zone's local time; a zone in the text wins. A skipped time is the
    /// moment of the change, of a time that comes twice it is the first.
    package func instant(iso8601 text: some StringProtocol) -> Instant? {
        guard let read = ISO8601(text) else { return nil }
        return read.offset == nil ? resolve(read.civil).first : read.instant
    }

    func offset(at seconds: Int64) -> Int {
        guard let last = transitions.last, seconds <= last || rule == nil else {
            return rule?.offset(at: seconds) ?? firstOffset
        }
        let index = transitions.partitionPoint { $0 > seconds }
        return index == 0 ? firstOffset : offsets[index - 1]
    }

    /// `local` and the results are whole seconds since the epoch, on the zone's clock and in UTC.
    ///
    /// The offsets a day before and after are the ones that can apply: two changes within two days are not looked for.
    func resolve(_ local: Int64) -> LocalMatch<Int64> {
        let before = offset(at: local - CalendarRule.reach)
        let after = offset(at: local + CalendarRule.reach)
        let early = local - Int64(before)
        let late = local - Int64(after)
        switch (offset(at: early) == before, offset(at: late) == after) {
        case (true, true): return early == late ? .once(early) : .twice(min(early, late), max(early, late))
        case (true, false): return .once(early)
        case (false, true): return .once(late)
        case (false, false): return .skipped(until: change(from: late, to: early, offset: before))
        }
    }

    /// No offset is further from UTC than this, in seconds.
    private static let reach = Int64(POSIXZone.greatestOffset)

    /// The first second after `low` at which `offset` no longer applies; it does at `low`, not at `high`.
    private func change(from low: Int64, to high: Int64, offset: Int) -> Int64 {
        var (low, high) = (min(low, high), max(low, high))
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if self.offset(at: middle) == offset { low = middle } else { high = middle }
        }
        return high
    }
}

/// When a local time is: instants, or whatever counts them.
package enum LocalMatch<Time: Sendable & Equatable>: Sendable, Equatable {
    case once(Time)
    /// Clocks go back over it: its two moments in order.
    case twice(Time, Time)
    /// Clocks go forward over it; the moment of the change.
    case skipped(until: Time)

    package var first: Time {
        switch self {
        case .once(let time), .twice(let time, _), .skipped(let time): time
        }
    }

    package var last: Time {
        switch self {
        case .once(let time), .twice(_, let time), .skipped(let time): time
        }
    }

    func map<Other>(_ transform: (Time) -> Other) -> LocalMatch<Other> {
        switch self {
        case .once(let time): .once(transform(time))
        case .twice(let first, let last): .twice(transform(first), transform(last))
        case .skipped(let time): .skipped(until: transform(time))
        }
    }
}

package typealias LocalMoment = LocalMatch<Instant>

extension [Int64] {
    /// How many elements, from the front of an ascending list, come before the first for which the condition holds.
    fileprivate func partitionPoint(_ isBeyond: (Int64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
