/// Every statement the store runs, by name. Prepared once a connection.
enum SQL: String {
    // Transactions.
    case beginReading = "BEGIN"
    case begin = "BEGIN IMMEDIATE"
    case commit = "COMMIT"
    case rollback = "ROLLBACK"
    case savepoint = "SAVEPOINT one"
    case releaseSavepoint = "RELEASE one"
    case rollbackToSavepoint = "ROLLBACK TO one"

    // Streams: who they are, and what they did whatever the sink.
    case streamID = "SELECT id FROM streams WHERE connector = ?1 AND stream = ?2"
    case insertStream = "INSERT INTO streams (connector, stream) VALUES (?1, ?2) RETURNING id"
    case currentRow = "SELECT ledger_id FROM streams WHERE id = ?1"
    case setCurrentRow = """
        UPDATE streams SET ledger_id =
            (SELECT id FROM ledgers WHERE stream_id = ?1 AND sink = ?2 AND partition = '')
        WHERE id = ?1
        """
    case addFigures = """
        UPDATE streams SET last_success = coalesce(?2, last_success),
            total_records = total_records + ?3, total_deletes = total_deletes + ?4
        WHERE id = ?1
        """
    case deleteFigures = """
        UPDATE streams SET last_success = NULL, total_records = 0, total_deletes = 0 WHERE id = ?1
        """
    case overview = """
        SELECT connector, stream, cursor, walk, generation, last_full_walk, evidence, fingerprint,
            last_success, total_records, total_deletes,
            run.id, started, ended, outcome, records, deletes, pages, bytes, error
        FROM streams
        LEFT JOIN ledgers ON ledgers.id = streams.ledger_id
        LEFT JOIN runs AS run ON run.number = (SELECT max(number) FROM runs WHERE runs.stream_id = streams.id)
        WHERE generation IS NOT NULL OR run.number IS NOT NULL
        """

    // Ledgers: what a stream resumes from with one sink.
    case row = "SELECT id FROM ledgers WHERE stream_id = ?1 AND sink = ?2 AND partition = ?3"
    case adoptRow = """
        UPDATE ledgers SET sink = ?2 WHERE stream_id = ?1 AND sink = '' AND partition = ?3 RETURNING id
        """
    case insertRow = "INSERT INTO ledgers (stream_id, sink, partition) VALUES (?1, ?2, ?3)"
    case rows = """
        SELECT ledgers.id, connector, stream FROM ledgers LEFT JOIN streams ON streams.id = ledgers.stream_id
        ORDER BY ledgers.id
        """
    case rowsToReset = "SELECT id FROM ledgers WHERE stream_id = ?1 AND (?2 IS NULL OR sink IN (?2, ''))"
    case sinkPosition = "SELECT sink_position, sink_check FROM ledgers WHERE id = ?1"
    case setSinkPosition = "UPDATE ledgers SET sink_position = ?2, sink_check = ?3 WHERE id = ?1"
    case clearSinkPosition = "UPDATE ledgers SET sink_position = NULL, sink_check = NULL WHERE id = ?1"
    case state = """
        SELECT cursor, walk, generation, last_full_walk, evidence, fingerprint, state_check
        FROM ledgers WHERE id = ?1
        """
    case putState = """
        UPDATE ledgers SET cursor = ?2, walk = ?3, generation = ?4, last_full_walk = ?5, evidence = ?6, fingerprint = ?7,
            state_check = ?8
        WHERE id = ?1
        """
    case deleteState = """
        UPDATE ledgers SET cursor = NULL, walk = NULL, generation = NULL, last_full_walk = NULL,
            evidence = NULL, fingerprint = NULL, state_check = NULL
        WHERE id = ?1
        """

    // Delivered records.
    case leafAt = "SELECT id, records FROM memory WHERE id <= ?1 ORDER BY id DESC LIMIT 1"
    case leafAfter = "SELECT id FROM memory WHERE id > ?1 ORDER BY id LIMIT 1"
    case leaf = "SELECT id, records FROM memory WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT 1"
    case leaves = "SELECT id, records FROM memory WHERE id >= ?1 AND id <= ?2 ORDER BY id"
    case putLeaf = "INSERT INTO memory (id, records) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET records = ?2"
    case dropLeaves = "DELETE FROM memory WHERE id >= ?1 AND id < ?2"
    case recent = "SELECT records FROM recent WHERE ledger_id = ?1 ORDER BY number"
    case addRecent = "INSERT INTO recent (ledger_id, records) VALUES (?1, ?2)"
    case dropRecent = "DELETE FROM recent WHERE ledger_id = ?1"
    case rowsOfBefore = """
        SELECT ledger_id, key, content, cursor, generation, key_text FROM delivered ORDER BY ledger_id, key
        """
    case addSeen = "INSERT INTO seen (ledger_id, bucket, generation, keys, row_check) VALUES (?1, ?2, ?3, ?4, ?5)"
    case seenKeys = """
        SELECT keys, generation, row_check FROM seen
        WHERE ledger_id = ?1 AND bucket = ?2 AND generation >= ?3 AND generation <= ?4
        """
    case seenGenerations = """
        SELECT DISTINCT generation FROM seen WHERE ledger_id = ?1 AND generation < ?2 ORDER BY generation DESC
        """
    case dropSeen = "DELETE FROM seen WHERE ledger_id = ?1 AND generation < ?2"

