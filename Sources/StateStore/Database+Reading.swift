import ConnectorCore

extension Database {
    func state(_ row: Int64) throws(SQLiteError) -> StreamState? {
        let found = try connection.statement(.state).first(.integer(row)) { row in
            (state: row.state(from: 0), isThere: row.optionalInteger(2) != nil, check: row.optionalInteger(6))
        }
        guard let found, found.isThere || found.check != nil else { return nil }
        if !found.isThere || found.check.map({ $0 != RowCheck.of(found.state, row) }) ?? false {
            throw SQLiteError.damaged("a stream's cursor and walk are not as they were written", during: "\(SQL.state)")
        }
        return found.state
    }

    func sinkPosition(_ row: Int64) throws(SQLiteError) -> SinkPosition? {
        let found = try connection.statement(.sinkPosition).first(.integer(row)) { row in
            (position: row.optionalText(0).map { SinkPosition($0) }, check: row.optionalInteger(1))
        }
        guard let found, found.position != nil || found.check != nil else { return nil }
        let isAsWritten = found.position.map { found.check == nil || found.check == RowCheck.of($0, row) } ?? false
        guard isAsWritten else {
            throw SQLiteError.damaged("a sink's position is not as it was written", during: "\(SQL.sinkPosition)")
        }
        return found.position
    }

    /// At most `limit` remembered records, by ascending key.
    func delivered(_ row: Int64, limit: Int) throws(SQLiteError) -> [DeliveredRecord] {
        var found: [DeliveredRecord] = []
        try forEachRecord(row, while: { found.count < limit }) { view, index in found.append(view.record(index)) }
        return found
    }

    func isRemembering(_ row: Int64) throws(SQLiteError) -> Bool {
        try !delivered(row, limit: 1).isEmpty
    }

    /// In one read transaction: taking the file's read lock for each key would cost more than finding it.
    func delivered(_ row: Int64, keys: [Hash128]) throws(SQLiteError) -> [Hash128: DeliveredRecord] {
        guard !keys.isEmpty else { return [:] }
        return try reading { () throws(SQLiteError) in
            var found: [Hash128: DeliveredRecord] = [:]
            found.reserveCapacity(keys.count)
            let places = keys.enumerated().map { KeyPlace(key: $1, index: $0) }
            try find(places, row) { _, view, place in found[view.key(place)] = view.record(place) }
            return found
        }
    }

    /// The same in short; `body` gets the key's index.
    func known(
        _ keys: [KeyPlace],
        _ row: Int64,
        _ body: (Int, KnownRecord) -> Void
    ) throws(SQLiteError) {
        try reading { () throws(SQLiteError) in
            try find(keys, row) { index, view, place in body(index, view.known(place)) }
        }
    }

    func unseen(
        _ row: Int64,
        since generation: Int64,
        after: Hash128?,
        limit: Int
    ) throws(SQLiteError) -> [DeliveredRecord] {
        guard let first = after.map(\.successor) ?? Hash128(high: 0, low: 0) else { return [] }
        return try reading { () throws(SQLiteError) in
            var found: [DeliveredRecord] = []
            try forEachUnseen(row, since: generation, from: first, while: { found.count < limit }) {
                view,
                index in
                found.append(view.record(index))
            }
            return found
        }
    }

    func census(_ row: Int64, since generation: Int64) throws(SQLiteError) -> MemoryCensus {
        try reading { () throws(SQLiteError) in
            var census = MemoryCensus(remembered: 0, unseen: 0)
            try forEachRecord(row) { view, index in census.remembered += view.hasText(index) ? 1 : 0 }
            let first = Hash128(high: 0, low: 0)
            try forEachUnseen(row, since: generation, from: first, while: { true }) { _, _ in census.unseen += 1 }
            return census
        }
    }

    func runs(of stream: StreamID, limit: Int) throws(SQLiteError) -> [RunRecord] {
        guard let id = try id(of: stream) else { return [] }
        return try connection.statement(.runs)
            .rows(.integer(id), .integer(Int64(limit))) { row throws(SQLiteError) in try row.run(from: 0) }
    }

    func overview() throws(SQLiteError) -> [StreamOverview] {
        let streams = try connection.statement(.overview).rows(as: StreamOverview.init(row:))
        return streams.sorted { $0.stream < $1.stream }
    }

    /// Of the hours that begin at `since` or later, by stream; each stream's in their order.
    func activity(since: Instant) throws(SQLiteError) -> [StreamID: [ActivityHour]] {
        guard version >= Schema.activityVersion else { return [:] }
        let rows = try connection.statement(.activity).rows(.integer(ActivityHour.number(of: since))) { row in
            let hour = ActivityHour(
                hour: Instant(seconds: row.integer(2) * 3_600),
                records: row.integer(3),
                deletes: row.integer(4),
                runs: row.integer(5),
                failures: row.integer(6)
            )
            return (StreamID(connector: row.text(0), stream: row.text(1)), hour)
        }
        return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }

    private func reading<Value>(_ body: () throws(SQLiteError) -> Value) throws(SQLiteError) -> Value {
        try connection.statement(.beginReading).run()
        defer { rollBack() }
        return try body()
    }
}

extension Hash128 {
    /// Nil behind the last.
    fileprivate var successor: Hash128? {
        if low < .max { return Hash128(high: high, low: low + 1) }
        return high < .max ? Hash128(high: high + 1, low: 0) : nil
    }
}

extension StreamOverview {
    fileprivate init(row: Row) throws(SQLiteError) {
        self.init(
            stream: StreamID(connector: row.text(0), stream: row.text(1)),
            state: row.state(from: 2),
            lastRun: row.optionalText(11) == nil ? nil : try row.run(from: 11),
            lastSuccess: row.instant(8),
            totalRecords: row.integer(9),
            totalDeletes: row.integer(10)
        )
    }
}

extension Row {
    /// Six columns.
    fileprivate func state(from column: Int32) -> StreamState {
        StreamState(
            cursor: optionalInteger(column),
            walk: optionalText(column + 1),
            generation: integer(column + 2),
            lastFullWalk: instant(column + 3),
            evidence: optionalText(column + 4),
            fingerprint: optionalText(column + 5)
        )
    }

    /// Nine columns.
    fileprivate func run(from column: Int32) throws(SQLiteError) -> RunRecord {
        guard let outcome = RunRecord.Outcome(rawValue: text(column + 3)) else {
            throw SQLiteError.damaged("a run's outcome is \"\(text(column + 3))\"", during: "read run")
        }
        return RunRecord(
            id: text(column),
            started: Instant(nanoseconds: integer(column + 1)),
            ended: instant(column + 2),
            outcome: outcome,
            records: integer(column + 4),
            deletes: integer(column + 5),
            pages: integer(column + 6),
            bytes: integer(column + 7),
            error: optionalText(column + 8)
        )
    }
}
