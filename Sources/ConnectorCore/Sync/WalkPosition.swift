/// One reading of a list, from its first page to its last: what a crash resumes.
package struct WalkPosition: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// From the cursor on.
        case incremental
        /// Everything, to see what changed without a trace and what is gone.
        case full
    }

    package var kind: Kind
    /// Inclusive lower filter; nil for everything.
    package var lower: Int64?
    /// Exclusive upper filter, fixed when the walk started; nil where the source has none.
    package var upper: Int64?
    package var position: PagePosition
    /// The source's time when the walk began, as well as it is known: the cursor does not pass it in this walk.
    package var started: Int64?
    /// Highest cursor value seen so far that is not later than it can be trusted, and the lowest.
    package var highest: Int64?
    package var lowest: Int64?
    /// Pages came against the declared order: the cursor must wait for the end.
    package var isUnordered: Bool
    /// Number of this walk within its run, from 1; the closing queries have the higher ones.
    package var pass: Int
    /// Records delivered in this pass.
    package var fresh: Int64
    /// Those among them that had never been seen; only counted within a process.
    package var unknown: Int64 = 0
    /// Records delivered at the lower bound since the current query began.
    package var sweepFresh: Int64
    /// The exclusive end of the current window, where a window cuts the span.
    package var windowEnd: Int64?

    /// Where a walk from the newest to the oldest began again: what is newer was read.
    package var frontier: Int64?
    /// Records on this walk's pages, those that came before included.
    package var seen: Int64 = 0
    /// What it does not show may be there all the same: no ground for calling anything gone.
    package var isPatchy = false
    /// It looks behind the end of an earlier one.
    package var isTail = false
    /// Newest first, a page in the middle began with a new record from above the list's front: what lies between the
    /// lowest value and the highest one was not all read.
    package var hasJumped = false
    /// The records behind which its queries ended without a proof, as one hash.
    package var openEnd: UInt64?

    package init(
        kind: Kind,
        lower: Int64? = nil,
        upper: Int64? = nil,
        position: PagePosition = .first,
        started: Int64? = nil,
        highest: Int64? = nil,
        lowest: Int64? = nil,
        isUnordered: Bool = false,
        pass: Int = 1,
        fresh: Int64 = 0,
        sweepFresh: Int64 = 0,
        windowEnd: Int64? = nil,
        frontier: Int64? = nil
    ) {
        self.kind = kind
        self.lower = lower
        self.upper = upper
        self.position = position
        self.started = started
        self.highest = highest
        self.lowest = lowest
        self.isUnordered = isUnordered
        self.pass = pass
        self.fresh = fresh
        self.sweepFresh = sweepFresh
        self.windowEnd = windowEnd
        self.frontier = frontier
    }

    /// The exclusive upper filter of the query at hand.
    package var queryUpper: Int64? { [frontier, windowEnd ?? upper].compactMap(\.self).min() }

    package var encoded: String {
        func number(_ value: Int64?) -> JSONValue { value.map { .number(String($0)) } ?? .null }
        return JSONValue.object([
            .init("kind", .string(kind.rawValue)),
            .init("lower", number(lower)),
            .init("upper", number(upper)),
            .init("position", position.encoded),
            .init("started", number(started)),
            .init("highest", number(highest)),
            .init("lowest", number(lowest)),
            .init("unordered", .bool(isUnordered)),
            .init("pass", number(Int64(pass))),
            .init("fresh", number(fresh)),
            .init("sweep", number(sweepFresh)),
            .init("window_end", number(windowEnd)),
            .init("frontier", number(frontier)),
            .init("seen", number(seen)),
            .init("patchy", .bool(isPatchy)),
            .init("tail", .bool(isTail)),
            .init("jumped", .bool(hasJumped)),
            .init("open_end", openEnd.map { .string(String($0, radix: 16)) } ?? .null),
        ]).text
    }

    /// Nil for text that this version did not write: the walk then begins again, which costs time but no record.
    package init?(encoded: String) {
        guard let value = try? JSONValue(parsing: encoded),
            let kind = value["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let position = value["position"].flatMap(PagePosition.init(encoded:))
        else { return nil }
        self.init(
            kind: kind,
            lower: value["lower"]?.int64,
            upper: value["upper"]?.int64,
            position: position,
            started: value["started"]?.int64,
            highest: value["highest"]?.int64,
            lowest: value["lowest"]?.int64,
            isUnordered: value["unordered"]?.bool ?? false,
            pass: value["pass"]?.int64.map(Int.init) ?? 1,
            fresh: value["fresh"]?.int64 ?? 0,
            sweepFresh: value["sweep"]?.int64 ?? 0,
            windowEnd: value["window_end"]?.int64,
            frontier: value["frontier"]?.int64
        )
        seen = value["seen"]?.int64 ?? 0
        isPatchy = value["patchy"]?.bool ?? false
        isTail = value["tail"]?.bool ?? false
        hasJumped = value["jumped"]?.bool ?? false
        openEnd = value["open_end"]?.string.flatMap { UInt64($0, radix: 16) }
    }
}
