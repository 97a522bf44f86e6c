/// What an event does to the record of a stream.
package struct EventChange: Sendable {
    package var event: WaitingEvent
    package var target: StreamID
    package var action: WebhookEffect.Action
    package var key: Hash128
    /// The key's JSON text.
    package var keyText: String
    /// Of the object's bytes, as the stream compares records.
    package var content: Hash128
    /// The object's cursor value, as its stream's lists have it.
    package var cursor: Int64?
    /// How new the event is, in the unit of the rule's version; nil where nothing says it.
    package var version: Int64?
    /// The event's text; the ranges point into it.
    package var bytes: [UInt8]
    package var object: Range<Int>
    package var cursorRange: Range<Int>?
}

/// Reads the changes of one effect.
struct ChangeReader: Sendable {
    private let target: StreamID
    private let action: WebhookEffect.Action
    private let comparison: StreamDefinition.Comparison
    private let plan: SlicePlan
    private let keys: [Int]
    private let keyNames: String
    private let object: Int?
    private let cursors: [Int]
    private let cursorFormat: CursorFormat
    private let version: (field: Int, format: CursorFormat)?

    init?(_ effect: WebhookEffect, _ rule: WebhookRule, _ connector: ConnectorDefinition) {
        guard let name = effect.stream, let action = effect.action else { return nil }
        let stream = connector.streams.first { $0.id.stream == name }
        target = StreamID(connector: connector.name, stream: name)
        self.action = action
        comparison = stream?.comparison ?? .bytes
        cursorFormat = stream?.cursor?.format ?? .integer
        var fields: [[String]] = []
        func add(_ path: [String]) -> Int {
            fields.append(path)
            return fields.count - 1
        }
        let paths = (effect.key ?? stream?.key ?? [["id"]]).map { rule.object + $0 }
        keys = paths.map(add)
        keyNames = paths.map { $0.joined(separator: ".") }.joined(separator: ", ")
        // The root is no field: the whole event is the object then.
        object = rule.object.isEmpty ? nil : add(rule.object)
        cursors = (stream?.cursor?.fields ?? []).map { add(rule.object + $0) }
        version = rule.version.map { (add($0.field), $0.format) }
        plan = SlicePlan(records: .single([]), recordFields: fields)
    }

    func change(_ event: WaitingEvent) throws(EventProblem) -> EventChange {
        let page: Page
        do throws(SliceError) {
            page = try RecordSlicer.slice(event.bytes, plan: plan)
        } catch {
            throw EventProblem("can't be read: \(error.reason)")
        }
        guard page.recordCount == 1 else { throw EventProblem("holds no event") }
        let object = self.object == nil ? page.document : try self.object(in: page)
        let keyText = try keyText(in: page)
        let cursorRange = cursors.lazy.compactMap { page.field(0, $0) }.first { !JSONText.isNull(page.bytes, $0) }
        return EventChange(
            event: event,
            target: target,
            action: action,
            key: ContentHash.hash(Array(keyText.utf8)),
            keyText: keyText,
            content: comparison == .bytes
                ? ContentHash.hash(page.bytes, object) : MemberHash.hash(page.bytes, object),
            cursor: cursorRange.flatMap { cursorFormat.value(of: page.bytes, $0) },
            version: version.flatMap { version in
                page.field(0, version.field).flatMap { version.format.value(of: page.bytes, $0) }
            },
            bytes: page.bytes,
            object: object,
            cursorRange: cursorRange
        )
    }

    private func object(in page: Page) throws(EventProblem) -> Range<Int> {
        guard let field = object, let range = page.field(0, field), JSONText.kind(page.bytes, range) == .object else {
            throw EventProblem("carries no object where the definition says")
        }
        return range
    }

    /// As `PageReader` writes keys: a value, or an array of several.
    private func keyText(in page: Page) throws(EventProblem) -> String {
        let ranges = keys.compactMap { page.field(0, $0) }.filter { !JSONText.isNull(page.bytes, $0) }
        guard ranges.count == keys.count else { throw EventProblem("has no \(keyNames)") }
        let parts = ranges.map { String(decoding: page.bytes[$0], as: UTF8.self) }
        return parts.count == 1 ? parts[0] : "[" + parts.joined(separator: ",") + "]"
    }
}
