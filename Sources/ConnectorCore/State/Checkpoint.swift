/// A stream of a connector, as state, log and files name it.
package struct StreamID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var connector: String
    package var stream: String

    package init(connector: String, stream: String) {
        self.connector = connector
        self.stream = stream
    }

    package var description: String { "\(connector)/\(stream)" }

    package static func < (left: StreamID, right: StreamID) -> Bool {
        (left.connector, left.stream) < (right.connector, right.stream)
    }
}

/// What a stream resumes from with one sink: the row that a commit replaces.
package struct StreamState: Sendable, Equatable {
    /// The highest cursor value that the sink has acknowledged, in the cursor's own unit (nanoseconds for times).
    package var cursor: Int64?
    /// A walk that was under way at the commit, as `WalkPosition` encodes itself; nil between walks.
    package var walk: String?
    /// Counts full walks; a delivered record that a complete walk did not see again is gone.
    package var generation: Int64
    /// When the last complete full walk ended.
    package var lastFullWalk: Instant?
    /// What the source was seen to do, as the machine writes it down for its next run; a store does not look into it.
    package var evidence: String?
    /// The plan under which the row was made, as `PlanFingerprint` encodes itself; nil where that is not known.
    package var fingerprint: String?

    package init(
        cursor: Int64? = nil,
        walk: String? = nil,
        generation: Int64 = 0,
        lastFullWalk: Instant? = nil,
        evidence: String? = nil,
        fingerprint: String? = nil
    ) {
        self.cursor = cursor
        self.walk = walk
        self.generation = generation
        self.lastFullWalk = lastFullWalk
        self.evidence = evidence
        self.fingerprint = fingerprint
    }
}

/// A record that the sink has: what later pages are compared with.
package struct DeliveredRecord: Sendable, Equatable {
    /// Hash of the key's JSON text.
    package var key: Hash128
    /// Hash of the record's bytes without white space.
    package var content: Hash128
    /// The record's cursor value, or the version an event feed gave it.
    package var cursor: Int64
    /// The last full walk that saw it.
    package var generation: Int64
    /// The key's JSON text, kept where a delete may have to name it; nil where only ties are remembered.
    package var keyText: String?

    package init(key: Hash128, content: Hash128, cursor: Int64, generation: Int64 = 0, keyText: String? = nil) {
        self.key = key
        self.content = content
        self.cursor = cursor
        self.generation = generation
        self.keyText = keyText
    }
}

extension DeliveredRecord {
    /// Whether the text is the one that the key was made from: with another, rot would have somebody else deleted.
    package var namesItsKey: Bool {
        keyText.map { ContentHash.hash(Array($0.utf8)) == key } ?? true
    }
}

/// What is remembered of a record, without what a reading of the record itself says: small, and no object.
package struct KnownRecord: Sendable, Equatable {
    package var content: Hash128
    package var cursor: Int64
    package var generation: Int64
    package var hasKeyText: Bool

    package init(content: Hash128, cursor: Int64, generation: Int64, hasKeyText: Bool) {
        self.content = content
        self.cursor = cursor
        self.generation = generation
        self.hasKeyText = hasKeyText
    }

    package init(_ record: DeliveredRecord) {
        self.init(
            content: record.content,
            cursor: record.cursor,
            generation: record.generation,
            hasKeyText: record.keyText != nil
        )
    }
}

/// How far a sink has made a stream's records durable, in the sink's own words (the file sink: `00000003:1048576`).
package struct SinkPosition: Sendable, Equatable {
    package var text: String

    package init(_ text: String) {
        self.text = text
    }
}

/// One run of a stream, as `status` shows it.
package struct RunRecord: Sendable, Equatable, Codable {
    package enum Outcome: String, Sendable, Codable {
        case running
        case succeeded
        case failed
        case interrupted
    }

    package var id: String
    package var started: Instant
    package var ended: Instant?
    package var outcome: Outcome
    package var records: Int64
    package var deletes: Int64
    package var pages: Int64
    package var bytes: Int64
    package var error: String?

    /// When the run succeeded; nil when it has not.
    package var succeededAt: Instant? { outcome == .succeeded ? ended ?? started : nil }

    package init(
        id: String,
        started: Instant,
        ended: Instant? = nil,
        outcome: Outcome = .running,
        records: Int64 = 0,
        deletes: Int64 = 0,
        pages: Int64 = 0,
        bytes: Int64 = 0,
        error: String? = nil
    ) {
        self.id = id
        self.started = started
        self.ended = ended
        self.outcome = outcome
        self.records = records
        self.deletes = deletes
        self.pages = pages
        self.bytes = bytes
        self.error = error
    }
}

/// Everything that becomes true together. The store makes it durable in one transaction, or nothing of it.
package struct Checkpoint: Sendable, Equatable {
    package var stream: StreamID
    package var state: StreamState
    package var run: RunRecord
    /// By the stream whose file or endpoint it is (an event feed writes into other streams).
    package var sinkPositions: [StreamID: SinkPosition]
    /// Records to remember; a known key is replaced, with its `keyText` as given. Remembering comes after forgetting.
    package var remember: [StreamID: [DeliveredRecord]]
    /// Keys of remembered records that a full walk saw unchanged, by its number.
    package var seen: [StreamID: [Int64: [Hash128]]] = [:]
    /// Keys to forget (the record is gone at the source).
    package var forget: [StreamID: [Hash128]]
    /// Since when objects are gone, so that no older event brings one back; kept until `goneUntil`.
    package var gone: [StreamID: [EventVersion]] = [:]
    package var goneUntil = Instant(nanoseconds: 0)
    /// Of the remembered ties of `stream`, those with a cursor in this gap go; nil keeps all. What has a `keyText` stays.
    package var forgetBetween: ForgetRange?
    /// Of a run that worked off events.
    package var events: EventSettlement?

    /// The open interval of cursor values whose ties are no longer needed.
    package struct ForgetRange: Sendable, Equatable {
        package var above: Int64
        package var below: Int64

        package init(above: Int64, below: Int64) {
            self.above = above
            self.below = below
        }
    }

    /// Every stream whose rows it changes.
    package var streams: Set<StreamID> {
        Set([stream]).union(sinkPositions.keys).union(remember.keys).union(forget.keys).union(seen.keys)
    }

    package init(
        stream: StreamID,
        state: StreamState,
        run: RunRecord,
        sinkPositions: [StreamID: SinkPosition] = [:],
        remember: [StreamID: [DeliveredRecord]] = [:],
        forget: [StreamID: [Hash128]] = [:],
        forgetBetween: ForgetRange? = nil,
        events: EventSettlement? = nil
    ) {
        self.stream = stream
        self.state = state
        self.run = run
        self.sinkPositions = sinkPositions
        self.remember = remember
        self.forget = forget
        self.forgetBetween = forgetBetween
        self.events = events
    }
}
