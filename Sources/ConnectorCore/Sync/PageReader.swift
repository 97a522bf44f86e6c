/// Reads a stream's pages: which fields to look at, what the machine needs to know of each record.
package struct PageReader: Sendable {
    package let stream: StreamDefinition
    package let plan: SlicePlan
    private let memory: SyncPlan.Memory
    private let layout: Layout
    private let isFeed: Bool
    /// Of the page's elements.
    private let records: RecordReader
    /// Of the records that a feed's events carry, by stream.
    private let carried: [String: RecordReader]

    /// Indexes into the slice plan's fields.
    private struct Layout: Sendable {
        var paging: Int?
        var eventType: Int?
        var more: Int?
        var last: Int?
        var total: Int?
        var pages: Int?
        var next: Int?
        var error: Int?
    }

    private let errors: ErrorRule

    /// `targets` are the streams that a feed's events lead to.
    package init(
        _ stream: StreamDefinition,
        memory: SyncPlan.Memory,
        errors: ErrorRule,
        targets: [StreamDefinition] = []
    ) {
        self.stream = stream
        self.memory = memory
        self.errors = errors
        isFeed = stream.feed != nil
        var layout = Layout()
        var fields = RecordReader.Fields()
        records = RecordReader(RecordReader.Rule(stream), &fields)
        carried = stream.feed.map { Self.carried(by: $0, stream, targets, &fields) } ?? [:]
        layout.paging = stream.paging.field.map { fields.add(stream.record + $0) }
        layout.eventType = stream.feed.map { fields.add(stream.record + $0.type) }
        var pageFields = RecordReader.Fields()
        layout.more = stream.paging.more.map { pageFields.add($0) }
        layout.last = stream.paging.last.map { pageFields.add($0) }
        layout.total = stream.paging.total.map { pageFields.add($0) }
        layout.pages = stream.paging.pages.map { pageFields.add($0) }
        layout.next = stream.paging.next.map { pageFields.add($0) }
        layout.error = errors.present.map { pageFields.add($0) }
        plan = SlicePlan(records: .array(stream.records), recordFields: fields.paths, pageFields: pageFields.paths)
        self.layout = layout
    }

    /// One key inside the event, or the fields that the target's own list is identified by, where they are several.
    private static func carried(
        by feed: FeedRule,
        _ stream: StreamDefinition,
        _ targets: [StreamDefinition],
        _ fields: inout RecordReader.Fields
    ) -> [String: RecordReader] {
        var carried: [String: RecordReader] = [:]
        for id in stream.targets {
            let target = targets.first { $0.id == id }
            let object = stream.record + feed.object
            let several = target.flatMap { $0.key.count > 1 ? $0.key.map { object + $0 } : nil }
            let rule = RecordReader.Rule(of: id, target, key: several ?? [stream.record + feed.key], object: object)
            carried[id.stream] = RecordReader(rule, &fields)
        }
        return carried
    }

    /// Whether the answer is an error although its status says otherwise.
    package func isError(_ page: Page) -> Bool {
        guard let field = layout.error, let range = page.pageField(field) else { return false }
        return !errors.isNone(page.bytes[range])
    }

    /// `link` is the header's; `url` is the page's own, which links are seen from.
    package func facts(_ page: Page, link: String?, url: URLReference?) -> PageFacts {
        let last = page.recordCount - 1
        let (more, isUnreadable) = more(page)
        let lastField = layout.paging.flatMap { last >= 0 ? page.field(last, $0) : nil }
        let fieldBefore = layout.paging.flatMap { last >= 1 ? page.field(last - 1, $0) : nil }
        return PageFacts(
            count: page.recordCount,
            lastField: lastField.map { String(decoding: page.bytes[$0], as: UTF8.self) },
            isLastShared: lastField.flatMap { one in
                fieldBefore.map { page.bytes[one].elementsEqual(page.bytes[$0]) }
            } ?? false,
            more: more,
            isMoreUnreadable: isUnreadable,
            next: next(page, link: link, url: url),
            total: layout.total.flatMap { number(page, $0) },
            pages: layout.pages.flatMap { number(page, $0) }
        )
    }

    private func next(_ page: Page, link: String?, url: URLReference?) -> String? {
        // Where no paging is declared, the header that RFC 8288 has for it says that there is some.
        if stream.paging.style == .none { return link }
        let written = stream.paging.style == .linkHeader ? link : next(page)
        guard let written, stream.paging.style == .link || stream.paging.style == .linkHeader else { return written }
        // What can't be resolved is refused, with its words, where the next position is made.
        return url?.resolve(written)?.text ?? written
    }

    /// Evidence of more wins where `more` and `last` contradict each other.
    private func more(_ page: Page) -> (more: Bool?, isUnreadable: Bool) {
        let answers = [
            layout.more.flatMap(page.pageField).map { Self.flag(page.bytes, $0) },
            layout.last.flatMap(page.pageField).map { Self.flag(page.bytes, $0)?.inverted },
        ].compactMap { $0 }
        if answers.contains(where: { $0 == nil }) { return (nil, true) }
        let values = answers.compactMap { $0?.value }
        return (values.isEmpty ? nil : values.contains(true), false)
    }

    /// A yes or no as servers write it; `value` is nil for null.
    private struct Flag {
        var value: Bool?
        var inverted: Flag { Flag(value: value.map { !$0 }) }
    }

    private static func flag(_ bytes: [UInt8], _ range: Range<Int>) -> Flag? {
        guard let text = JSONText.plain(bytes, range) else { return nil }
        switch text.lowercased() {
        case "true", "1": return Flag(value: true)
        case "false", "0": return Flag(value: false)
        case "null", "": return Flag(value: nil)
        default: return nil
        }
    }

    /// Nil where it is no number of things: an unknown total is no evidence.
    private func number(_ page: Page, _ field: Int) -> Int64? {
        guard let range = page.pageField(field) else { return nil }
        let text = JSONText.string(page.bytes, range).map { Array($0.utf8) } ?? Array(page.bytes[range])
        return JSONText.int64(text, 0..<text.count).flatMap { $0 >= 0 ? $0 : nil }
    }

    private func next(_ page: Page) -> String? {
        guard let range = layout.next.flatMap(page.pageField) else { return nil }
        if let choice = stream.paging.nextChoice { return next(page, choice, range) }
        switch JSONText.kind(page.bytes, range) {
        case .number: return JSONText.plain(page.bytes, range)
        case .string:
            let text = JSONText.string(page.bytes, range)
            return text?.contains { !$0.isWhitespace } == true ? text : nil
        // `false`, `{}` and `[]` are how some servers say that there is none.
        case .null, .boolean, .object, .array, nil: return nil
        }
    }

    /// Of a list of links; more of them than these bytes are no links.
    private static let mostLinkBytes = 64 << 10

    private func next(_ page: Page, _ choice: PagingRule.LinkChoice, _ range: Range<Int>) -> String? {
        // The page was sliced, so its links are JSON; what the stricter reader refuses (two names of a member) leads nowhere.
        guard range.count <= Self.mostLinkBytes, let links = try? JSONValue(parsing: Array(page.bytes[range])),
            let value = choice.value(in: links)
        else { return nil }
        return value.number ?? value.string.flatMap { $0.contains { !$0.isWhitespace } ? $0 : nil }
    }

    // MARK: Records

    /// The records' heads, without what the store knows of them.
    package func heads(_ page: Page) throws(PageProblem) -> [RecordHead] {
        var heads: [RecordHead] = []
        heads.reserveCapacity(page.recordCount)
        for index in 0..<page.recordCount {
            heads.append(try head(page, index))
        }
        return heads
    }

    /// Where the record of an element is.
    package func record(_ page: Page, _ index: Int) -> Range<Int> {
        records.record(page, index) ?? page.recordBytes(index)
    }

    /// Whether an element's record says that it is gone.
    package func saysGone(_ page: Page, _ index: Int) -> Bool { records.saysGone(page, index) }

    /// The JSON text of an element's own key; of a feed's event it is the event's.
    package func keyText(_ page: Page, _ index: Int) -> String { records.keyText(page, index) }

    private func head(_ page: Page, _ index: Int) throws(PageProblem) -> RecordHead {
        guard let record = records.record(page, index) else {
            throw PageProblem(page, index, records.carriesNoObject, "record")
        }
        guard let (key, text) = records.key(page, index) else {
            throw PageProblem(page, index, records.hasNoKey, "key")
        }
        let content = records.content(page, record)
        let cursor = records.cursor(page, index)
        // Without its text a key can be forgotten again: an event is, once it lies behind its feed's reach.
        let namesKey = memory == .all && !isFeed
        let keyText = namesKey ? text ?? records.keyText(page, index) : nil
        let routed = isFeed ? try self.routed(page, index) : nil
        return RecordHead(key: key, content: content, cursor: cursor, keyText: keyText, routed: routed)
    }

    /// What is known of a record, in today's way of comparing: it may have been remembered when the stream's other one
    /// was in force. Then it is known just so, and its row is to be written anew.
    package func recognized(_ known: KnownRecord, _ head: RecordHead, _ page: Page, _ index: Int) -> KnownRecord {
        guard known.content != head.content else { return known }
        guard let range = records.record(page, index) else { return known }
        let former =
            stream.comparison == .bytes ? MemberHash.hash(page.bytes, range) : ContentHash.hash(page.bytes, range)
        guard known.content == former else { return known }
        var recognized = known
        (recognized.content, recognized.generation, recognized.hasKeyText) = (head.content, -1, false)
        return recognized
    }

    private func routed(_ page: Page, _ index: Int) throws(PageProblem) -> RoutedHead? {
        guard let feed = stream.feed else { return nil }
        guard let typeRange = layout.eventType.flatMap({ page.field(index, $0) }),
            let type = JSONText.string(page.bytes, typeRange)
        else { throw PageProblem(page, index, "is an event without \(feed.type.joined(separator: "."))", "feed") }
        guard let target = feed.stream(forType: type), let reader = carried[target] else { return nil }
        let isDelete = feed.saysDeleted(type)
        // Of what is gone there may be no more than the name.
        guard let record = reader.record(page, index) ?? (isDelete ? page.recordBytes(index) : nil) else {
            throw PageProblem(page, index, reader.carriesNoObject, "feed")
        }
        guard let (key, text) = reader.key(page, index) else { throw PageProblem(page, index, reader.hasNoKey, "key") }
        return RoutedHead(
            stream: StreamID(connector: stream.id.connector, stream: target),
            key: key,
            keyText: text ?? reader.keyText(page, index),
            content: reader.content(page, record),
            isDelete: isDelete
        )
    }

    // MARK: Lines

    /// Appends the line of a record of the page.
    package func append(_ delivery: Delivery, of page: Page, to lines: inout [UInt8], time: [UInt8]) {
        guard isFeed else { return records.append(page, delivery.index, to: &lines, time: time) }
        guard let reader = carried[delivery.stream.stream] else { return }
        switch delivery.operation {
        case .upsert: reader.append(page, delivery.index, to: &lines, time: time)
        case .delete: reader.appendDelete(reader.keyText(page, delivery.index), to: &lines, time: time)
        }
    }

    /// Appends the line of a remembered record of the stream's own that is gone.
    package func appendDelete(_ record: DeliveredRecord, to lines: inout [UInt8], time: [UInt8]) {
        records.appendDelete(record.keyText ?? "null", to: &lines, time: time)
    }
}

/// A record that can't be read as the definition says.
package struct PageProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Counted from 0 within the page.
    package var record: Int
    /// Where it begins in the page.
    package var offset: Int
    package var problem: String
    /// Which member of the stream's definition says so.
    package var setting: String

    package init(_ page: Page, _ record: Int, _ problem: String, _ setting: String) {
        self.record = record
        offset = page.recordBytes(record).lowerBound
        self.problem = problem
        self.setting = setting
    }

    package var description: String { "record \(record + 1) of the page (byte \(offset)) \(problem)" }
}
