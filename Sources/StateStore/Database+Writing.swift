import ConnectorCore

/// One thing to make durable.
enum Write: Sendable {
    case commit(Checkpoint)
    case note(StreamID, RunRecord)
    case setSinkPosition(StreamID, SinkPosition)
    case reset(StreamID)
    case setCursor(StreamID, cursor: Int64?, token: String?)
    case addDeadLetters([DeadLetter])
    case removeDeadLetters([Int64])
    case accept(AcceptedEvents)
}

extension Database {
    /// How many runs of a stream are kept: a day of hourly runs and the same again, for `status`.
    static let runsKept = 50

    /// Makes several writes durable with one sync, in their order. Each stands in a savepoint, so that one that
    /// cannot be stored does not take the others with it: the answer has, at each write's place, what befell it.
    func apply(_ writes: [Write]) -> [SQLiteError?] {
        do {
            return try applyInOneTransaction(writes)
        } catch {
            forgetIDs()
            rollBack()
            guard writes.count > 1 else { return writes.map { _ in error } }
            // One of them may have been too large for the space left: let each try for itself.
            return writes.flatMap { write in apply([write]) }
        }
    }

    /// Throws when the transaction as a whole has failed; then nothing of it is stored.
    private func applyInOneTransaction(_ writes: [Write]) throws(SQLiteError) -> [SQLiteError?] {
        try connection.statement(.begin).run()
        var failures: [SQLiteError?] = []
        for write in writes { failures.append(try applyInSavepoint(write)) }
        try connection.statement(.commit).run()
        return failures
    }

    /// Returns the write's own failure; throws when it has ended the transaction.
    private func applyInSavepoint(_ write: Write) throws(SQLiteError) -> SQLiteError? {
        try connection.statement(.savepoint).run()
        do throws(SQLiteError) {
            try apply(write)
            try connection.statement(.releaseSavepoint).run()
            return nil
        } catch {
            forgetIDs()
            guard connection.isInTransaction else { throw error }
            try connection.statement(.rollbackToSavepoint).run()
            try connection.statement(.releaseSavepoint).run()
            return error
        }
    }

    private func apply(_ write: Write) throws(SQLiteError) {
        switch write {
        case .commit(let checkpoint): try store(checkpoint)
        case .note(let stream, let run): try note(run, of: stream)
        case .setSinkPosition(let stream, let position): try setSinkPositions([stream: position])
        case .reset(let stream): try reset(stream)
        case .setCursor(let stream, let cursor, let token): try setCursor(of: stream, cursor: cursor, token: token)
        case .addDeadLetters(let letters): try add(letters)
        case .removeDeadLetters(let numbers):
            for number in numbers { try connection.statement(.removeDeadLetter).run(.integer(number)) }
        case .accept(let events): try accept(events)
        }
    }

    /// Forgets before it remembers: a record that a checkpoint both forgets and remembers is known afterwards.
    private func store(_ checkpoint: Checkpoint) throws(SQLiteError) {
        let id = try makeID(of: checkpoint.stream)
        let added = try put(checkpoint.run, of: id)
        try put(checkpoint.state, run: checkpoint.run, added: added, of: id)
        try count(ActivityHour(checkpoint.run, added: added), of: id)
        try setSinkPositions(checkpoint.sinkPositions)
        if let range = checkpoint.forgetBetween {
            try connection.statement(.forgetTiesBetween)
                .run(.integer(id), .integer(range.above), .integer(range.below))
        }
        try forget(checkpoint.forget)
        try remember(checkpoint.remember)
        if checkpoint.run.succeededAt != nil {
            try connection.statement(.settleEarlySync).run(.integer(id), .instant(checkpoint.run.started))
        }
        for (stream, versions) in checkpoint.gone {
            try putVersions(versions, of: stream, until: checkpoint.goneUntil)
        }
        if !checkpoint.gone.isEmpty { try pruneVersions(at: checkpoint.run.started) }
        if let events = checkpoint.events { try settle(events) }
    }

