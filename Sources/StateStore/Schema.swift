import CSQLite
import ConnectorCore

/// The file's layout, versioned by `PRAGMA user_version`. A step, once released, never changes; a new one is added.
enum Schema {
    /// "AICd": tells our file from any other SQLite database (`PRAGMA application_id`).
    static let applicationID = 0x4149_4364

    static let steps = [
        """
        -- Who the streams are, and how far their sinks have got. Rows stay, so that an id is never reused.
        CREATE TABLE streams (
            id INTEGER PRIMARY KEY,
            connector TEXT NOT NULL,
            stream TEXT NOT NULL,
            sink_position TEXT,
            UNIQUE (connector, stream)
        ) STRICT;
        -- What a stream resumes from. Times are nanoseconds since 1970, UTC.
        CREATE TABLE states (
            stream_id INTEGER PRIMARY KEY,
            cursor INTEGER,
            token TEXT,
            walk TEXT,
            generation INTEGER NOT NULL DEFAULT 0,
            last_full_walk INTEGER,
            last_success INTEGER,
            total_records INTEGER NOT NULL DEFAULT 0,
            total_deletes INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        -- What the sink has. Hashes are 16 bytes, most significant first. Without key_text a row is only a tie.
        CREATE TABLE delivered (
            stream_id INTEGER NOT NULL,
            key BLOB NOT NULL,
            content BLOB NOT NULL,
            cursor INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            key_text TEXT,
            PRIMARY KEY (stream_id, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY,
            stream_id INTEGER NOT NULL,
            id TEXT NOT NULL,
            started INTEGER NOT NULL,
            ended INTEGER,
            outcome TEXT NOT NULL,
            records INTEGER NOT NULL,
            deletes INTEGER NOT NULL,
            pages INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            error TEXT,
            UNIQUE (stream_id, id)
        ) STRICT;
        """,
        """
        -- What a sink refused for good. A number is never used again: lists go on behind one. The content is what the
        -- line says but for its time, so that a line sent and refused again is no second letter.
        CREATE TABLE dead_letters (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            stream_id INTEGER NOT NULL,
            content BLOB NOT NULL,
            operation TEXT NOT NULL,
            key TEXT NOT NULL,
            line BLOB NOT NULL,
            reason TEXT NOT NULL,
            code TEXT,
            at INTEGER NOT NULL,
            UNIQUE (stream_id, content)
        ) STRICT;
        """,
        """
        -- Events that were accepted and are not worked off yet. A number is never used again. Times as above.
        CREATE TABLE inbox (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            stream_id INTEGER NOT NULL,
            id TEXT,
            type TEXT NOT NULL,
            at INTEGER NOT NULL,
            event BLOB NOT NULL
        ) STRICT;
        CREATE INDEX inbox_by_stream ON inbox (stream_id, number);
        -- Ids of accepted events, as hashes, until their senders no longer repeat them.
        CREATE TABLE event_ids (
            stream_id INTEGER NOT NULL,
            id BLOB NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (stream_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX event_ids_by_end ON event_ids (until);
        -- How new the last event was that changed an object, deleted ones included.
        CREATE TABLE event_versions (
            stream_id INTEGER NOT NULL,
            key BLOB NOT NULL,
            version INTEGER NOT NULL,
            deleted INTEGER NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (stream_id, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX event_versions_by_end ON event_versions (until);
        -- Syncs that an event asked for, until one that began later has succeeded.
        CREATE TABLE early_syncs (
            stream_id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL
        ) STRICT;
        """,
        """
        -- What the runs that began in an hour (since 1970) did.
        CREATE TABLE activity (
            stream_id INTEGER NOT NULL,
            hour INTEGER NOT NULL,
            records INTEGER NOT NULL,
            deletes INTEGER NOT NULL,
            runs INTEGER NOT NULL,
            failures INTEGER NOT NULL,
            PRIMARY KEY (stream_id, hour)
        ) STRICT, WITHOUT ROWID;
        """,
        """
        -- What a stream resumes from with one sink, a row a partition. Without a generation nothing was committed.
        -- Rows of before have no sink: the first one that opens them adopts them. Rows stay, so that an id is never
        -- reused.
        CREATE TABLE ledgers (
            id INTEGER PRIMARY KEY,
            stream_id INTEGER NOT NULL,
            sink TEXT NOT NULL,
            partition TEXT NOT NULL,
            sink_position TEXT,
            cursor INTEGER,
            token TEXT,
            walk TEXT,
            generation INTEGER,
            last_full_walk INTEGER,
            evidence TEXT,
            fingerprint TEXT,
            -- Of what the row says, see RowCheck; nothing for what version 1.0.0 wrote.
            state_check INTEGER,
            sink_check INTEGER,
            UNIQUE (stream_id, sink, partition)
        ) STRICT;
        INSERT INTO ledgers (id, stream_id, sink, partition, sink_position, cursor, token, walk, generation,
            last_full_walk)
        SELECT id, id, '', '', sink_position, cursor, token, walk, generation, last_full_walk
        FROM streams LEFT JOIN states ON stream_id = id;
        -- The row of the sink that the stream was last opened for, and what it did whatever the sink.
        ALTER TABLE streams DROP COLUMN sink_position;
        ALTER TABLE streams ADD COLUMN ledger_id INTEGER;
        ALTER TABLE streams ADD COLUMN last_success INTEGER;
        ALTER TABLE streams ADD COLUMN total_records INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE streams ADD COLUMN total_deletes INTEGER NOT NULL DEFAULT 0;
        UPDATE streams SET ledger_id = id;
        UPDATE streams SET last_success = states.last_success, total_records = states.total_records,
            total_deletes = states.total_deletes
        FROM states WHERE stream_id = id;
        DROP TABLE states;
        -- What the sink has: leaves of packed records, and before them the packs of the last checkpoints.
        ALTER TABLE delivered RENAME COLUMN stream_id TO ledger_id;
        CREATE TABLE memory (
            id INTEGER PRIMARY KEY,
            records BLOB NOT NULL
        ) STRICT;
        CREATE TABLE recent (
            number INTEGER PRIMARY KEY,
            ledger_id INTEGER NOT NULL,
            records BLOB NOT NULL
        ) STRICT;
        CREATE INDEX recent_by_ledger ON recent (ledger_id, number);
        -- Which records full walks saw unchanged: keys of 16 bytes, in their order, by their first six bits.
        CREATE TABLE seen (
            ledger_id INTEGER NOT NULL,
            bucket INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            keys BLOB NOT NULL,
            row_check INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX seen_by_bucket ON seen (ledger_id, bucket, generation);
        ALTER TABLE inbox ADD COLUMN row_check INTEGER;
        ALTER TABLE event_versions ADD COLUMN row_check INTEGER;
        ALTER TABLE dead_letters ADD COLUMN row_check INTEGER;
        """,
    ]

