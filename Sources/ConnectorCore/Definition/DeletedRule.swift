/// How a record says that it is gone: it is delivered as a deletion then, whoever brings it. Data of a definition.
package struct DeletedRule: Sendable, Equatable {
    package var field: [String]
    /// JSON texts of the values that say so.
    package var values: [String]

    package init(field: [String], values: [String] = ["true"]) {
        self.field = field
        self.values = values
    }

    /// Whether a value says so: as it is written, or the text in its quotes.
    func fits(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        if values.contains(where: { bytes[range].elementsEqual($0.utf8) }) { return true }
        // A text may be escaped in more ways than one.
        guard let text = JSONText.string(bytes, range) else { return false }
        return values.contains(JSONValue.string(text).text)
    }
}
