package import ConnectorCore

extension SQLiteStore: DeadLetterStore {
    /// The limit is looked at before the write: what is on its way at the same moment may pass it by a batch.
    package func add(_ letters: [DeadLetter], limit: Int) async throws(StateError) {
        guard let first = letters.first else { return }
        let (count, new) = try read { database throws(SQLiteError) in
            var new: [DeadLetter] = []
            for letter in letters where try !database.isKnown(letter) { new.append(letter) }
            return (try database.deadLetterCount(of: first.stream), new)
        }
        guard let last = new.last else { return }
        guard count + new.count <= limit else { throw .tooManyDeadLetters(first.stream, limit: limit, last: last) }
        try await makeDurable(.addDeadLetters(new))
    }

    package func deadLetters(limit: Int, after: Int64) throws(StateError) -> [KeptDeadLetter] {
        try read { database throws(SQLiteError) in try database.deadLetters(limit: limit, after: after) }
    }

    package func deadLetterCounts() throws(StateError) -> [StreamID: Int] {
        try read { database throws(SQLiteError) in try database.deadLetterCounts() }
    }

    package func removeDeadLetters(_ numbers: [Int64]) async throws(StateError) {
        try await makeDurable(.removeDeadLetters(numbers))
    }
}
