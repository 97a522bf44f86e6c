package import ConnectorCore

/// Reads a stream's part of a definition, with what the connector file says merged over it.
package struct StreamReader {
    package let connector: String
    package let resolver: any ConfigResolver
    package let defaultSchedule: Schedule
    package let defaultSink: String
    package let sinks: [String]
    package let kind: ConnectorDefinition.Kind

    /// Placeholders of a page request.
    static let requestNames = [
        "cursor", "until", "limit", "page", "offset", "after", "token", "lower", "upper", "position",
    ]
    /// Those that say which page is asked for.
    private static let positionNames: Set = ["page", "offset", "after", "token", "position"]

    package func read(_ name: String, _ reader: inout ConfigReader) -> StreamDefinition? {
        let names = Self.requestNames
        let path = reader.template("path", known: names)
        if path == nil, !reader.contains("path") {
            reader.error("path", "is missing", "write the path of the list below base_url, such as \"/v1/charges\"")
        }
        let hasBody = reader.contains("body")
        let method = reader.optionalString("method", default: hasBody ? "POST" : "GET").uppercased()
        let query = reader.queries("query", known: names)
        let headers = reader.queries("headers", known: names)
        let body = reader.jsonTemplate("body", known: names)
        let records = reader.path("records") ?? []
        let key = keys(&reader)
        let record = reader.path("record") ?? []
        let empty = reader.optionalObject("empty", self.empty)
        let deleted = reader.optionalObject("deleted", self.deleted)
        let comparison = reader.optionalChoice("compare", default: StreamDefinition.Comparison.bytes)
        let cursor = reader.optionalObject("cursor", self.cursor)
        let used = (path?.variables ?? []) + (query + headers).flatMap(\.value.variables) + (body?.variables ?? [])
        let namesPosition = !Self.positionNames.isDisjoint(with: used)
        let paging = reader.optionalObject("paging") { self.paging(&$0, cursor, namesPosition) } ?? PagingRule()
        check(paging, cursor, records, used, &reader)
        let resync = reader.optionalObject("resync") {
            $0.duration("every", range: .seconds(1)...(.seconds(366 * 86_400)))
        }
        let deletes = reader.optionalObject("deletes", deletes)
        let feed = reader.optionalObject("feed", feed)
        let schedule = reader.schedule("schedule", resolver) ?? defaultSchedule
        let sink = reader.sink("sink", known: sinks) ?? defaultSink
        let model = reader.optionalString("model")
        if feed?.deletes.contains("*") ?? false, cursor == nil {
            let remedy = "give the time of the deletion: cursor: { field: \"creation\", … }"
            reader.error(
                "feed",
                "has deletions and the stream no `cursor`: an old one would remove what was made again",
                remedy
            )
        }
        guard let path else { return nil }
        var stream = StreamDefinition(
            id: StreamID(connector: connector, stream: name),
            method: method,
            path: path,
            query: query,
            headers: headers,
            body: body,
            records: records,
            key: key,
            comparison: comparison,
            paging: paging,
            cursor: cursor,
            resync: resync,
            feed: feed,
            schedule: schedule,
            sink: sink
        )
        stream.model = model
        (stream.record, stream.empty, stream.deleted) = (record, empty, deleted)
        stream.deletes = deletes ?? stream.deletes
        return stream
    }

    /// What is well written and yet can't do what was meant.
    private func check(
        _ paging: PagingRule,
        _ cursor: CursorRule?,
        _ records: [String],
        _ used: [String],
        _ reader: inout ConfigReader
    ) {
        PlaceholderCheck(paging: paging, cursor: cursor).check(&reader)
        SecretPlaces.warn(reader.optional("body"))
        let used = Set(used)
        PagingCheck(rule: paging, records: records, cursor: cursor, used: used).check(&reader)
        if let cursor { CursorCheck(rule: cursor, used: used).check(&reader) }
    }

    /// `key: "id"`, or `key: ["company", "number"]` for records that only several fields identify.
    private func keys(_ reader: inout ConfigReader) -> [[String]] {
        guard let item = reader.optional("key") else { return [["id"]] }
        switch item.value.kind {
        case .string: return FieldPath.parse(item).map { [$0] } ?? [["id"]]
        default:
            guard let fields = item.elements({ FieldPath.parse($0) }) else { return [["id"]] }
            if fields.isEmpty {
                item.error("names no field", "write the field that identifies a record, such as \"id\"")
            }
            return fields
        }
    }

    private func empty(_ reader: inout ConfigReader) -> EmptyRule? {
        let rule = EmptyRule(
            absent: reader.optionalBool("absent", default: false),
            beside: reader.optionalStrings("beside"),
            nothing: reader.optionalBool("nothing", default: false)
        )
        if !rule.absent, !rule.beside.isEmpty {
            reader.error("beside", "is never looked at", "write absent: true beside it, or remove it")
        }
        return rule
    }

    private func deleted(_ reader: inout ConfigReader) -> DeletedRule? {
        let field = reader.required("field", "the path of what says that a record is gone")
        var values = ["true"]
        if let item = reader.optional("equals") {
            let items: [ConfigItem]
            if case .array = item.value.kind { items = item.elements { $0 } ?? [] } else { items = [item] }
            values = items.compactMap { item in
                switch item.json() {
                case .string, .bool, .number: return item.json().text
                case .null, .array, .object:
                    item.error("is no value", "write what stands in the field, such as true or \"VOIDED\"")
                    return nil
                }
            }
            if items.isEmpty { item.error("names no value", "write what stands in the field, such as true") }
        }
        return field.flatMap { FieldPath.parse($0) }.map { DeletedRule(field: $0, values: values) }
    }

    private func feed(_ reader: inout ConfigReader) -> FeedRule? {
        let object = reader.required("object", "the path of the record").flatMap { FieldPath.parse($0) }
        let key = reader.path("key")
        let type = reader.path("type")
        let routes = reader.stringMap("routes").map { ($0.name, $0.value) }
        let deletes = Set(reader.optionalStrings("deletes"))
        guard let object else { return nil }
        return FeedRule(
            object: object,
            key: key ?? object + ["id"],
            type: type ?? ["type"],
            routes: Dictionary(routes) { _, last in last },
            deletes: deletes
        )
    }
}
