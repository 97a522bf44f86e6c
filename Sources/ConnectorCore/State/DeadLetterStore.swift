/// The seam to the dead letters.
///
/// Contract: when `add` returns, the letters survive a power cut; when it throws, none of the call is stored. A letter
/// whose content is there already is not stored again, and the first one's reason stays. Every implementation passes
/// `DeadLetterStoreConformance`.
package protocol DeadLetterStore: Sendable {
    /// Stores the letters of one stream. Throws `.tooManyDeadLetters`, when with them the stream had more than `limit`.
    func add(_ letters: [DeadLetter], limit: Int) async throws(StateError)
    /// At most `limit` letters with numbers beyond `after`, by number.
    func deadLetters(limit: Int, after: Int64) async throws(StateError) -> [KeptDeadLetter]
    /// How many each stream has; streams without any are not named.
    func deadLetterCounts() async throws(StateError) -> [StreamID: Int]
    /// Forgets letters: they were looked at, or delivered after all.
    func removeDeadLetters(_ numbers: [Int64]) async throws(StateError)
}

/// How many dead letters a stream may have.
package enum DeadLetterLimit {
    /// A few refused records are an oddity of the records; thousands are a misunderstanding between two systems, which
    /// only a person can clear up. Their lines also fill the state file.
    package static let perStream = 10_000
}

extension StateError {
    /// A sink refuses so many records of a stream that nothing more is sent to it.
    package static func tooManyDeadLetters(_ stream: StreamID, limit: Int, last: DeadLetter) -> StateError {
        StateError(
            .tooManyDeadLetters,
            "\(stream) has \(limit) dead letters, and the sink refuses more: \(last.reason)",
            hint:
                "read the reasons with `dead-letters list`, mend what is refused, then replay or drop them; nothing is "
                + "lost, the stream waits"
        )
    }
}
