import ConnectorCore

extension Database {
    /// Part of the caller's transaction.
    func add(_ letters: [DeadLetter]) throws(SQLiteError) {
        for letter in letters {
            let stream = try makeID(of: letter.stream)
            try connection.statement(.addDeadLetter).run(
                .integer(stream),
                .hash(letter.content),
                .text(letter.operation),
                .text(letter.key),
                .bytes(letter.line),
                .text(letter.reason),
                .text(letter.code),
                .instant(letter.at),
                .integer(RowCheck.of(letter, stream))
            )
        }
    }

    /// A damaged one is written anew.
    func isKnown(_ letter: DeadLetter) throws(SQLiteError) -> Bool {
        guard let id = try id(of: letter.stream) else { return false }
        return try connection.statement(.deadLetterKnown)
            .first(.integer(id), .hash(letter.content)) { row throws(SQLiteError) in
                try KeptDeadLetter(row: row).isDamaged
            }
            == false
    }

    func deadLetterCount(of stream: StreamID) throws(SQLiteError) -> Int {
        guard let id = try id(of: stream) else { return 0 }
        return Int(try connection.statement(.deadLetterCount).first(.integer(id)) { row in row.integer(0) } ?? 0)
    }

    func deadLetters(limit: Int, after: Int64) throws(SQLiteError) -> [KeptDeadLetter] {
        guard version >= Schema.deadLettersVersion else { return [] }
        return try connection.statement(.deadLetters)
            .rows(.integer(after), .integer(Int64(limit)), as: KeptDeadLetter.init(row:))
    }

    func deadLetterCounts() throws(SQLiteError) -> [StreamID: Int] {
        guard version >= Schema.deadLettersVersion else { return [:] }
        let rows = try connection.statement(.deadLetterCounts).rows { row in
            (StreamID(connector: row.text(0), stream: row.text(1)), Int(row.integer(2)))
        }
        return Dictionary(rows) { first, _ in first }
    }
}

extension KeptDeadLetter {
    init(row: Row) throws(SQLiteError) {
        self.init(
            number: row.integer(0),
            letter: DeadLetter(
                StreamID(connector: row.text(1), stream: row.text(2)),
                operation: row.text(4),
                key: row.text(5),
                line: row.bytes(6),
                reason: row.text(7),
                code: row.optionalText(8),
                at: Instant(nanoseconds: row.integer(9)),
                content: try row.hash(3)
            )
        )
        isDamaged = row.optionalInteger(11).map { $0 != RowCheck.of(letter, row.integer(10)) } ?? false
    }
}
