/// Reads a stream's pages: which fields to look at, what the machine needs to know of each record.
package struct PageReader: Sendable {
    package let stream: StreamDefinition
    package let plan: SlicePlan
    private let memory: SyncPlan.Memory
    private let layout: Layout
    /// Of the stream's cursor, kept here since a record's way must not copy rules.
    private let cursorFormat: CursorFormat

    /// What stands in an error's place where there is none.
    private static let noError = ["null", "false", "\"\"", "[]", "{}"].map { Array($0.utf8) }

    /// Indexes into the slice plan's fields.
    private struct Layout: Sendable {
        var key: [Int] = []
        var cursor: [Int] = []
        var paging: Int?
        var eventType: Int?
        var objectKey: Int?
        var object: Int?
        var more: Int?
        var last: Int?
        var total: Int?
        var pages: Int?
        var next: Int?
        var error: Int?
    }

    package init(_ stream: StreamDefinition, errors: ErrorRule, base: URLReference) {
        self.stream = stream
        memory = stream.plan(base: base).memory()
        cursorFormat = stream.cursor?.format ?? .integer
        var layout = Layout()
        var fields: [[String]] = []
        func add(_ path: [String]?) -> Int? {
            guard let path else { return nil }
            fields.append(path)
            return fields.count - 1
        }
        layout.key = stream.key.compactMap { add($0) }
        layout.cursor = stream.cursor?.fields.compactMap { add($0) } ?? []
        layout.paging = add(stream.paging.field)
        layout.eventType = add(stream.feed?.type)
        layout.objectKey = add(stream.feed?.key)
        layout.object = add(stream.feed?.object)
        let recordFields = fields
        fields = []
        layout.more = add(stream.paging.more)
        layout.last = add(stream.paging.last)
        layout.total = add(stream.paging.total)
        layout.pages = add(stream.paging.pages)
        layout.next = add(stream.paging.next)
        layout.error = add(errors.present)
        plan = SlicePlan(records: .array(stream.records), recordFields: recordFields, pageFields: fields)
        self.layout = layout
    }

    /// Whether the answer is an error although its status says otherwise.
    package func isError(_ page: Page) -> Bool {
        guard let field = layout.error, let range = page.pageField(field) else { return false }
        return !Self.noError.contains { page.bytes[range].elementsEqual($0) }
    }

    /// `link` is the header's; `url` is the page's own, which links are seen from.
    package func facts(_ page: Page, link: String?, url: URLReference?) -> PageFacts {
        let last = page.recordCount - 1
        let (more, isUnreadable) = more(page)
        return PageFacts(
            count: page.recordCount,
            lastField: layout.paging.flatMap { last >= 0 ? page.field(last, $0) : nil }
                .map { String(decoding: page.bytes[$0], as: UTF8.self) },
            more: more,
            isMoreUnreadable: isUnreadable,
            next: next(page, link: link, url: url),
            total: layout.total.flatMap { number(page, $0) },
            pages: layout.pages.flatMap { number(page, $0) }
        )
    }

    private func next(_ page: Page, link: String?, url: URLReference?) -> String? {
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
        switch JSONText.kind(page.bytes, range) {
        case .number: return JSONText.plain(page.bytes, range)
        case .string:
            let text = JSONText.string(page.bytes, range)
            return text?.contains { !$0.isWhitespace } == true ? text : nil
        // `false`, `{}` and `[]` are how some servers say that there is none.
        case .null, .boolean, .object, .array, nil: return nil
        }
    }

    /// The records' heads, without what the store knows of them (see `ReadPage.fill`).
    package func heads(_ page: Page) throws(PageProblem) -> [RecordHead] {
        var heads: [RecordHead] = []
        heads.reserveCapacity(page.recordCount)
        for index in 0..<page.recordCount {
            heads.append(try head(page, index))
        }
        return heads
    }

    private func head(_ page: Page, _ index: Int) throws(PageProblem) -> RecordHead {
        guard let (key, text) = key(page, index) else {
            throw PageProblem(page, index, "has no \(Self.names(stream.key, ", "))")
        }
        let range = page.recordBytes(index)
        let content =
            stream.comparison == .bytes ? ContentHash.hash(page.bytes, range) : MemberHash.hash(page.bytes, range)
        let cursor = layout.cursor.isEmpty ? nil : cursorValue(page, index)
        // Without its text a key can be forgotten again: an event is, once it lies behind its feed's reach.
        let namesKey = memory == .all && stream.feed == nil
        let keyText = namesKey ? text ?? self.keyText(page, index) : nil
        let routed = layout.eventType == nil ? nil : try self.routed(page, index)
        return RecordHead(key: key, content: content, cursor: cursor, keyText: keyText, routed: routed)
    }

    /// What is known of a record, in today's way of comparing: it may have been remembered when the stream's other one
    /// was in force. Then it is known just so, and its row is to be written anew.
    package func recognized(_ known: DeliveredRecord, _ head: RecordHead, _ page: Page, _ index: Int) -> DeliveredRecord
    {
        guard known.content != head.content else { return known }
        let range = page.recordBytes(index)
        let former =
            stream.comparison == .bytes ? MemberHash.hash(page.bytes, range) : ContentHash.hash(page.bytes, range)
        guard known.content == former else { return known }
        var recognized = known
        (recognized.content, recognized.generation, recognized.keyText) = (head.content, -1, nil)
        return recognized
    }

    /// Nil where no field holds a value of the format: the record is delivered all the same, and moves no cursor.
    private func cursorValue(_ page: Page, _ index: Int) -> Int64? {
        for field in layout.cursor {
            guard let range = page.field(index, field) else { continue }
            if let value = cursorFormat.value(of: page.bytes, range) { return value }
        }
        return nil
    }

    private static func names(_ paths: [[String]], _ separator: String) -> String {
        paths.map { $0.joined(separator: ".") }.joined(separator: separator)
    }

    /// The hash of the key; its text comes along where it had to be made.
    private func key(_ page: Page, _ index: Int) -> (Hash128, String?)? {
        if layout.key.count == 1 {
            guard let range = page.field(index, layout.key[0]), !JSONText.isNull(page.bytes, range) else { return nil }
            return (ContentHash.hash(page.bytes, range), nil)
        }
        guard layout.key.allSatisfy({ page.field(index, $0) != nil }) else { return nil }
        let text = keyText(page, index)
        return (ContentHash.hash(Array(text.utf8)), text)
    }

    /// The key as it goes into the output: a value, or an array of several.
    package func keyText(_ page: Page, _ index: Int) -> String {
        let parts = layout.key.compactMap { page.field(index, $0) }.map {
            String(decoding: page.bytes[$0], as: UTF8.self)
        }
        return parts.count == 1 ? parts[0] : "[" + parts.joined(separator: ",") + "]"
    }

    /// The range of a single key, for output without a copy.
    package func keyRange(_ page: Page, _ index: Int) -> Range<Int>? {
        layout.key.count == 1 ? page.field(index, layout.key[0]) : nil
    }

    /// The range of the cursor's value.
    package func cursorRange(_ page: Page, _ index: Int) -> Range<Int>? {
        for field in layout.cursor {
            if let range = page.field(index, field), !JSONText.isNull(page.bytes, range) { return range }
        }
        return nil
    }

    /// The key of the record that an event carries.
    package func objectKeyRange(_ page: Page, _ index: Int) -> Range<Int>? {
        layout.objectKey.flatMap { page.field(index, $0) }
    }

    /// The record that an event carries.
    package func objectRange(_ page: Page, _ index: Int) -> Range<Int>? {
        layout.object.flatMap { page.field(index, $0) }
    }

    private func routed(_ page: Page, _ index: Int) throws(PageProblem) -> RoutedHead? {
        guard let feed = stream.feed else { return nil }
        guard let typeRange = layout.eventType.flatMap({ page.field(index, $0) }),
            let type = JSONText.string(page.bytes, typeRange)
        else { throw PageProblem(page, index, "is an event without \(feed.type.joined(separator: "."))") }
        guard let target = feed.stream(forType: type) else { return nil }
        guard let object = objectRange(page, index), let key = objectKeyRange(page, index),
            !JSONText.isNull(page.bytes, key)
        else {
            throw PageProblem(page, index, "is an event without \(feed.key.joined(separator: "."))")
        }
        return RoutedHead(
            stream: StreamID(connector: stream.id.connector, stream: target),
            key: ContentHash.hash(page.bytes, key),
            keyText: String(decoding: page.bytes[key], as: UTF8.self),
            content: ContentHash.hash(page.bytes, object),
            isDelete: feed.deletes.contains(type)
        )
    }
}

/// A record that can't be read as the definition says.
package struct PageProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Counted from 0 within the page.
    package var record: Int
    /// Where it begins in the page.
    package var offset: Int
    package var problem: String

    package init(_ page: Page, _ record: Int, _ problem: String) {
        self.record = record
        offset = page.recordBytes(record).lowerBound
        self.problem = problem
    }

    package var description: String { "record \(record + 1) of the page (byte \(offset)) \(problem)" }
}
