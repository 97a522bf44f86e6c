import ConnectorCore

/// One line of the sink.
struct SinkLine: Equatable {
    var id: Int
    /// Nil says that the record is gone.
    var content: Int?
}

/// As the file sink: what lies beyond the position of the last committed checkpoint is cut off at the start.
struct SimulatedSink {
    private(set) var lines: [StreamID: [SinkLine]] = [:]

    mutating func append(_ line: SinkLine, to stream: StreamID) {
        lines[stream, default: []].append(line)
    }

    var positions: [StreamID: SinkPosition] {
        lines.mapValues { SinkPosition(String($0.count)) }
    }

    mutating func cut(to positions: [StreamID: SinkPosition]) {
        for (stream, written) in lines {
            let length = positions[stream].flatMap { Int($0.text) } ?? 0
            lines[stream] = length > 0 ? Array(written.prefix(length)) : nil
        }
    }

    /// What a reader who applies line after line has in the end.
    func folded(_ stream: StreamID) -> [Int: Int] {
        var records: [Int: Int] = [:]
        for line in lines[stream] ?? [] { records[line.id] = line.content }
        return records
    }
}
