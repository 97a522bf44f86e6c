/// The one place where a record is read: what identifies it, what it is compared by, how new it is, and the line it is
/// delivered as. The elements of a list are records; those of a feed or a webhook are events that carry one.
///
/// Holds indexes into a slice plan's fields, so that reading copies nothing. A shape (fields that are dropped, hashed or
/// masked) belongs between `record` and what is made of it: `content` and `append` both take the record from there.
package struct RecordReader: Sendable {
    /// What a definition says of a stream's records.
    struct Rule: Sendable {
        var stream: StreamID
        /// The fields that identify a record together, from the element on.
        var key: [[String]]
        /// Where the element carries the record; empty where the element is the record.
        var object: [String] = []
        var comparison = StreamDefinition.Comparison.bytes
        var cursor: CursorRule?
        /// In the record.
        var deleted: DeletedRule?
    }

    /// Collects the paths that a slice plan looks for.
    struct Fields {
        private(set) var paths: [[String]] = []

        mutating func add(_ path: [String]) -> Int {
            paths.append(path)
            return paths.count - 1
        }
    }

    private let keys: [Int]
    private let object: Int?
    private let cursors: [Int]
    private let cursorFormat: CursorFormat
    private let comparison: StreamDefinition.Comparison
    private let deleted: (field: Int, rule: DeletedRule)?
    private let line: RecordLine
    private let names: Names

    /// For messages; apart, since a record's way must not copy it.
    private final class Names: Sendable {
        let key: String
        let object: String

        init(_ rule: Rule) {
            key = Self.joined(rule.key, ", ")
            object = Self.joined([rule.object], "")
        }

        private static func joined(_ paths: [[String]], _ separator: String) -> String {
            paths.map { $0.joined(separator: ".") }.joined(separator: separator)
        }
    }

    init(_ rule: Rule, _ fields: inout Fields) {
        keys = rule.key.map { fields.add($0) }
        // The element itself is no field.
        object = rule.object.isEmpty ? nil : fields.add(rule.object)
        cursors = (rule.cursor?.fields ?? []).map { fields.add(rule.object + $0) }
        cursorFormat = rule.cursor?.format ?? .integer
        comparison = rule.comparison
        deleted = rule.deleted.map { (fields.add(rule.object + $0.field), $0) }
        line = RecordLine(rule.stream)
        names = Names(rule)
    }

    // MARK: Reading

    /// Where the record is; nil where an event carries no object.
    func record(_ page: Page, _ index: Int) -> Range<Int>? {
        guard let object else { return page.recordBytes(index) }
        guard let range = page.field(index, object), JSONText.kind(page.bytes, range) == .object else { return nil }
        return range
    }

    /// The hash of the key; its text comes along where it had to be made. Nil where a part of it is missing or null:
    /// that identifies nothing.
    func key(_ page: Page, _ index: Int) -> (hash: Hash128, text: String?)? {
        if keys.count == 1 {
            guard let range = page.field(index, keys[0]), !JSONText.isNull(page.bytes, range) else { return nil }
            return (ContentHash.hash(page.bytes, range), nil)
        }
        let isWhole = keys.allSatisfy { key in page.field(index, key).map { !JSONText.isNull(page.bytes, $0) } ?? false
        }
        guard isWhole else { return nil }
        let text = keyText(page, index)
        return (ContentHash.hash(Array(text.utf8)), text)
    }

    /// The key as it goes into the output: a value, or an array of several.
    func keyText(_ page: Page, _ index: Int) -> String {
        if keys.count == 1, let range = page.field(index, keys[0]) {
            return String(decoding: page.bytes[range], as: UTF8.self)
        }
        let parts = keys.compactMap { page.field(index, $0) }.map { String(decoding: page.bytes[$0], as: UTF8.self) }
        return "[" + parts.joined(separator: ",") + "]"
    }

    /// What two readings of a record are compared by.
    func content(_ page: Page, _ record: Range<Int>) -> Hash128 {
        comparison == .bytes ? ContentHash.hash(page.bytes, record) : MemberHash.hash(page.bytes, record)
    }

    /// Nil where no field holds a value of the format: such a record is delivered all the same, and moves no cursor.
    func cursor(_ page: Page, _ index: Int) -> Int64? {
        for field in cursors {
            guard let range = page.field(index, field) else { continue }
            if let value = cursorFormat.value(of: page.bytes, range) { return value }
        }
        return nil
    }

    /// What a line shows of it: of several fields the one that counts.
    private func cursorRange(_ page: Page, _ index: Int) -> Range<Int>? {
        for field in cursors {
            guard let range = page.field(index, field), !JSONText.isNull(page.bytes, range) else { continue }
            if cursors.count == 1 || cursorFormat.value(of: page.bytes, range) != nil { return range }
        }
        return nil
    }

    // MARK: Words

    var hasNoKey: String { "has no \(names.key)" }

    var carriesNoObject: String { "carries no object at \(names.object)" }

    // MARK: Writing

    /// Whether the record itself says that it is gone.
    func saysGone(_ page: Page, _ index: Int) -> Bool {
        guard let deleted, let range = page.field(index, deleted.field) else { return false }
        return deleted.rule.fits(page.bytes, range)
    }

    /// Appends the line that delivers the record, or says that it is gone. `time` is the moment of delivery in ISO 8601.
    func append(_ page: Page, _ index: Int, to lines: inout [UInt8], time: [UInt8]) {
        if saysGone(page, index) { return appendDelete(keyText(page, index), to: &lines, time: time) }
        let record = record(page, index) ?? 0..<0
        let cursor = cursorRange(page, index)
        if keys.count == 1, let key = page.field(index, keys[0]) {
            line.append(to: &lines, from: page.bytes, id: key, cursor: cursor, time: time, record: record)
        } else {
            let key = keyText(page, index)
            line.append(to: &lines, from: page.bytes, idText: key, cursor: cursor, time: time, record: record)
        }
    }

    /// Appends the line that says that the record is gone. `key` is its text.
    func appendDelete(_ key: String, to lines: inout [UInt8], time: [UInt8]) {
        line.appendDelete(to: &lines, id: key.utf8, time: time)
    }
}

extension RecordReader.Rule {
    /// The records of a list.
    init(_ stream: StreamDefinition) {
        let key = stream.key.map { stream.record + $0 }
        self.init(stream: stream.id, key: key, object: stream.record, comparison: stream.comparison)
        cursor = stream.cursor
        deleted = stream.deleted
    }

    /// Those that events carry at `object`, as the stream's own list reads them; `stream` is nil where none does.
    init(of target: StreamID, _ stream: StreamDefinition?, key: [[String]], object: [String]) {
        self.init(stream: target, key: key, object: object)
        comparison = stream?.comparison ?? .bytes
        cursor = stream?.cursor
        deleted = stream?.deleted
    }
}
