/// Reads webhook requests of one connector: which events a body holds, where each goes, and what it changes.
package struct EventReader: Sendable {
    package let rule: WebhookRule
    private let connector: String
    private let plan: SlicePlan
    private let idFields: [Field]
    private let typeFields: [Field]
    private let changes: [String: ChangeReader]
    /// Types of events whose id is their object's: it comes again with each change, and only the same id with the same
    /// body is a repetition.
    private let namesObjects: Set<String>

    private static let maximumTypeBytes = 256

    private enum Field: Sendable {
        /// Index into the plan's record fields.
        case sliced(Int, name: String)
        case header(String)
        case query(String)
        case text(String)
    }

    /// Nil for a connector without webhook.
    package init?(_ connector: ConnectorDefinition) {
        guard let rule = connector.webhook else { return nil }
        self.rule = rule
        self.connector = connector.name
        var paths: [[String]] = []
        func field(_ field: WebhookField) -> Field {
            switch field {
            case .path(let path):
                paths.append(path)
                return .sliced(paths.count - 1, name: path.joined(separator: "."))
            case .header(let name): return .header(name)
            case .query(let name): return .query(name)
            case .text(let text): return .text(text)
            }
        }
        idFields = rule.id.map(field)
        typeFields = rule.type.map(field)
        plan = SlicePlan(records: rule.events.map { .array($0) } ?? .single([]), recordFields: paths)
        var changes: [String: ChangeReader] = [:]
        for effect in rule.effects where effect.stream != nil {
            changes[effect.types] = ChangeReader(effect, rule, connector)
        }
        self.changes = changes
        namesObjects = rule.typesNamingObjects(of: connector.streams)
    }

    /// The events of a body that was proven. One that has no id or no type makes the body none: an event must not get
    /// lost unseen. Events of types that do nothing are read like others, and left out.
    package func events(
        in body: consuming [UInt8],
        headers: TransportHeaders,
        query: [(name: String, value: String)]
    ) throws(EventProblem) -> [IncomingEvent] {
        let page: Page
        do throws(SliceError) {
            page = try RecordSlicer.slice(body, plan: plan)
            try page.checkRecords()
        } catch {
            throw EventProblem("is not the JSON it should be: \(error.reason)")
        }
        let count = page.recordCount
        // `null` for a single event is none.
        guard rule.events != nil || count == 1 else { throw EventProblem("holds no event") }
        guard count <= WebhookRule.mostEvents else {
            throw EventProblem("holds \(count) events, more than \(WebhookRule.mostEvents)")
        }
        var events: [IncomingEvent] = []
        for index in 0..<count {
            func text(_ fields: [Field], limit: Int) throws(EventProblem) -> String {
                var parts: [String] = []
                for field in fields { parts.append(try part(field, page, index, headers, query)) }
                let joined = parts.joined(separator: ".")
                guard joined.utf8.count <= limit else { throw EventProblem("has an id or type of over \(limit) bytes") }
                return joined
            }
            var id = idFields.isEmpty ? nil : try text(idFields, limit: WebhookRule.longestID)
            let type = try text(typeFields, limit: Self.maximumTypeBytes)
            guard let effect = rule.effect(of: type) else { continue }
            let bytes = Array(page.bytes[page.recordBytes(index)])
            if namesObjects.contains(effect.types) { id? += "." + String(ContentHash.hash(bytes).high, radix: 16) }
            let stream = StreamID.events(of: connector, into: effect.stream)
            events.append(IncomingEvent(id: id, type: type, stream: stream, bytes: bytes))
        }
        return events
    }

    private func part(
        _ field: Field,
        _ page: Page,
        _ index: Int,
        _ headers: TransportHeaders,
        _ query: [(name: String, value: String)]
    ) throws(EventProblem) -> String {
        switch field {
        case .sliced(let number, let name):
            guard let range = page.field(index, number),
                [.string, .number].contains(JSONText.kind(page.bytes, range)),
                let text = JSONText.plain(page.bytes, range), !text.isEmpty
            else { throw EventProblem("has no text at \(name)") }
            return text
        case .header(let name):
            guard let text = headers[name], !text.isEmpty else { throw EventProblem("comes without header \(name)") }
            return text
        case .query(let name):
            guard let text = query.first(where: { $0.name == name })?.value, !text.isEmpty else {
                throw EventProblem("comes without the query parameter \(name)")
            }
            return text
        case .text(let text): return text
        }
    }

    /// What a waiting event does. An event whose type does nothing any more (the configuration has changed) does nothing.
    package func effect(of event: WaitingEvent) throws(EventProblem) -> (change: EventChange?, syncs: [StreamID]) {
        guard let effect = rule.effect(of: event.type) else { return (nil, []) }
        let syncs = effect.syncs.map { StreamID(connector: connector, stream: $0) }
        guard let reader = changes[effect.types] else { return (nil, syncs) }
        return (try reader.change(event), syncs)
    }
}

/// Why an event can't be read as the definition says.
package struct EventProblem: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
