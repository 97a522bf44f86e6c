/// How a stream finds what is new since its last sync. Data of a definition.
package struct CursorRule: Sendable, Equatable {
    package enum Order: String, Sendable, CaseIterable {
        /// Pages come by ascending cursor value: the cursor moves with each durable page.
        case ascending
        /// Newest first: the cursor moves when the whole window was read; a crash resumes inside it.
        case descending
        /// In any order: as descending, and the state remembers every record.
        case none
    }

    /// The first of these fields that is not null is the record's cursor value.
    package var fields: [[String]]
    package var format: CursorFormat
    /// How filters want it, where that differs.
    package var filterFormat: CursorFormat
    package var order: Order
    /// Query parameters that ask for records at or after `${cursor}`; left out while there is no cursor.
    package var lower: [QueryTemplate]
    /// Query parameters that ask for records before `${until}`.
    package var upper: [QueryTemplate]
    /// Headers that ask for records at or after `${cursor}`, such as `If-Modified-Since`.
    package var lowerHeaders: [QueryTemplate] = []
    /// The same for APIs that filter in the body: take the place of `"${lower}"` and `"${upper}"` there.
    package var lowerBody: JSONTemplate?
    package var upperBody: JSONTemplate?
    /// The same for query languages, where filters stand in the middle of a text: take the place of `${lower}` and
    /// `${upper}` there, and nothing does where they do not apply.
    package var lowerText: Template?
    package var upperText: Template?
    /// The longest span that one query may cover, in the cursor's unit; nil for any.
    package var window: Int64?
    /// How far behind the cursor each walk begins again, in the cursor's unit: longer than the source's longest
    /// transaction, since a record's time is often the moment its transaction began.
    package var lookback: Int64
    /// How far behind now the upper bound stays, for sources that show records late.
    package var lag: Int64
    /// The coarsest step of the source's filter, in the cursor's unit.
    package var granularity: Int64
    /// Where a first sync begins; nil for everything.
    package var start: Int64?
    /// A first sync begins now: an event log of changes to what other streams read whole.
    package var startsNow: Bool

    package init(
        fields: [[String]],
        format: CursorFormat,
        filterFormat: CursorFormat? = nil,
        order: Order,
        lower: [QueryTemplate] = [],
        upper: [QueryTemplate] = [],
        lowerBody: JSONTemplate? = nil,
        upperBody: JSONTemplate? = nil,
        window: Int64? = nil,
        lookback: Int64 = 0,
        lag: Int64 = 0,
        granularity: Int64? = nil,
        start: Int64? = nil,
        startsNow: Bool = false
    ) {
        self.fields = fields
        self.format = format
        self.filterFormat = filterFormat ?? format
        self.order = order
        self.lower = lower
        self.upper = upper
        self.lowerBody = lowerBody
        self.upperBody = upperBody
        self.window = window
        self.lookback = lookback
        self.lag = lag
        self.granularity = granularity ?? (filterFormat ?? format).tick
        self.start = start
        self.startsNow = startsNow
    }

    package var filtersLower: Bool { !lower.isEmpty || lowerBody != nil || !lowerHeaders.isEmpty || lowerText != nil }
    package var filtersUpper: Bool { !upper.isEmpty || upperBody != nil || upperText != nil }

    /// The value rounded down to what the filter can express.
    package func floored(_ value: Int64) -> Int64 {
        Self.floored(value, to: granularity)
    }

    static func floored(_ value: Int64, to granularity: Int64) -> Int64 {
        let (step, overflow) = value.flooredQuotient(by: granularity).multipliedReportingOverflow(by: granularity)
        return overflow ? .min : step
    }

    /// The inclusive lower bound of a walk that starts at `cursor`.
    package func reach(behind cursor: Int64) -> Int64 {
        floored(cursor.addingSaturated(-lookback))
    }
}
