/// One list of an API that is kept in step: how to ask for it, and how to read it.
package struct StreamDefinition: Sendable, Equatable {
    package enum Comparison: String, Sendable, CaseIterable {
        /// Byte for byte, but for white space.
        case bytes
        /// The outermost members in any order.
        case members
    }

    package var id: StreamID
    package var method: String
    /// Below the connector's base URL.
    package var path: Template
    package var query: [QueryTemplate]
    package var headers: [QueryTemplate]
    package var body: JSONTemplate?
    /// Path of the records array; empty where the answer itself is the array.
    package var records: [String]
    /// How its answers say that there are none; nil: by an empty list alone.
    package var empty: EmptyRule?
    /// Where an element of the array has the record; empty where the element is the record. `key`, the cursor's fields and
    /// all others of a record are looked for in there.
    package var record: [String] = []
    /// How a record says that it is gone.
    package var deleted: DeletedRule?
    /// One field, or several that identify a record together.
    package var key: [[String]]
    /// How two readings of a record are compared.
    package var comparison: Comparison
    package var paging: PagingRule
    package var cursor: CursorRule?
    package var resync: Duration?
    /// When records that its lists do not show any more are called gone.
    package var deletes = DeleteRule()
    package var feed: FeedRule?
    /// An event feed of the same connector delivers into this stream.
    package var isFeedTarget: Bool
    /// The connector's webhook tells of changes, with a time.
    package var hasTimedEvents = false
    package var schedule: Schedule
    package var sink: String
    /// Which of the definition's models its records are.
    package var model: String?

    package init(
        id: StreamID,
        method: String = "GET",
        path: Template,
        query: [QueryTemplate] = [],
        headers: [QueryTemplate] = [],
        body: JSONTemplate? = nil,
        records: [String] = [],
        key: [[String]] = [["id"]],
        comparison: Comparison = .bytes,
        paging: PagingRule = PagingRule(),
        cursor: CursorRule? = nil,
        resync: Duration? = nil,
        feed: FeedRule? = nil,
        isFeedTarget: Bool = false,
        schedule: Schedule = .every(.seconds(300), jitter: .zero),
        sink: String = "file"
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.records = records
        self.key = key
        self.comparison = comparison
        self.paging = paging
        self.cursor = cursor
        self.resync = resync
        self.feed = feed
        self.isFeedTarget = isFeedTarget
        self.schedule = schedule
        self.sink = sink
    }

    /// The streams that a feed's events lead to; empty for any other stream.
    package var targets: [StreamID] {
        Set(feed?.routes.values.map { $0 } ?? []).sorted().map { StreamID(connector: id.connector, stream: $0) }
    }

    /// Every stream that a run of this one may write into.
    package var writes: [StreamID] { feed == nil ? [id] : [id] + targets }

    /// Every placeholder of its requests.
    package var variables: [String] {
        let filters = (cursor?.lower ?? []) + (cursor?.upper ?? []) + (cursor?.lowerHeaders ?? [])
        let bodies = [body, paging.body, cursor?.lowerBody, cursor?.upperBody].compactMap { $0 }
        let texts = [cursor?.lowerText, cursor?.upperText].compactMap { $0 }
        return path.variables + (query + headers + filters).flatMap(\.value.variables) + bodies.flatMap(\.variables)
            + texts.flatMap(\.variables)
    }
}
