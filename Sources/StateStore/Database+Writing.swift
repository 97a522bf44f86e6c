import ConnectorCore

/// One thing to make durable.
enum Write: Sendable {
    case openRows(LedgerOpening)
    case commit(Checkpoint, rows: [StreamID: Int64])
    case note(StreamID, RunRecord)
    case setSinkPosition(Int64, SinkPosition)
    case rebase(Int64, StreamState, Forgetting)
    case reset(StreamID, SinkIdentity?)
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
            forgetWhatWasRead()
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
            forgetWhatWasRead()
            guard connection.isInTransaction else { throw error }
            try connection.statement(.rollbackToSavepoint).run()
            try connection.statement(.releaseSavepoint).run()
            return error
        }
    }

    private func apply(_ write: Write) throws(SQLiteError) {
        switch write {
        case .openRows(let opening): try openRows(opening)
        case .commit(let checkpoint, let rows): try store(checkpoint, rows)
        case .note(let stream, let run): try note(run, of: stream)
        case .setSinkPosition(let row, let position): try setSinkPosition(row, position)
        case .rebase(let row, let state, let forgetting):
            try put(state, row)
            try forget(forgetting, row)
        case .reset(let stream, let sink): try reset(stream, sink)
        case .addDeadLetters(let letters): try add(letters)
        case .removeDeadLetters(let numbers):
            for number in numbers { try connection.statement(.removeDeadLetter).run(.integer(number)) }
        case .accept(let events): try accept(events)
        }
    }

    /// Forgets before it remembers: a record that a checkpoint both forgets and remembers is known afterwards.
    private func store(_ checkpoint: Checkpoint, _ rows: [StreamID: Int64]) throws(SQLiteError) {
        try put(checkpoint.run, of: try makeID(of: checkpoint.stream))
        if checkpoint.run.succeededAt != nil { try settleEarlySync(checkpoint.stream, checkpoint.run.started) }
        for (stream, row) in rows {
            if let position = checkpoint.sinkPositions[stream] { try setSinkPosition(row, position) }
            if stream == checkpoint.stream, let range = checkpoint.forgetBetween { try forgetTies(row, range) }
            try forget(checkpoint.forget[stream] ?? [], row)
            for (generation, keys) in checkpoint.seen[stream] ?? [:] { try markSeen(keys, by: generation, row) }
            try remember(checkpoint.remember[stream] ?? [], row)
            guard stream == checkpoint.stream else { continue }
            // What this checkpoint brings belongs to the walk that it completes.
            let isWalked = checkpoint.state.generation > (try state(row)?.generation ?? 0)
            if isWalked { try foldSeen(before: checkpoint.state.generation, row) }
            try put(checkpoint.state, row)
        }
        for (stream, versions) in checkpoint.gone {
            try putVersions(versions, of: stream, until: checkpoint.goneUntil)
        }
        if !checkpoint.gone.isEmpty { try pruneVersions(at: checkpoint.run.started) }
        if let events = checkpoint.events { try settle(events, of: checkpoint.stream.connector) }
    }

    private func settleEarlySync(_ stream: StreamID, _ started: Instant) throws(SQLiteError) {
        try connection.statement(.settleEarlySync).run(.integer(try makeID(of: stream)), .instant(started))
    }

    /// A run that failed, beside what it resumes from. Its own counts since the last checkpoint were never delivered.
    private func note(_ run: RunRecord, of stream: StreamID) throws(SQLiteError) {
        let id = try makeID(of: stream)
        let before = try figures(of: run, id)
        var run = run
        (run.records, run.deletes) = (before?.records ?? 0, before?.deletes ?? 0)
        try put(run, of: id)
    }

    private func figures(of run: RunRecord, _ id: Int64) throws(SQLiteError) -> (records: Int64, deletes: Int64)? {
        try connection.statement(.runFigures)
            .first(.integer(id), .text(run.id)) { row in (row.integer(0), row.integer(1)) }
    }

    /// Stores the run, and counts what it delivered since it was last stored: its counters are sums over the run.
    private func put(_ run: RunRecord, of id: Int64) throws(SQLiteError) {
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
        let added = (records: run.records - (before?.records ?? 0), deletes: run.deletes - (before?.deletes ?? 0))
        try connection.statement(.addFigures)
            .run(.integer(id), .instant(run.succeededAt), .integer(added.records), .integer(added.deletes))
        try count(ActivityHour(run, added: added), of: id)
    }

    private func put(_ state: StreamState, _ row: Int64) throws(SQLiteError) {
        try connection.statement(.putState).run(
            .integer(row),
            .integer(state.cursor),
            .text(state.walk),
            .integer(state.generation),
            .instant(state.lastFullWalk),
            .text(state.evidence),
            .text(state.fingerprint),
            .integer(RowCheck.of(state, row))
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

    private func setSinkPosition(_ row: Int64, _ position: SinkPosition) throws(SQLiteError) {
        try connection.statement(.setSinkPosition).run(
            .integer(row),
            .text(position.text),
            .integer(RowCheck.of(position, row))
        )
    }

    private func forgetTies(_ row: Int64, _ range: Checkpoint.ForgetRange) throws(SQLiteError) {
        try rewrite(row, where: { !$0.hasText($1) && range.holds($0.cursor($1)) }, { _ in nil })
    }

    private func forget(_ keys: [Hash128], _ row: Int64) throws(SQLiteError) {
        try put(PackedRecords(forgetting: keys), row)
    }

    private func forget(_ part: Forgetting, _ row: Int64) throws(SQLiteError) {
        switch part {
        case .nothing: break
        case .ties: try rewrite(row, where: { !$0.hasText($1) }, { _ in nil })
        case .behind(let cursor):
            try rewrite(row, where: { $0.hasText($1) || $0.cursor($1) < cursor }) { record in
                var record = record
                record.keyText = nil
                return record.cursor < cursor ? nil : record
            }
        case .cursorValues:
            try rewrite(row, where: { $0.cursor($1) != 0 }) { record in
                var record = record
                record.cursor = 0
                return record
            }
        case .everything:
            try forgetMemory(row)
            try forgetSeen(row)
        }
    }

    private func remember(_ records: [DeliveredRecord], _ row: Int64) throws(SQLiteError) {
        try put(PackedRecords(records), row)
    }

    private func reset(_ stream: StreamID, _ sink: SinkIdentity?) throws(SQLiteError) {
        guard let id = try id(of: stream) else { return }
        let rows = try connection.statement(.rowsToReset)
            .rows(.integer(id), .text(sink?.text)) { row in row.integer(0) }
        for row in rows {
            try connection.statement(.deleteState).run(.integer(row))
            do throws(SQLiteError) {
                _ = try sinkPosition(row)
            } catch {
                // One that is not as it was written would keep the stream from ever being opened.
                try connection.statement(.clearSinkPosition).run(.integer(row))
            }
            try forgetMemory(row)
            try forgetSeen(row)
        }
        for statement in [SQL.deleteFigures, .deleteRuns, .deleteActivity] {
            try connection.statement(statement).run(.integer(id))
        }
    }
}
