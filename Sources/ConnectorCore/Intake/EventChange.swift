/// What an event does to the record of a stream.
package struct EventChange: Sendable {
    package var event: WaitingEvent
    package var target: StreamID
    package var action: WebhookEffect.Action
    package var key: Hash128
    /// The key's JSON text.
    package var keyText: String
    /// Of the object, as the stream compares records.
    package var content: Hash128
    /// The object's cursor value, as its stream's lists have it.
    package var cursor: Int64?
    /// How new the event is, in the unit of the rule's version; nil where nothing says it.
    package var version: Int64?
    /// The event's text, and where the object is in it.
    private let page: Page
    private let record: Range<Int>
    private let reader: RecordReader

    fileprivate init(
        _ event: WaitingEvent,
        _ target: StreamID,
        _ action: WebhookEffect.Action,
        _ key: (hash: Hash128, text: String?),
        version: Int64?,
        at record: Range<Int>,
        of page: Page,
        _ reader: RecordReader
    ) {
        self.event = event
        self.target = target
        self.action = action
        self.key = key.hash
        keyText = key.text ?? reader.keyText(page, 0)
        content = reader.content(page, record)
        cursor = reader.cursor(page, 0)
        self.version = version
        self.page = page
        self.record = record
        self.reader = reader
    }

    /// The object's JSON text.
    package var object: ArraySlice<UInt8> { page.bytes[record] }

    /// Appends the line that delivers it.
    package func append(to lines: inout [UInt8], time: [UInt8]) {
        switch action {
        case .upsert: reader.append(page, 0, to: &lines, time: time)
        case .delete: reader.appendDelete(keyText, to: &lines, time: time)
        }
    }
}

/// Reads the changes of one effect.
struct ChangeReader: Sendable {
    private let target: StreamID
    private let action: WebhookEffect.Action
    private let plan: SlicePlan
    private let records: RecordReader
    private let version: (field: Int, format: CursorFormat)?

    init?(_ effect: WebhookEffect, _ rule: WebhookRule, _ connector: ConnectorDefinition) {
        guard let name = effect.stream, let action = effect.action else { return nil }
        target = StreamID(connector: connector.name, stream: name)
        self.action = action
        let stream = connector.streams.first { $0.id.stream == name }
        let object = effect.object ?? rule.object
        let key = (effect.key ?? stream?.key ?? [["id"]]).map { object + $0 }
        var fields = RecordReader.Fields()
        records = RecordReader(RecordReader.Rule(of: target, stream, key: key, object: object), &fields)
        version = rule.version.map { (fields.add($0.field), $0.format) }
        plan = SlicePlan(records: .single([]), recordFields: fields.paths)
    }

    func change(_ event: WaitingEvent) throws(EventProblem) -> EventChange {
        let page: Page
        do throws(SliceError) {
            page = try RecordSlicer.slice(event.bytes, plan: plan)
        } catch {
            throw EventProblem("can't be read: \(error.reason)")
        }
        guard page.recordCount == 1 else { throw EventProblem("holds no event") }
        guard let record = records.record(page, 0) else { throw EventProblem(records.carriesNoObject) }
        guard let key = records.key(page, 0) else { throw EventProblem(records.hasNoKey) }
        let version = version.flatMap { version in
            page.field(0, version.field).flatMap { version.format.value(of: page.bytes, $0) }
        }
        return EventChange(event, target, action, key, version: version, at: record, of: page, records)
    }
}
