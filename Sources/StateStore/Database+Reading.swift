import ConnectorCore

extension Database {
    func state(_ row: Int64) throws(SQLiteError) -> StreamState? {
        try connection.statement(.state).first(.integer(row)) { row in row.state(from: 0) }
    }

    func sinkPosition(_ row: Int64) throws(SQLiteError) -> SinkPosition? {
        let text = try connection.statement(.sinkPosition).first(.integer(row)) { row in row.optionalText(0) }
        return (text ?? nil).map { SinkPosition($0) }
    }

    /// At most `limit` remembered records, by ascending key.
    func delivered(_ row: Int64, limit: Int) throws(SQLiteError) -> [DeliveredRecord] {
        try connection.statement(.deliveredUpTo)
            .rows(.integer(row), .integer(Int64(limit)), as: DeliveredRecord.init(row:))
    }

    /// In one read transaction: taking the file's read lock for each key would cost more than finding it.
    func delivered(_ row: Int64, keys: [Hash128]) throws(SQLiteError) -> [Hash128: DeliveredRecord] {
        try reading { () throws(SQLiteError) in
            let statement = try connection.statement(.deliveredKey)
            var found: [Hash128: DeliveredRecord] = [:]
            for key in keys {
                guard let record = try statement.first(.integer(row), .hash(key), as: DeliveredRecord.init(row:)) else {
                    continue
                }
                found[key] = record
            }
            return found
        }
    }

    func unseen(
        _ row: Int64,
        since generation: Int64,
        after: Hash128?,
        limit: Int
    ) throws(SQLiteError) -> [DeliveredRecord] {
        let limit = Value.integer(Int64(limit))
        guard let after else {
            return try connection.statement(.unseen)
                .rows(.integer(row), .integer(generation), limit, as: DeliveredRecord.init(row:))
        }
        return try connection.statement(.unseenAfter)
            .rows(.integer(row), .integer(generation), limit, .hash(after), as: DeliveredRecord.init(row:))
    }

    func census(_ row: Int64, since generation: Int64) throws(SQLiteError) -> MemoryCensus {
        let census = try connection.statement(.census).first(.integer(row), .integer(generation)) { row in
            MemoryCensus(remembered: row.integer(0), unseen: row.integer(1))
        }
        return census ?? MemoryCensus(remembered: 0, unseen: 0)
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

extension DeliveredRecord {
    fileprivate init(row: Row) throws(SQLiteError) {
        self.init(
            key: try row.hash(0),
            content: try row.hash(1),
            cursor: row.integer(2),
            generation: row.integer(3),
            keyText: row.optionalText(4)
        )
    }
}

extension StreamOverview {
    fileprivate init(row: Row) throws(SQLiteError) {
        self.init(
            stream: StreamID(connector: row.text(0), stream: row.text(1)),
            state: row.state(from: 2),
            lastRun: row.optionalText(12) == nil ? nil : try row.run(from: 12),
            lastSuccess: row.instant(9),
            totalRecords: row.integer(10),
            totalDeletes: row.integer(11)
        )
    }
}

extension Row {
    /// Seven columns.
    fileprivate func state(from column: Int32) -> StreamState {
        StreamState(
            cursor: optionalInteger(column),
            token: optionalText(column + 1),
            walk: optionalText(column + 2),
            generation: integer(column + 3),
            lastFullWalk: instant(column + 4),
            evidence: optionalText(column + 5),
            fingerprint: optionalText(column + 6)
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
