import ConnectorCore

/// One entry of a list, whatever it holds.
struct ListEntry: Equatable {
    var id: Int
    var stamp: Int64
    var record: SourceRecord
    var event: SourceEvent?
}
