/// An event that was proven and read, on its way into the inbox.
package struct IncomingEvent: Sendable, Equatable {
    /// The sender's own name of it; nil where it gives none.
    package var id: String?
    package var type: String
    /// Where it waits: `StreamID.events(of:into:)`.
    package var stream: StreamID
    /// The event's JSON text without white space.
    package var bytes: [UInt8]
    /// Whether a person sends it again: then it counts as new, although its id is known.
    package var isReplay: Bool

    package init(id: String?, type: String, stream: StreamID, bytes: [UInt8], isReplay: Bool = false) {
        self.id = id
        self.type = type
        self.stream = stream
        self.bytes = bytes
        self.isReplay = isReplay
    }
}

/// An event that waits in the inbox.
package struct WaitingEvent: Sendable, Equatable {
    /// Grows with each event that is accepted, and is never used again.
    package var number: Int64
    package var id: String?
    package var type: String
    package var at: Instant
    package var bytes: [UInt8]
    /// It is not as it was accepted: nothing that it says counts.
    package var isDamaged = false

    package init(number: Int64, id: String?, type: String, at: Instant, bytes: [UInt8]) {
        self.number = number
        self.id = id
        self.type = type
        self.at = at
        self.bytes = bytes
    }
}

/// How new the last event was that changed an object; kept for deleted ones too, so that a late event does not bring
/// them back.
package struct EventVersion: Sendable, Equatable {
    package var key: Hash128
    package var version: Int64
    package var isDeleted: Bool
    /// It is not as it was written: it says nothing.
    package var isDamaged = false

    package init(key: Hash128, version: Int64, isDeleted: Bool) {
        self.key = key
        self.version = version
        self.isDeleted = isDeleted
    }
}

/// What working off events changes, beside the records: part of a checkpoint.
package struct EventSettlement: Sendable, Equatable {
    /// The events that are done with.
    package var numbers: [Int64]
    /// How long these are together.
    package var bytes: Int64
    /// Of the stream that they were for.
    package var target: StreamID?
    package var versions: [EventVersion]
    /// When versions may be forgotten.
    package var versionsUntil: Instant
    /// Streams that are to be synced early: remembered until a run that began after `at` has succeeded.
    package var earlySyncs: [StreamID]
    /// Ids that are forgotten: their sender may send these events again.
    package var unknownIDs: [String] = []
    package var at: Instant

    package init(
        numbers: [Int64],
        bytes: Int64 = 0,
        target: StreamID? = nil,
        versions: [EventVersion] = [],
        versionsUntil: Instant,
        earlySyncs: [StreamID] = [],
        at: Instant
    ) {
        self.numbers = numbers
        self.bytes = bytes
        self.target = target
        self.versions = versions
        self.versionsUntil = versionsUntil
        self.earlySyncs = earlySyncs
        self.at = at
    }
}

/// How much waits of one connector's events.
package struct InboxLoad: Sendable, Equatable {
    package var events: Int
    package var bytes: Int64

    package init(events: Int = 0, bytes: Int64 = 0) {
        self.events = events
        self.bytes = bytes
    }
}

/// Bounds of what senders can make the daemon keep.
package struct InboxLimits: Sendable, Equatable {
    /// Events of one connector: hours of the busiest sender while a sink is down. More is answered 503, and comes again.
    package var events = 1_000_000
    /// Their bytes, so that a state file does not fill a disk.
    package var bytes: Int64 = 1 << 30

    package init() {}
}

/// The seam to the durable inbox.
///
/// Contract: when `accept` returns, the events survive a power cut; when it throws, none of the call is stored. An event
/// whose id is remembered is not stored again, unless it is a replay. Waiting events come in the order in which they were accepted, until a
/// checkpoint settles them. Every implementation passes `EventInboxConformance`.
package protocol EventInbox: Sendable {
    /// Makes events of one connector durable and remembers their ids until `until`. Answers how many were new. Throws
    /// `.inboxFull` when with them more waited than the limits allow.
    func accept(
        _ events: [IncomingEvent],
        of connector: String,
        at: Instant,
        until: Instant,
        limits: InboxLimits
    ) async throws(StateError) -> Int
    /// The oldest events that wait there; at most `limit`, and about `bytes` of them.
    func waiting(in stream: StreamID, limit: Int, bytes: Int) async throws(StateError) -> [WaitingEvent]
    /// Where events wait, and how many.
    func waitingCounts() async throws(StateError) -> [StreamID: Int]
    /// Of the objects that events have changed, by key.
    func eventVersions(of stream: StreamID, keys: [Hash128]) async throws(StateError) -> [Hash128: EventVersion]
    /// Early syncs that were asked for and not made yet.
    func earlySyncs() async throws(StateError) -> [StreamID]
}

extension StateError {
    /// Senders bring more than is worked off.
    package static func inboxFull(_ connector: String, _ load: InboxLoad) -> StateError {
        StateError(
            .inboxFull,
            "\(connector) has \(load.events) events waiting (\(load.bytes) bytes), as many as are kept",
            hint: "see why they are not worked off (`status`, the journal); senders repeat what is refused meanwhile"
        )
    }
}
