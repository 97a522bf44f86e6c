import ConnectorCore

/// A run's hold on rows of an `SQLiteStore`.
struct SQLiteLedger: StreamLedger {
    let fence: Fence
    let stream: StreamID
    /// Row numbers of the opened streams; they stay for good.
    let rows: [StreamID: Int64]
    let store: SQLiteStore

    func row(of stream: StreamID) throws(StateError) -> Int64 {
        guard let row = rows[stream] else { throw .notOpened(stream) }
        return row
    }

    func state(of stream: StreamID) async throws(StateError) -> StreamState? {
        let row = try row(of: stream)
        return try await store.read { database throws(SQLiteError) in try database.state(row) }
    }

    func sinkPosition(of stream: StreamID) async throws(StateError) -> SinkPosition? {
        let row = try row(of: stream)
        return try await store.read { database throws(SQLiteError) in try database.sinkPosition(row) }
    }

    func setSinkPosition(of stream: StreamID, to position: SinkPosition) async throws(StateError) {
        try await store.makeDurable(.setSinkPosition(try row(of: stream), position), by: self)
    }

    func delivered(of stream: StreamID, limit: Int) async throws(StateError) -> [DeliveredRecord] {
        let row = try row(of: stream)
        let found = try await store.read { database throws(SQLiteError) in
            try database.delivered(row, limit: limit + 1)
        }
        guard found.count <= limit else { throw .tooManyTies(stream, limit: limit) }
        return found
    }

    func delivered(of stream: StreamID, keys: [Hash128]) async throws(StateError) -> [Hash128: DeliveredRecord] {
        let row = try row(of: stream)
        return try await store.delivered(row, keys: keys)
    }

    func known(
        of stream: StreamID,
        keys: [Hash128],
        likely: [KnownRecord]
    ) async throws(StateError) -> [KnownRecord?] {
        let row = try row(of: stream)
        return try await store.known(row, keys: keys, likely: likely)
    }

    func unseen(
        of stream: StreamID,
        since generation: Int64,
        after: Hash128?,
        limit: Int
    ) async throws(StateError) -> [DeliveredRecord] {
        let row = try row(of: stream)
        return try await store.read { database throws(SQLiteError) in
            try database.unseen(row, since: generation, after: after, limit: limit)
        }
    }

    func census(of stream: StreamID, since generation: Int64) async throws(StateError) -> MemoryCensus {
        let row = try row(of: stream)
        return try await store.read { database throws(SQLiteError) in try database.census(row, since: generation) }
    }

    func commit(_ checkpoint: Checkpoint) async throws(StateError) {
        var fresh: [Int64: [SQLiteStore.Fresh]] = [:]
        for stream in checkpoint.streams {
            let row = try row(of: stream)
            fresh[row] = await store.willCommit(checkpoint, row, of: stream)
        }
        try await store.makeDurable(.commit(checkpoint, rows: rows), by: self)
        for (row, records) in fresh { await store.didCommit(records, row, by: self) }
        guard let events = checkpoint.events else { return }
        let settled = InboxLoad(events: -events.numbers.count, bytes: -events.bytes)
        await store.addToInbox(settled, of: checkpoint.stream.connector)
    }

    func rebase(to state: StreamState, forgetting: Forgetting) async throws(StateError) {
        await store.willChange(try row(of: stream))
        try await store.makeDurable(.rebase(try row(of: stream), state, forgetting), by: self)
    }
}