    /// A run that failed, beside what it resumes from. Its own counts since the last checkpoint were never delivered.
    private func note(_ run: RunRecord, of stream: StreamID) throws(SQLiteError) {
        let id = try makeID(of: stream)
        let before = try figures(of: run, id)
        var run = run
        (run.records, run.deletes) = (before?.records ?? 0, before?.deletes ?? 0)
        let added = try put(run, of: id)
        try put(try state(of: stream) ?? StreamState(), run: run, added: added, of: id)
        try count(ActivityHour(run, added: added), of: id)
    }

    private func figures(of run: RunRecord, _ id: Int64) throws(SQLiteError) -> (records: Int64, deletes: Int64)? {
        try connection.statement(.runFigures)
            .first(.integer(id), .text(run.id)) { row in (row.integer(0), row.integer(1)) }
    }

    /// Stores the run and returns what it delivered since it was last stored: its counters are sums over the run.
    private func put(_ run: RunRecord, of id: Int64) throws(SQLiteError) -> (records: Int64, deletes: Int64) {
        let before = try figures(of: run, id)
        try connection.statement(.putRun).run(
            .integer(id),
            .text(run.id),
            .instant(run.started),
            .instant(run.ended),
            .text(run.outcome.rawValue),
            .integer(run.records),
            .integer(run.deletes),
            .integer(run.pages),
            .integer(run.bytes),
            .text(run.error)
        )
        if before == nil { try connection.statement(.pruneRuns).run(.integer(id), .integer(Int64(Self.runsKept))) }
        return (run.records - (before?.records ?? 0), run.deletes - (before?.deletes ?? 0))
    }

    private func put(
        _ state: StreamState,
        run: RunRecord,
        added: (records: Int64, deletes: Int64),
        of id: Int64
    ) throws(SQLiteError) {
        try connection.statement(.putState).run(
            .integer(id),
            .integer(state.cursor),
            .text(state.token),
            .text(state.walk),
            .integer(state.generation),
            .instant(state.lastFullWalk),
            .text(state.evidence),
            .text(state.fingerprint),
            .instant(run.succeededAt),
            .integer(added.records),
            .integer(added.deletes)
        )
    }

    private func count(_ activity: ActivityHour, of id: Int64) throws(SQLiteError) {
        let hour = ActivityHour.number(of: activity.hour)
        try connection.statement(.addActivity).run(
            .integer(id),
            .integer(hour),
            .integer(activity.records),
            .integer(activity.deletes),
            .integer(activity.runs),
            .integer(activity.failures)
        )
        guard activity.runs > 0 else { return }
        try connection.statement(.pruneActivity).run(.integer(id), .integer(hour - ActivityHour.kept))
    }

    private func setSinkPositions(_ positions: [StreamID: SinkPosition]) throws(SQLiteError) {
        for (stream, position) in positions {
            try connection.statement(.setSinkPosition).run(.integer(try makeID(of: stream)), .text(position.text))
        }
    }

    private func forget(_ keys: [StreamID: [Hash128]]) throws(SQLiteError) {
        let statement = try connection.statement(.forget)
        for (stream, keys) in keys {
            guard let id = try id(of: stream) else { continue }
            for key in keys { try statement.run(.integer(id), .hash(key)) }
        }
    }

    private func remember(_ records: [StreamID: [DeliveredRecord]]) throws(SQLiteError) {
        let statement = try connection.statement(.remember)
        for (stream, records) in records {
            let id = try makeID(of: stream)
            // In the table's order, so that each of its pages is visited once. The sort is stable: the last of a key wins.
            for record in records.sorted(by: { $0.key < $1.key }) {
                try statement.run(
                    .integer(id),
                    .hash(record.key),
                    .hash(record.content),
                    .integer(record.cursor),
                    .integer(record.generation),
                    .text(record.keyText)
                )
            }
        }
    }

    private func reset(_ stream: StreamID) throws(SQLiteError) {
        guard let id = try id(of: stream) else { return }
        for statement in [SQL.deleteState, .forgetAll, .deleteRuns, .deleteActivity] {
            try connection.statement(statement).run(.integer(id))
        }
    }

    private func setCursor(of stream: StreamID, cursor: Int64?, token: String?) throws(SQLiteError) {
        let id = try makeID(of: stream)
        try connection.statement(.putCursor).run(.integer(id), .integer(cursor), .text(token))
        try connection.statement(.forgetTies).run(.integer(id))
    }
}
