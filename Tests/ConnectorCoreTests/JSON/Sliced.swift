import ConnectorCore

/// A sliced page in words that tests can compare.
struct Sliced: Equatable {
    var records: [String]
    var fields: [[String?]]
    var pageFields: [String?]

    /// Slices `text` and lists everything the plan asked for.
    init(
        _ text: String,
        _ records: SlicePlan.Records,
        fields: [[String]] = [],
        page pageFields: [[String]] = []
    ) throws(SliceError) {
        let plan = SlicePlan(records: records, recordFields: fields, pageFields: pageFields)
        let page = try RecordSlicer.slice(Array(text.utf8), plan: plan)
        self.records = (0..<page.recordCount).map { page.text(page.recordBytes($0)) }
        self.fields = (0..<page.recordCount).map { record in
            fields.indices.map { field in page.field(record, field).map(page.text) }
        }
        self.pageFields = pageFields.indices.map { page.pageField($0).map(page.text) }
    }
}

extension Page {
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

extension SliceError {
    /// What the slicer has against the grammar of a page; nil when it is JSON.
    static func of(_ page: [UInt8]) -> SliceError? {
        do throws(SliceError) {
            _ = try RecordSlicer.slice(page, plan: SlicePlan(records: .none))
            return nil
        } catch {
            return error
        }
    }

    static func of(_ page: String) -> SliceError? { of(Array(page.utf8)) }
}
