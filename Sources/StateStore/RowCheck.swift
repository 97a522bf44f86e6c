import ConnectorCore

/// What tells that a row's values are those that were written together, for this row. Against chance, not
/// against people: who may write the file may write this.
enum RowCheck {
    static func of(_ state: StreamState, _ row: Int64) -> Int64 {
        sum([
            "\(row)", text(state.cursor), state.walk, text(state.generation), text(state.lastFullWalk?.nanoseconds),
            state.evidence, state.fingerprint,
        ])
    }

    static func of(_ position: SinkPosition, _ row: Int64) -> Int64 { sum(["\(row)", position.text]) }

    private static func text(_ number: Int64?) -> String? { number.map { "\($0)" } }

    /// Nothing and an empty text are two things, and no text runs over into the next.
    private static func sum(_ texts: [String?]) -> Int64 {
        var bytes: [UInt8] = []
        for text in texts {
            bytes += Array("\(text?.utf8.count ?? -1):".utf8)
            bytes += text.map { Array($0.utf8) } ?? []
        }
        return Int64(bitPattern: ContentHash.hash(bytes).low)
    }
}