    /// The first version with dead letters: a command that only looks may meet an older file.
    static let deadLettersVersion = 2
    /// The first version with an inbox.
    static let inboxVersion = 3
    /// The first version that counts by the hour.
    static let activityVersion = 4
    /// The first version with ledgers; the one before is that of release 1.0.0.
    static let ledgersVersion = 5

    static var version: Int { steps.count }

    /// Shows a file of an older version in today's layout to a connection that only looks: unqualified names find
    /// these views first. Tables that are missing altogether have the guards above.
    static func presentAsCurrent(_ connection: Connection, version: Int) throws(SQLiteError) {
        guard version < ledgersVersion else { return }
        try connection.execute(
            """
            CREATE TEMP VIEW ledgers AS
            SELECT id, id AS stream_id, '' AS sink, '' AS partition, sink_position, cursor, token, walk, generation,
                last_full_walk, NULL AS evidence, NULL AS fingerprint, NULL AS state_check, NULL AS sink_check
            FROM main.streams LEFT JOIN main.states ON stream_id = id;
            CREATE TEMP VIEW streams AS
            SELECT id, connector, stream, id AS ledger_id, last_success, coalesce(total_records, 0) AS total_records,
                coalesce(total_deletes, 0) AS total_deletes
            FROM main.streams LEFT JOIN main.states ON stream_id = id;
            CREATE TEMP VIEW delivered AS
            SELECT stream_id AS ledger_id, key, content, cursor, generation, key_text FROM main.delivered;
            CREATE TEMP TABLE memory (id INTEGER PRIMARY KEY, records BLOB);
            CREATE TEMP TABLE recent (number INTEGER PRIMARY KEY, ledger_id INTEGER, records BLOB);
            CREATE TEMP TABLE seen (ledger_id INTEGER, bucket INTEGER, generation INTEGER, keys BLOB,
                row_check INTEGER);
            """
        )
        for (table, since) in [
            ("dead_letters", deadLettersVersion), ("inbox", inboxVersion), ("event_versions", inboxVersion),
        ] where version >= since {
            try connection.execute("CREATE TEMP VIEW \(table) AS SELECT *, NULL AS row_check FROM main.\(table);")
        }
    }

    /// Refuses, before anything is written, a file that is not ours or that a newer version wrote. Returns its version.
    static func check(_ connection: Connection, path: String) throws(StateError) -> Int {
        let stamp = try translated(path) { () throws(SQLiteError) in
            (owner: try connection.pragma("application_id"), version: try connection.pragma("user_version"))
        }
        guard stamp.owner == "\(applicationID)", let version = Int(stamp.version) else { throw foreign(path) }
        guard version <= Self.version else { throw newer(version, path) }
        return version
    }

    /// Brings a file of an older `version` (0: an empty one) up to date, in one transaction.
    static func migrate(_ connection: Connection, from version: Int) throws(SQLiteError) {
        guard version < Self.version else { return }
        let stamps = "PRAGMA application_id = \(applicationID);\nPRAGMA user_version = \(Self.version);"
        let script = steps[version...].joined(separator: "\n")
        try connection.execute("BEGIN IMMEDIATE;\n\(script)")
        if version < ledgersVersion {
            try LeafWriter.takeOverRows(connection)
            try connection.execute("DROP TABLE delivered;")
        }
        try connection.execute("\(stamps)\nCOMMIT;")
    }

    private static func foreign(_ path: String) -> StateError {
        StateError(
            .other,
            "\(path) is an SQLite database, but not one of aitbc-connectord",
            hint: "give the service a state directory of its own, or move the file away"
        )
    }

    private static func newer(_ version: Int, _ path: String) -> StateError {
        StateError(
            .newerSchema,
            "\(path) was written by a newer aitbc-connectord (schema \(version), this one knows up to \(Self.version))",
            hint: "install that version again, or restore a backup from before the upgrade; the file was not touched"
        )
    }
}

/// Runs `body` and puts its error into words about the file at `path`.
func translated<Value>(_ path: String, _ body: () throws(SQLiteError) -> Value) throws(StateError) -> Value {
    do {
        return try body()
    } catch {
        throw StateError(error, path: path)
    }
}
