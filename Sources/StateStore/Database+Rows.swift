import ConnectorCore

/// Rows of state: one a stream, sink and partition.
extension Database {
    /// The rows that a run asks for, by stream; nil where one is missing, has no sink yet or is not the stream's current
    /// one.
    func rows(for opening: LedgerOpening) throws(SQLiteError) -> [StreamID: Int64]? {
        var rows: [StreamID: Int64] = [:]
        for (stream, sink) in opening.sinks {
            guard let id = try id(of: stream), let row = try row(of: id, sink, opening.partition) else { return nil }
            let current = try currentRow(of: stream)
            guard !opening.partition.isEmpty || current == row else { return nil }
            rows[stream] = row
        }
        return rows
    }

    /// The row of the sink that the stream was last opened for.
    func currentRow(of stream: StreamID) throws(SQLiteError) -> Int64? {
        guard let id = try id(of: stream) else { return nil }
        return try connection.statement(.currentRow).first(.integer(id)) { row in row.optionalInteger(0) } ?? nil
    }

    /// Finds, adopts or makes them. Part of the caller's transaction.
    func openRows(_ opening: LedgerOpening) throws(SQLiteError) {
        for (stream, sink) in opening.sinks {
            let id = try makeID(of: stream)
            if try row(of: id, sink, opening.partition) == nil {
                let names = [Value.integer(id), .text(sink.text), .text(opening.partition)]
                let adopted = try connection.statement(.adoptRow).first(names) { row in row.integer(0) }
                if adopted == nil { try connection.statement(.insertRow).run(names) }
            }
            guard opening.partition.isEmpty else { continue }
            try connection.statement(.setCurrentRow).run(.integer(id), .text(sink.text))
        }
    }

    private func row(of id: Int64, _ sink: SinkIdentity, _ partition: String) throws(SQLiteError) -> Int64? {
        try connection.statement(.row)
            .first(.integer(id), .text(sink.text), .text(partition)) { row in row.integer(0) }
    }
}
