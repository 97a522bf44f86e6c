/// How an event log's entries carry other streams' records. Data of a definition.
package struct FeedRule: Sendable, Equatable {
    /// The record inside the event.
    package var object: [String]
    /// Its key, inside the event.
    package var key: [String]
    /// The event's type: what it concerns, a dot, what happened (`customer.subscription.updated`).
    package var type: [String]
    /// By what an event concerns (`customer.subscription`): the stream it belongs to.
    package var routes: [String: String]
    /// Event types that say that the record is gone; `*`: all of them do.
    package var deletes: Set<String>

    package init(
        object: [String],
        key: [String],
        type: [String],
        routes: [String: String],
        deletes: Set<String>
    ) {
        self.object = object
        self.key = key
        self.type = type
        self.routes = routes
        self.deletes = deletes
    }

    func saysDeleted(_ type: String) -> Bool { deletes.contains(type) || deletes.contains("*") }

    /// The stream that an event of this type belongs to: by its whole type, or by what stands before the last dot.
    package func stream(forType type: String) -> String? {
        if let whole = routes[type] { return whole }
        guard let dot = type.lastIndex(of: ".") else { return nil }
        return routes[String(type[..<dot])]
    }
}
