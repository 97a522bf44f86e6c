import ConnectorCore

/// What tells that a row's values are those that were written together, for this row. Against chance, not
/// against people: who may write the file may write this.
enum RowCheck {
    static func of(_ state: StreamState, _ row: Int64) -> Int64 {
        sum([
            text(row), text(state.cursor), text(state.walk), text(state.generation),
            text(state.lastFullWalk?.nanoseconds), text(state.evidence), text(state.fingerprint),
        ])
    }

    static func of(_ position: SinkPosition, _ row: Int64) -> Int64 { sum([text(row), text(position.text)]) }

    /// `stream` is the row of the events' name.
    static func of(_ event: IncomingEvent, at: Instant, _ stream: Int64) -> Int64 {
        of(WaitingEvent(number: 0, id: event.id, type: event.type, at: at, bytes: event.bytes), stream)
    }

    /// But for its number, which it has once it is there.
    static func of(_ event: WaitingEvent, _ stream: Int64) -> Int64 {
        sum([text(stream), text(event.id), text(event.type), text(event.at.nanoseconds), event.bytes])
    }

    static func of(_ version: EventVersion, _ stream: Int64) -> Int64 {
        sum([text(stream), bytes(version.key), text(version.version), text(version.isDeleted ? 1 : 0)])
    }

    static func of(_ letter: DeadLetter, _ stream: Int64) -> Int64 {
        sum([
            text(stream), bytes(letter.content), text(letter.operation), text(letter.key), letter.line,
            text(letter.reason), text(letter.code), text(letter.at.nanoseconds),
        ])
    }

    /// Of keys that a walk saw.
    static func of(seen keys: [UInt8], by generation: Int64, bucket: UInt64, _ row: Int64) -> Int64 {
        sum([text(row), text(generation), text(Int64(bitPattern: bucket)), keys])
    }

    private static func text(_ number: Int64?) -> [UInt8]? { number.map { Array("\($0)".utf8) } }

    private static func text(_ text: String?) -> [UInt8]? { text.map { Array($0.utf8) } }

    private static func bytes(_ hash: Hash128) -> [UInt8] { Array("\(hash.high) \(hash.low)".utf8) }

    /// Nothing and an empty value are two things, and no value runs over into the next.
    private static func sum(_ values: [[UInt8]?]) -> Int64 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.reduce(0) { $0 + ($1?.count ?? 0) + 8 })
        for value in values {
            bytes += Array("\(value?.count ?? -1):".utf8)
            bytes += value ?? []
        }
        return Int64(bitPattern: ContentHash.hash(bytes).low)
    }
}
