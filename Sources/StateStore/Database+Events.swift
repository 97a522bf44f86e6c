import ConnectorCore
import Synchronization

/// Events to accept together, and what became of them: how many were new is known once they are stored.
final class AcceptedEvents: Sendable {
    let connector: String
    let events: [IncomingEvent]
    let at: Instant
    let until: Instant
    private let outcome = Mutex(InboxLoad())

    init(_ events: [IncomingEvent], of connector: String, at: Instant, until: Instant) {
        self.connector = connector
        self.events = events
        self.at = at
        self.until = until
    }

    /// The new ones, and their bytes.
    var load: InboxLoad {
        get { outcome.withLock { $0 } }
        set { outcome.withLock { $0 = newValue } }
    }
}

extension Database {
    /// Rows that a checkpoint forgets beside its own work: more than it can add, so that both tables stay bounded.
    private static let pruneLimit: Int64 = 2_000

    /// Part of the caller's transaction.
    func accept(_ batch: AcceptedEvents) throws(SQLiteError) {
        let ids = try makeID(of: .events(of: batch.connector, into: nil))
        var load = InboxLoad()
        for event in batch.events {
            if let id = event.id {
                let isNew = try connection.statement(.rememberEventID)
                    .first(.integer(ids), .hash(ContentHash.hash(Array(id.utf8))), .instant(batch.until)) { _ in true }
                guard isNew == true || event.isReplay else { continue }
            }
            let stream = try makeID(of: event.stream)
            try connection.statement(.addEvent).run(
                .integer(stream),
                .text(event.id),
                .text(event.type),
                .instant(batch.at),
                .bytes(event.bytes),
                .integer(RowCheck.of(event, at: batch.at, stream))
            )
            load.events += 1
            load.bytes += Int64(event.bytes.count)
        }
        batch.load = load
    }

    /// Part of a checkpoint's transaction.
    func settle(_ events: EventSettlement, of connector: String) throws(SQLiteError) {
        for id in events.unknownIDs {
            try connection.statement(.forgetEventID).run(
                .integer(try makeID(of: .events(of: connector, into: nil))),
                .hash(ContentHash.hash(Array(id.utf8)))
            )
        }
        for number in events.numbers {
            try connection.statement(.settleEvent).run(.integer(number))
        }
        if let target = events.target { try putVersions(events.versions, of: target, until: events.versionsUntil) }
        for stream in events.earlySyncs {
            try connection.statement(.askEarlySync).run(.integer(try makeID(of: stream)), .instant(events.at))
        }
        try connection.statement(.pruneEventIDs).run(.instant(events.at), .integer(Self.pruneLimit))
        try pruneVersions(at: events.at)
    }

    func pruneVersions(at now: Instant) throws(SQLiteError) {
        try connection.statement(.pruneEventVersions).run(.instant(now), .integer(Self.pruneLimit))
    }

    func putVersions(_ versions: [EventVersion], of stream: StreamID, until: Instant) throws(SQLiteError) {
        let id = try makeID(of: stream)
        for version in versions {
            try connection.statement(.putEventVersion).run(
                .integer(id),
                .hash(version.key),
                .integer(version.version),
                .integer(version.isDeleted ? 1 : 0),
                .instant(until),
                .integer(RowCheck.of(version, id))
            )
        }
    }

    /// The oldest first, until `bytes` are together; at least one.
    func waiting(in stream: StreamID, limit: Int, bytes: Int) throws(SQLiteError) -> [WaitingEvent] {
        guard let id = try id(of: stream) else { return [] }
        var room = bytes
        return try connection.statement(.waitingEvents)
            .rows(.integer(id), .integer(Int64(limit)), while: { room > 0 }) { row in
                let event = WaitingEvent(row: row, id)
                room -= event.bytes.count
                return event
            }
    }

    func waitingLoads() throws(SQLiteError) -> [StreamID: InboxLoad] {
        guard version >= Schema.inboxVersion else { return [:] }
        let rows = try connection.statement(.waitingCounts).rows { row in
            (
                StreamID(connector: row.text(0), stream: row.text(1)),
                InboxLoad(events: Int(row.integer(2)), bytes: row.integer(3))
            )
        }
        return Dictionary(rows) { first, _ in first }
    }

    func eventVersions(of stream: StreamID, keys: [Hash128]) throws(SQLiteError) -> [Hash128: EventVersion] {
        guard let id = try id(of: stream) else { return [:] }
        var found: [Hash128: EventVersion] = [:]
        for key in keys {
            found[key] = try connection.statement(.eventVersion).first(.integer(id), .hash(key)) { row in
                EventVersion(row: row, key, id)
            }
        }
        return found
    }

    func earlySyncs() throws(SQLiteError) -> [StreamID] {
        try connection.statement(.earlySyncs).rows { row in
            StreamID(connector: row.text(0), stream: row.text(1))
        }
    }
}

extension WaitingEvent {
    /// Number, id, type, time, content and check.
    init(row: Row, _ stream: Int64) {
        self.init(
            number: row.integer(0),
            id: row.optionalText(1),
            type: row.text(2),
            at: Instant(nanoseconds: row.integer(3)),
            bytes: row.bytes(4)
        )
        isDamaged = row.optionalInteger(5).map { $0 != RowCheck.of(self, stream) } ?? false
    }
}

extension EventVersion {
    /// Version, whether it was a deletion, and check.
    init(row: Row, _ key: Hash128, _ stream: Int64) {
        self.init(key: key, version: row.integer(0), isDeleted: row.integer(1) != 0)
        isDamaged = row.optionalInteger(2).map { $0 != RowCheck.of(self, stream) } ?? false
    }
}
