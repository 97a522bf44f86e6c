/// Writes the lines of delivery: one JSON object a record, the record byte for byte as it came.
///
/// `{"connector":…,"stream":…,"op":"upsert"|"delete","id":…,"cursor":…,"synced_at":…,"record":{…}}`
package struct RecordLine: Sendable {
    private let upsert: [UInt8]
    private let delete: [UInt8]
    private static let cursor = Array(",\"cursor\":".utf8)
    private static let syncedAt = Array(",\"synced_at\":\"".utf8)
    private static let record = Array("\",\"record\":".utf8)
    private static let null = Array("null".utf8)
    private static let end = Array("}\n".utf8)

    package init(_ stream: StreamID) {
        let names =
            "{\"connector\":\(JSONValue.string(stream.connector).text),"
            + "\"stream\":\(JSONValue.string(stream.stream).text),"
        upsert = Array("\(names)\"op\":\"upsert\",\"id\":".utf8)
        delete = Array("\(names)\"op\":\"delete\",\"id\":".utf8)
    }

    /// Appends an upsert's line: `id`, `cursor` and `record` are places in `page`. `time` is the moment of delivery in
    /// ISO 8601.
    package func append(
        to lines: inout [UInt8],
        from page: [UInt8],
        id: Range<Int>,
        cursor: Range<Int>?,
        time: [UInt8],
        record: Range<Int>
    ) {
        lines.append(contentsOf: upsert)
        lines.append(contentsOf: page[id])
        appendRest(to: &lines, from: page, cursor: cursor, time: time, record: record)
    }

    /// The same for a key of several fields, whose text was made.
    package func append(
        to lines: inout [UInt8],
        from page: [UInt8],
        idText: String,
        cursor: Range<Int>?,
        time: [UInt8],
        record: Range<Int>
    ) {
        lines.append(contentsOf: upsert)
        lines.append(contentsOf: idText.utf8)
        appendRest(to: &lines, from: page, cursor: cursor, time: time, record: record)
    }

    private func appendRest(
        to lines: inout [UInt8],
        from page: [UInt8],
        cursor: Range<Int>?,
        time: [UInt8],
        record: Range<Int>
    ) {
        lines.append(contentsOf: Self.cursor)
        if let cursor {
            lines.append(contentsOf: page[cursor])
        } else {
            lines.append(contentsOf: Self.null)
        }
        lines.append(contentsOf: Self.syncedAt)
        lines.append(contentsOf: time)
        lines.append(contentsOf: Self.record)
        lines.append(contentsOf: page[record])
        lines.append(contentsOf: Self.end)
    }

    /// Appends a deletion's line: the record is null.
    package func appendDelete(to lines: inout [UInt8], id: some Sequence<UInt8>, time: [UInt8]) {
        lines += delete
        lines += id
        lines += Self.cursor
        lines += Self.null
        lines += Self.syncedAt
        lines += time
        lines += Self.record
        lines += Self.null
        lines += Self.end
    }
}
