import ConnectorCore

/// What of the file is not as it was written.
extension Database {
    /// Reads all that a run would; nothing where all is well.
    func damages() throws(SQLiteError) -> [String] {
        var damages: [String] = []
        func note(_ name: String, _ body: () throws(SQLiteError) -> Void) {
            do throws(SQLiteError) {
                try body()
            } catch {
                damages.append("\(name): \(error.message) (SQLite \(error.code) in \(error.operation))")
            }
        }
        note("the file") { () throws(SQLiteError) in
            let verdict = try connection.pragma("integrity_check(1)")
            guard verdict == "ok" else { throw SQLiteError.damaged(verdict, during: "integrity_check") }
        }
        let rows = try connection.statement(.rows).rows { row throws(SQLiteError) in
            (row: row.integer(0), name: "\(row.text(1))/\(row.text(2))")
        }
        for (row, name) in rows {
            note(name) { () throws(SQLiteError) in _ = try state(row) }
            note(name) { () throws(SQLiteError) in _ = try sinkPosition(row) }
            note(name) { () throws(SQLiteError) in try forEachRecord(row) { _, _ in } }
            note(name) { () throws(SQLiteError) in try checkSeen(row) }
        }
        note("dead letters") { () throws(SQLiteError) in try checkDeadLetters() }
        note("events") { () throws(SQLiteError) in try checkEvents() }
        return damages
    }

    private func checkDeadLetters() throws(SQLiteError) {
        guard version >= Schema.deadLettersVersion else { return }
        let damaged = try connection.statement(.deadLetters).rows(.integer(0), .integer(.max)) {
            row throws(SQLiteError) in
            let kept = try KeptDeadLetter(row: row)
            return kept.isDamaged ? kept.number : nil
        }
        try refuse(damaged, "dead letter", during: .deadLetters)
    }

    private func checkEvents() throws(SQLiteError) {
        guard version >= Schema.inboxVersion else { return }
        let waiting = try connection.statement(.everyWaitingEvent).rows { row in
            WaitingEvent(row: row, row.integer(6)).isDamaged ? row.integer(0) : nil
        }
        try refuse(waiting, "waiting event", during: .everyWaitingEvent)
        let versions = try connection.statement(.everyEventVersion).rows { row throws(SQLiteError) in
            EventVersion(row: row, try row.hash(3), row.integer(4)).isDamaged ? row.integer(4) : nil
        }
        try refuse(versions, "version of an object, of the stream with number", during: .everyEventVersion)
    }

    private func refuse(_ numbers: [Int64?], _ what: String, during statement: SQL) throws(SQLiteError) {
        let damaged = numbers.compactMap { $0 }
        guard let first = damaged.first else { return }
        let more = damaged.count > 1 ? ", and \(damaged.count - 1) more," : ""
        throw .damaged("\(what) \(first)\(more) is not as it was written", during: "\(statement)")
    }
}
