/// What `SyncMachine` needs to know of a stream: the rules, none of the templates and paths.
package struct SyncPlan: Sendable, Equatable {
    /// What the state remembers of delivered records.
    package enum Memory: String, Sendable {
        /// Only those within reach of the next walk. Enough where pages are keysets in the cursor's order.
        case ties
        /// Every record, by hash: for lists without order, drifting pages, deletions and event feeds.
        case all
    }

    package var stream: StreamID
    package var paging: PagingRule
    package var cursor: CursorRule?
    /// Walk everything again after this long, to see silent changes and deletions.
    package var resync: Duration?
    /// Records are events that carry other streams' records.
    package var isFeed: Bool
    /// Another stream's feed delivers into this one.
    package var isFeedTarget: Bool
    /// When what is missing is called gone.
    package var deletes = DeleteRule()
    /// Events of a webhook change the same records, and say by a time how new they are.
    package var hasTimedEvents = false
    package var base: URLReference

    package init(
        stream: StreamID,
        paging: PagingRule,
        cursor: CursorRule?,
        resync: Duration? = nil,
        isFeed: Bool = false,
        isFeedTarget: Bool = false,
        base: URLReference
    ) {
        self.stream = stream
        self.paging = paging
        self.cursor = cursor
        self.resync = resync
        self.isFeed = isFeed
        self.isFeedTarget = isFeedTarget
        self.base = base
    }

    /// Whether the next page of a walk may be asked for by the cursor value reached, once it is known that the list
    /// comes by it.
    package var canAnchor: Bool {
        guard let cursor else { return false }
        return (paging.anchor == .cursor || positionMoves) && cursor.order == .ascending && cursor.filtersLower
    }

    /// A record that is found again by its key may have moved to the end of an ascending list meanwhile; all between
    /// would be skipped. Only a list paged by the field that it ascends by has no such gap.
    var positionMoves: Bool {
        guard let cursor, cursor.order == .ascending, paging.style == .afterLast, let field = paging.field else {
            return false
        }
        return !cursor.fields.contains(field)
    }

    /// Whether what happens at the source while it is read may move records from one page to another.
    package var mayShift: Bool { paging.mayShift || positionMoves }

    /// What of the source's records is remembered, after what was seen of it.
    package func memory(_ evidence: StreamEvidence = StreamEvidence()) -> Memory {
        guard let cursor, resync == nil, !isFeed, !isFeedTarget, !mayShift, cursor.filtersLower else { return .all }
        if evidence.remembersAll || evidence.order == .broken { return .all }
        switch cursor.order {
        case .ascending: return .ties
        case .descending: return cursor.filtersUpper ? .ties : .all
        case .none: return .all
        }
    }
}

extension StreamDefinition {
    package func plan(base: URLReference) -> SyncPlan {
        var plan = SyncPlan(
            stream: id,
            paging: paging,
            cursor: cursor,
            resync: resync,
            isFeed: feed != nil,
            isFeedTarget: isFeedTarget,
            base: base
        )
        plan.hasTimedEvents = hasTimedEvents
        plan.deletes = deletes
        return plan
    }
}

/// What a person asked of one run.
package struct SyncOptions: Sendable, Equatable {
    /// Walk everything, whatever the cursor says.
    package var full: Bool
    /// Begin here instead of at the cursor, in the cursor's unit.
    package var since: Int64?
    /// Deliver the deletions that were held back.
    package var acceptsDeletes: Bool

    package init(full: Bool = false, since: Int64? = nil, acceptsDeletes: Bool = false) {
        self.full = full
        self.since = since
        self.acceptsDeletes = acceptsDeletes
    }
}

/// Bounds of a run.
package struct SyncLimits: Sendable, Equatable {
    /// A checkpoint is due after so many bytes went to the sink: bounds what a crash repeats reading.
    package var checkpointBytes: Int64 = 16 << 20
    /// … of a feed, whose walk is one checkpoint where it can be: what a server can have written that nothing holds.
    package var feedBytes: Int64 = 1 << 30
    /// … or after this long, so that slow sources are checkpointed page by page.
    package var checkpointInterval: Duration = .milliseconds(250)
    /// … or after so many remembered records, which bounds memory.
    package var checkpointRecords = 12_000
    /// Ties remembered at once: beyond this the lookback is too long for the source's rate of change.
    package var ties = 100_000
    /// Walks of one run: a source that changes faster than it is read is continued by the next run.
    package var passes = 10
    /// Times a walk is begun again because the source lost its position, before the run fails.
    package var restarts = 3
    /// Empty pages in a row, each with the promise of another: some servers filter after they have cut their pages.
    package var emptyPages = 100
    /// New records that came one step further in the declared order, before that is relied on: any other order shows so
    /// many by chance once in 360,000 readings.
    package var rises = 8
    /// Deletions delivered at a time.
    package var deleteBatch = 500

    package init() {}
}