    // Runs.
    case runFigures = "SELECT records, deletes FROM runs WHERE stream_id = ?1 AND id = ?2"
    case putRun = """
        INSERT INTO runs (stream_id, id, started, ended, outcome, records, deletes, pages, bytes, error)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (stream_id, id) DO UPDATE SET started = excluded.started, ended = excluded.ended,
            outcome = excluded.outcome, records = excluded.records, deletes = excluded.deletes,
            pages = excluded.pages, bytes = excluded.bytes, error = excluded.error
        """
    case pruneRuns = """
        DELETE FROM runs WHERE stream_id = ?1 AND number <=
            (SELECT number FROM runs WHERE stream_id = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)
        """
    case runs = """
        SELECT id, started, ended, outcome, records, deletes, pages, bytes, error
        FROM runs WHERE stream_id = ?1 ORDER BY number DESC LIMIT ?2
        """
    case interruptRuns = "UPDATE runs SET outcome = 'interrupted' WHERE outcome = 'running'"
    case deleteRuns = "DELETE FROM runs WHERE stream_id = ?1"

    // Activity by the hour.
    case addActivity = """
        INSERT INTO activity (stream_id, hour, records, deletes, runs, failures) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (stream_id, hour) DO UPDATE SET records = records + excluded.records,
            deletes = deletes + excluded.deletes, runs = runs + excluded.runs, failures = failures + excluded.failures
        """
    case pruneActivity = "DELETE FROM activity WHERE stream_id = ?1 AND hour <= ?2"
    case activity = """
        SELECT connector, stream, hour, records, deletes, runs, failures
        FROM activity JOIN streams ON streams.id = activity.stream_id WHERE hour >= ?1 ORDER BY stream_id, hour
        """
    case deleteActivity = "DELETE FROM activity WHERE stream_id = ?1"

    // Dead letters.
    case deadLetterKnown = """
        SELECT number, connector, stream, content, operation, key, line, reason, code, at, stream_id, row_check
        FROM dead_letters JOIN streams ON streams.id = dead_letters.stream_id
        WHERE stream_id = ?1 AND content = ?2
        """
    case deadLetterCount = "SELECT count(*) FROM dead_letters WHERE stream_id = ?1"
    case addDeadLetter = """
        INSERT INTO dead_letters (stream_id, content, operation, key, line, reason, code, at, row_check)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (stream_id, content) DO UPDATE SET operation = excluded.operation, key = excluded.key,
            line = excluded.line, reason = excluded.reason, code = excluded.code, at = excluded.at,
            row_check = excluded.row_check
        """
    case deadLetters = """
        SELECT number, connector, stream, content, operation, key, line, reason, code, at, stream_id, row_check
        FROM dead_letters JOIN streams ON streams.id = dead_letters.stream_id
        WHERE number > ?1 ORDER BY number LIMIT ?2
        """
    case deadLetterCounts = """
        SELECT connector, stream, count(*)
        FROM dead_letters JOIN streams ON streams.id = dead_letters.stream_id GROUP BY stream_id
        """
    case removeDeadLetter = "DELETE FROM dead_letters WHERE number = ?1"

    // Events.
    case rememberEventID = """
        INSERT INTO event_ids (stream_id, id, until) VALUES (?1, ?2, ?3) ON CONFLICT (stream_id, id) DO NOTHING
        RETURNING 1
        """
    case forgetEventID = "DELETE FROM event_ids WHERE stream_id = ?1 AND id = ?2"
    case addEvent = "INSERT INTO inbox (stream_id, id, type, at, event, row_check) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    case waitingEvents = """
        SELECT number, id, type, at, event, row_check FROM inbox WHERE stream_id = ?1 ORDER BY number LIMIT ?2
        """
    case everyWaitingEvent = "SELECT number, id, type, at, event, row_check, stream_id FROM inbox ORDER BY number"
    case waitingCounts = """
        SELECT connector, stream, count(*), sum(length(event))
        FROM inbox JOIN streams ON streams.id = inbox.stream_id GROUP BY stream_id
        """
    case settleEvent = "DELETE FROM inbox WHERE number = ?1"
    case eventVersion = "SELECT version, deleted, row_check FROM event_versions WHERE stream_id = ?1 AND key = ?2"
    case everyEventVersion = "SELECT version, deleted, row_check, key, stream_id FROM event_versions"
    case putEventVersion = """
        INSERT INTO event_versions (stream_id, key, version, deleted, until, row_check) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (stream_id, key) DO UPDATE SET version = excluded.version, deleted = excluded.deleted,
            until = excluded.until, row_check = excluded.row_check
        """
    case pruneEventIDs = """
        DELETE FROM event_ids WHERE (stream_id, id) IN
            (SELECT stream_id, id FROM event_ids WHERE until < ?1 ORDER BY until LIMIT ?2)
        """
    case pruneEventVersions = """
        DELETE FROM event_versions WHERE (stream_id, key) IN
            (SELECT stream_id, key FROM event_versions WHERE until < ?1 ORDER BY until LIMIT ?2)
        """
    case askEarlySync = """
        INSERT INTO early_syncs (stream_id, at) VALUES (?1, ?2) ON CONFLICT (stream_id) DO UPDATE SET at = excluded.at
        """
    case settleEarlySync = "DELETE FROM early_syncs WHERE stream_id = ?1 AND at <= ?2"
    case earlySyncs = """
        SELECT connector, stream FROM early_syncs JOIN streams ON streams.id = early_syncs.stream_id
        """
}
