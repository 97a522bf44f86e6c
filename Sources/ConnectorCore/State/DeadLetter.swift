/// A line that a sink refused for good, with the reason: kept until somebody has looked at it.
package struct DeadLetter: Sendable, Equatable {
    package var stream: StreamID
    /// `upsert` or `delete`.
    package var operation: String
    /// The record's key, as JSON text.
    package var key: String
    /// The line of delivery as it was sent, without its line break.
    package var line: [UInt8]
    /// The sink's own words, without secrets.
    package var reason: String
    /// The sink's code for it, where it gave one.
    package var code: String?
    package var at: Instant
    /// What the line says, but for `synced_at`: the same record refused again in a later run is the same dead letter.
    package var content: Hash128

    /// Takes the line apart. One that is no object of ours is kept all the same.
    package init(_ stream: StreamID, line: [UInt8], reason: String, code: String? = nil, at: Instant) {
        self.stream = stream
        self.line = line
        self.reason = reason
        self.code = code
        self.at = at
        do throws(JSONError) {
            let fields = try JSONValue(parsing: line)
            operation = fields["op"]?.string ?? "upsert"
            key = fields["id"]?.text ?? "null"
            let parts = (fields.members ?? []).filter { $0.name != "synced_at" }
            content = ContentHash.hash(parts.isEmpty ? line : JSONValue.object(parts).bytes)
        } catch {
            (operation, key, content) = ("upsert", "null", ContentHash.hash(line))
        }
    }

    /// From its stored parts.
    package init(
        _ stream: StreamID,
        operation: String,
        key: String,
        line: [UInt8],
        reason: String,
        code: String?,
        at: Instant,
        content: Hash128
    ) {
        self.stream = stream
        self.operation = operation
        self.key = key
        self.line = line
        self.reason = reason
        self.code = code
        self.at = at
        self.content = content
    }
}

extension DeadLetter {
    /// The code of an event that was damaged while it waited.
    package static let damagedEvent = "EVENT_DAMAGED"
}

/// A dead letter in a store.
package struct KeptDeadLetter: Sendable, Equatable {
    /// Grows with each that is added, and is never used again.
    package var number: Int64
    package var letter: DeadLetter
    /// It is not as it was written: to look at, and not to be sent.
    package var isDamaged = false

    /// Whether it says what it said.
    package var mayBeSent: Bool { !isDamaged && letter.code != DeadLetter.damagedEvent }

    package init(number: Int64, letter: DeadLetter) {
        self.number = number
        self.letter = letter
    }
}
