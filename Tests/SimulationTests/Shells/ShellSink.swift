import ConnectorCore

/// What a reader finds, line by line. As the file sink: what lies beyond the committed position is cut off when a
/// stream is opened.
struct ShellSink {
    struct Line: Equatable {
        /// What the daemon takes for the record's key.
        var key: Int
        /// The record's own.
        var id: Int
        /// Nil says that what bears the key is gone.
        var content: Int?
    }

    private var lines: [StreamID: [Line]] = [:]
    /// What the state acknowledges.
    var positions: [StreamID: SinkPosition] = [:]

    mutating func open(_ stream: StreamID, at position: SinkPosition?) {
        let length = position.flatMap { Int($0.text) } ?? 0
        lines[stream] = Array(lines[stream, default: []].prefix(length))
    }

    func position(of stream: StreamID) -> SinkPosition { SinkPosition(String(lines[stream]?.count ?? 0)) }

    /// False where a line is none.
    mutating func append(_ bytes: [UInt8], to stream: StreamID) -> Bool {
        for text in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let line = Self.line(Array(text)) else { return false }
            lines[stream, default: []].append(line)
        }
        return true
    }

    private static func line(_ bytes: [UInt8]) -> Line? {
        guard let value = try? JSONValue(parsing: bytes), let key = value["id"]?.int64 else { return nil }
        guard value["op"]?.string != "delete" else { return Line(key: Int(key), id: Int(key)) }
        guard let id = value["record"]?["id"]?.int64, let content = value["record"]?["v"]?.int64 else { return nil }
        return Line(key: Int(key), id: Int(id), content: Int(content))
    }

    /// Without what a process that died left behind.
    func acknowledged(_ stream: StreamID) -> [Line] {
        Array((lines[stream] ?? []).prefix(positions[stream].flatMap { Int($0.text) } ?? 0))
    }

    /// What a reader who applies line after line has in the end.
    func folded(_ stream: StreamID) -> [Int: Int] {
        var records: [Int: Line] = [:]
        for line in acknowledged(stream) {
            if line.content == nil {
                for (id, known) in records where known.key == line.key { records[id] = nil }
            } else {
                records[line.id] = line
            }
        }
        return records.compactMapValues(\.content)
    }
}
