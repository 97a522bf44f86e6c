/// A page that was sliced: its bytes, and where its records and the plan's fields are in them.
///
/// Every range is of raw JSON text without white space between its tokens, exactly as the server wrote it otherwise.
package struct Page: Sendable {
    /// What was at the records' path.
    package enum RecordsFound: Sendable, Equatable {
        case found
        case null
        case missing
        case other(JSONText.Kind)
    }

    /// The page, compact from its first to its last token. What stood before the first one (white space, a byte order
    /// mark) is still there, and is no part of `document` or of any other range.
    package let bytes: [UInt8]
    /// The whole JSON value.
    package let document: Range<Int>
    package let recordCount: Int
    package let recordsFound: RecordsFound
    private let records: SlicePlan.Records
    private let foundOffset: Int
    private let layout: SlicePlan.Layout
    /// Start and end of each slot: the page's slots, then a row per record.
    private let ranges: [Int32]

    init(bytes: [UInt8], plan: SlicePlan, walk: WalkResult) {
        self.bytes = bytes
        document = walk.start..<bytes.count
        recordCount = walk.records
        recordsFound = walk.found
        records = plan.records
        foundOffset = walk.foundOffset
        layout = plan.layout
        ranges = walk.ranges
    }

    /// Where the record's text is in `bytes`.
    package func recordBytes(_ record: Int) -> Range<Int> {
        range(row(of: record) + layout.recordSlot) ?? 0..<0
    }

    /// Where the value of a record's field is; nil when the record has no such member. `field` counts the plan's
    /// record fields.
    package func field(_ record: Int, _ field: Int) -> Range<Int>? {
        range(row(of: record) + layout.recordFields[field])
    }

    /// Where the value of a page's field is; nil when the page has no such member.
    package func pageField(_ field: Int) -> Range<Int>? {
        range(layout.pageFields[field])
    }

    /// Throws when the page has no records to read, and says what it has instead. Some servers answer null for none.
    package func checkRecords(nullIsEmpty: Bool = true) throws(SliceError) {
        switch recordsFound {
        case .found:
            return
        case .null:
            if nullIsEmpty { return }
            throw problem(.recordsNull, "is null")
        case .missing:
            if records == .none { return }
            throw problem(.recordsMissing, "is missing")
        case .other(let kind):
            throw problem(.recordsOfWrongType, "is \(kind)")
        }
    }

    private func row(of record: Int) -> Int {
        precondition(record >= 0 && record < recordCount, "a page has no such record")
        return layout.recordSlots == 0 ? 0 : layout.pageSlots + record * layout.recordSlots
    }

    private func range(_ slot: Int) -> Range<Int>? {
        let start = Int(ranges[2 * slot])
        return start < 0 ? nil : start..<Int(ranges[2 * slot + 1])
    }

    private func problem(_ code: SliceError.Code, _ what: String) -> SliceError {
        let wanted = if case .single = records { "object of the record" } else { "array of records" }
        let place = records.path.isEmpty ? "at the root" : "at `\(records.path.joined(separator: "."))`"
        let beginning = SliceError.printable(Array(bytes[document].prefix(40)))
        return SliceError(code, offset: foundOffset, reason: "the \(wanted) \(place) \(what)", excerpt: beginning)
    }
}
