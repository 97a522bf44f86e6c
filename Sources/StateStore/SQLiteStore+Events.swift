package import ConnectorCore

extension SQLiteStore: EventInbox {
    /// The load is looked at before the write: what is on its way at the same moment may pass the limit by a group.
    package func accept(
        _ events: [IncomingEvent],
        of connector: String,
        at: Instant,
        until: Instant,
        limits: InboxLimits
    ) async throws(StateError) -> Int {
        guard !events.isEmpty else { return 0 }
        let load = try inboxLoad(of: connector)
        guard load.events < limits.events, load.bytes < limits.bytes else { throw .inboxFull(connector, load) }
        let batch = AcceptedEvents(events, of: connector, at: at, until: until)
        try await makeDurable(.accept(batch))
        addToInbox(batch.load, of: connector)
        return batch.load.events
    }

    package func waiting(in stream: StreamID, limit: Int, bytes: Int) throws(StateError) -> [WaitingEvent] {
        try read { database throws(SQLiteError) in try database.waiting(in: stream, limit: limit, bytes: bytes) }
    }

    package func waitingCounts() throws(StateError) -> [StreamID: Int] {
        let loads = try read { database throws(SQLiteError) in try database.waitingLoads() }
        return loads.mapValues(\.events)
    }

    package func eventVersions(
        of stream: StreamID,
        keys: [Hash128]
    ) throws(StateError) -> [Hash128: EventVersion] {
        try read { database throws(SQLiteError) in try database.eventVersions(of: stream, keys: keys) }
    }

    package func earlySyncs() throws(StateError) -> [StreamID] {
        try read { database throws(SQLiteError) in try database.earlySyncs() }
    }
}
