/// What readings have shown of a stream's source so far: kept in the stream's row, as JSON.
///
/// A declaration of the definition is trusted only once a reading has shown that the source keeps it, and never again
/// after one has shown that it does not.
package struct StreamEvidence: Sendable, Equatable {
    package enum Trust: String, Sendable {
        case unknown
        case held
        case broken
    }

    /// A complete reading that lacked records which an earlier one had: they are gone once a later run lacks them too.
    package struct Missing: Sendable, Equatable {
        /// The number of that full walk.
        package var generation: Int64
        /// When it began.
        package var since: Instant
        /// It showed no record at all: more likely a fault than a source that lost everything.
        package var isEmpty: Bool

        package init(generation: Int64, since: Instant, isEmpty: Bool = false) {
            self.generation = generation
            self.since = since
            self.isEmpty = isEmpty
        }
    }

    /// Where a list that remembers ties only ended openly.
    package struct Tail: Sendable, Equatable {
        /// The bounds of what lies behind: inclusive, nil for everything, and exclusive.
        package var lower: Int64?
        package var frontier: Int64
    }

    /// Whether lists come as `cursor.order` says.
    package var order = Trust.unknown
    /// New records that came one step further in that order than the record before.
    package var rises = 0
    /// Whether the filter includes the bound that it is given.
    package var filter = Trust.unknown
    /// How much further back is asked than the cursor says, where it does not.
    package var filterReach: Int64 = 0
    /// A cursor value at which no record was found any more: that tells nothing of the filter.
    package var noWitness: Int64?
    /// How often that was so, and whether everything was asked for once.
    package var fruitless = 0
    package var hasAskedAll = false
    /// The filter lets records through that lie below the value asked for: it can't be gone on by.
    package var cannotAnchor = false
    /// Whether a page that says it is the last one is.
    package var declaredEnd = Trust.unknown
    /// Whether a page that is shorter than others is the last one.
    package var shortEnd = Trust.unknown
    /// Two different pages were seen: the server understands positions.
    package var pagesDiffer = false
    /// Hash of the keys of a first and a second page that share nothing, while positions are doubted.
    package var secondPage: UInt64?
    /// A page has named the next one.
    package var namesNext = false
    /// No page comes before the first one that the definition names.
    package var hasNoPageBefore = false
    /// So it was seen once.
    package var sawNoPageBefore = false
    /// The page before the first one had its records, and it was asked what stands behind.
    package var sharedBelow = false
    /// Some of its records came nowhere in the last reading.
    package var lackedBelow = false
    /// The server gives as many records a page as it likes.
    package var ignoresSize = false
    /// Records of the largest page so far.
    package var largestPage = 0
    /// Hash of the keys of the page behind which the list was last seen to end.
    package var endMark: UInt64?
    /// Behind that the whole page came once more.
    package var endRepeated = false
    /// Hash of the records behind which the last run's queries ended without a proof, and how many runs in a row found
    /// another such end.
    package var openEnd: UInt64?
    package var openRuns = 0
    /// The most records that readings from one bound on showed; nil is everything.
    package var seenFrom: Int64?
    package var seenMost: Int64 = 0
    /// What later runs look at before all else.
    package var tails: [Tail] = []
    /// The ties outgrew their bound.
    package var remembersAll = false
    /// All is remembered, but not from the beginning: records below this value were delivered, and may be unknown.
    package var forgotten: Int64?
    /// A record with a readable cursor value has been seen.
    package var hasCursorValues = false
    /// Queries in a row that did not show the record at which they began.
    package var anchorMisses = 0
    /// The end of the last window that was empty.
    package var emptyUntil: Int64?
    /// So many records of the source's total did not come in the last two readings.
    package var totalGap: Int64?
    /// From where that reading began; nil for everything.
    package var gapLower: Int64?
    package var missing: Missing?
    /// A value that the cursor had, and since when, by our clock: it becomes final.
    package var candidate: Int64?
    package var candidateSince: Instant?
    /// A reading that began late enough was seen.
    package var candidateSeen = false
    /// A cursor value that no record can appear behind any more.
    package var final: Int64?
    /// Earlier cursor values, ever sparser: where to go on when clocks went back.
    package var trail: [Int64] = []
    /// When a run last ended with nothing left to read.
    package var completeAt: Instant?
    package var doubts: [Doubt] = []

    package init() {}

    /// Nil, or text of another version: nothing is known.
    package init(encoded: String?) {
        guard let encoded, let value = try? JSONValue(parsing: encoded) else { return }
        order = value["order"]?.string.flatMap(Trust.init(rawValue:)) ?? .unknown
        rises = value["rises"]?.int64.map { Int(clamping: $0) } ?? 0
        filter = value["filter"]?.string.flatMap(Trust.init(rawValue:)) ?? .unknown
        filterReach = value["filter_reach"]?.int64 ?? 0
        noWitness = value["no_witness"]?.int64
        fruitless = value["fruitless"]?.int64.map { Int(clamping: $0) } ?? 0
        hasAskedAll = value["asked_all"]?.bool ?? false
        cannotAnchor = value["cannot_anchor"]?.bool ?? false
        declaredEnd = value["declared_end"]?.string.flatMap(Trust.init(rawValue:)) ?? .unknown
        shortEnd = value["short_end"]?.string.flatMap(Trust.init(rawValue:)) ?? .unknown
        pagesDiffer = value["pages_differ"]?.bool ?? false
        namesNext = value["names_next"]?.bool ?? false
        hasNoPageBefore = value["no_page_before"]?.bool ?? false
        sawNoPageBefore = value["saw_no_page_before"]?.bool ?? false
        sharedBelow = value["shared_below"]?.bool ?? false
        lackedBelow = value["lacked_below"]?.bool ?? false
        ignoresSize = value["ignores_size"]?.bool ?? false
        largestPage = value["largest_page"]?.int64.map { Int(clamping: $0) } ?? 0
        secondPage = value["second_page"]?.string.flatMap { UInt64($0, radix: 16) }
        endMark = value["end_mark"]?.string.flatMap { UInt64($0, radix: 16) }
        endRepeated = value["end_repeated"]?.bool ?? false
        openEnd = value["open_end"]?.string.flatMap { UInt64($0, radix: 16) }
        tails = value["tails"]?.array?.compactMap(Self.tail) ?? []
        openRuns = value["open_runs"]?.int64.map { Int(clamping: $0) } ?? 0
        seenFrom = value["seen_from"]?.int64
        seenMost = value["seen_most"]?.int64 ?? 0
        remembersAll = value["remembers_all"]?.bool ?? false
        forgotten = value["forgotten"]?.int64
        hasCursorValues = value["cursor_values"]?.bool ?? false
        anchorMisses = value["anchor_misses"]?.int64.map { Int(clamping: $0) } ?? 0
        emptyUntil = value["empty_until"]?.int64
        totalGap = value["total_gap"]?.int64
        gapLower = value["gap_lower"]?.int64
        if let generation = value["missing"]?["generation"]?.int64, let since = value["missing"]?["since"]?.int64 {
            let isEmpty = value["missing"]?["is_empty"]?.bool ?? false
            missing = Missing(generation: generation, since: Instant(nanoseconds: since), isEmpty: isEmpty)
        }
        candidate = value["candidate"]?.int64
        candidateSince = value["candidate_since"]?.int64.map { Instant(nanoseconds: $0) }
        candidateSeen = value["candidate_seen"]?.bool ?? false
        final = value["final"]?.int64
        trail = value["trail"]?.array?.compactMap(\.int64) ?? []
        completeAt = value["complete_at"]?.int64.map { Instant(nanoseconds: $0) }
        doubts = value["doubts"]?.array?.compactMap(Self.doubt) ?? []
    }

    private static func tail(_ value: JSONValue) -> Tail? {
        guard let bounds = value.array, bounds.count == 2 else { return nil }
        return bounds[1].int64.map { Tail(lower: bounds[0].int64, frontier: $0) }
    }

    private static func doubt(_ value: JSONValue) -> Doubt? {
        value["kind"]?.string.flatMap(Doubt.Kind.init(rawValue:)).map { Doubt($0, count: value["count"]?.int64) }
    }

    /// Nil where nothing is known.
    package var encoded: String? {
        guard self != StreamEvidence() else { return nil }
        func number(_ value: Int64?) -> JSONValue { value.map { .number(String($0)) } ?? .null }
        return JSONValue.object([
            .init("order", .string(order.rawValue)),
            .init("rises", number(Int64(rises))),
            .init("filter", .string(filter.rawValue)),
            .init("filter_reach", number(filterReach)),
            .init("no_witness", number(noWitness)),
            .init("fruitless", number(Int64(fruitless))),
            .init("asked_all", .bool(hasAskedAll)),
            .init("cannot_anchor", .bool(cannotAnchor)),
            .init("declared_end", .string(declaredEnd.rawValue)),
            .init("short_end", .string(shortEnd.rawValue)),
            .init("pages_differ", .bool(pagesDiffer)),
            .init("names_next", .bool(namesNext)),
            .init("no_page_before", .bool(hasNoPageBefore)),
            .init("saw_no_page_before", .bool(sawNoPageBefore)),
            .init("shared_below", .bool(sharedBelow)),
            .init("lacked_below", .bool(lackedBelow)),
            .init("ignores_size", .bool(ignoresSize)),
            .init("largest_page", number(Int64(largestPage))),
            .init("second_page", secondPage.map { .string(String($0, radix: 16)) } ?? .null),
            .init("end_mark", endMark.map { .string(String($0, radix: 16)) } ?? .null),
            .init("end_repeated", .bool(endRepeated)),
            .init("open_end", openEnd.map { .string(String($0, radix: 16)) } ?? .null),
            .init("open_runs", number(Int64(openRuns))),
            .init("seen_from", number(seenFrom)),
            .init("seen_most", number(seenMost)),
            .init("tails", .array(tails.map { .array([number($0.lower), number($0.frontier)]) })),
            .init("remembers_all", .bool(remembersAll)),
            .init("forgotten", number(forgotten)),
            .init("cursor_values", .bool(hasCursorValues)),
            .init("anchor_misses", number(Int64(anchorMisses))),
            .init("empty_until", number(emptyUntil)),
            .init("total_gap", number(totalGap)),
            .init("gap_lower", number(gapLower)),
            .init("missing", missingEncoded),
            .init("candidate", number(candidate)),
            .init("candidate_since", number(candidateSince?.nanoseconds)),
            .init("candidate_seen", .bool(candidateSeen)),
            .init("final", number(final)),
            .init("trail", .array(trail.map { .number(String($0)) })),
            .init("complete_at", number(completeAt?.nanoseconds)),
            .init(
                "doubts",
                .array(
                    doubts.map {
                        .object([.init("kind", .string($0.kind.rawValue)), .init("count", number($0.count))])
                    }
                )
            ),
        ]).text
    }

    private var missingEncoded: JSONValue {
        guard let missing else { return .null }
        return .object([
            .init("generation", .number(String(missing.generation))),
            .init("since", .number(String(missing.since.nanoseconds))),
            .init("is_empty", .bool(missing.isEmpty)),
        ])
    }

    // MARK: Doubts

    package func doubts(_ kind: Doubt.Kind) -> Bool { doubts.contains { $0.kind == kind } }

    /// Whether the doubt is new.
    mutating func doubt(_ kind: Doubt.Kind, count: Int64? = nil) -> Bool {
        if let index = doubts.firstIndex(where: { $0.kind == kind }) {
            doubts[index].count = count ?? doubts[index].count
            return false
        }
        doubts.append(Doubt(kind, count: count))
        return true
    }

    /// Whether there was one.
    mutating func settle(_ kind: Doubt.Kind) -> Bool {
        guard let index = doubts.firstIndex(where: { $0.kind == kind }) else { return false }
        doubts.remove(at: index)
        return true
    }

    // MARK: Trail

    /// Remembers a cursor value, so that a fraction of each distance back stays: of the values between twice and once
    /// a distance, the newest.
    package mutating func pass(cursor: Int64) {
        guard trail.last != cursor else { return }
        var kept: [Int: Int64] = [:]
        for value in trail where value < cursor {
            let (distance, overflow) = cursor.subtractingReportingOverflow(value)
            let bucket = overflow ? Int64.bitWidth : Int64.bitWidth - distance.leadingZeroBitCount
            kept[bucket] = max(kept[bucket] ?? value, value)
        }
        trail = kept.values.sorted() + [cursor]
    }
}
