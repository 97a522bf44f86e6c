import ConnectorCore
import Glibc
import Testing

@testable import StateStore

/// State of release 1.0.0 goes on where it stood: nothing is delivered anew.
@Suite
struct ReleasedStateTests {
    let scratch = Scratch()

    @Test
    func `a state of release 1_0_0 migrates with cursor, walk, memory, sink position, runs and totals`() async throws {
        try await makeReleased()
        let store = try scratch.open()
        try await expectReleased(store, files)
        try await store.commit(.make(cursor: 8))
        #expect(
            try await store.delivered(of: charges, limit: 9) == [record(2, keyText: "\"b\""), record(1, cursor: 7)]
        )
        await store.close()
        let again = try scratch.open()
        #expect(try await again.state(of: charges)?.cursor == 8)
        // Another sink has everything still to come; the first one goes on.
        #expect(try await again.ledger(sink: warehouse).state(of: charges) == nil)
        #expect(try await again.ledger().state(of: charges)?.cursor == 8)
    }

    @Test
    func `a command that only looks reads a state of release 1_0_0 as it is`() async throws {
        try await makeReleased()
        let before = Scratch.read(scratch.database)
        let looking = try #require(try SQLiteStore.openReadOnly(directory: scratch.state))
        try await expectReleased(looking, .unknown)
        await looking.close()
        #expect(Scratch.read(scratch.database) == before)
    }

    private func expectReleased(_ store: SQLiteStore, _ sink: SinkIdentity) async throws {
        let ledger = try await store.ledger(sink: sink)
        let state = StreamState(cursor: 7, walk: "w", generation: 3, lastFullWalk: now)
        #expect(try await store.state(of: charges) == state)
        #expect(try await ledger.sinkPosition(of: charges) == SinkPosition("00000002:512"))
        #expect(try await ledger.sinkPosition(of: refunds) == SinkPosition("00000001:9"))
        #expect(try await ledger.state(of: charges) == state)
        #expect(try await ledger.state(of: refunds) == nil)
        #expect(
            try await ledger.delivered(of: charges, limit: 9) == [record(2, keyText: "\"b\""), record(1, cursor: 7)]
        )
        #expect(try await ledger.delivered(of: refunds, keys: [key(1), key(2)]) == [key(1): record(1)])
        let row = try #require(try await store.overview().first)
        #expect(row.state == state && row.totalRecords == 40 && row.totalDeletes == 2 && row.lastSuccess == now)
        #expect(row.lastRun?.id == "run-1" && row.lastRun?.records == 40)
        #expect(try await store.deadLetterCounts() == [charges: 1])
        #expect(try await store.waitingCounts() == [charges: 1])
        #expect(try await store.activity(since: now)[charges]?.map(\.records) == [40])
        #expect(try await store.earlySyncs() == [refunds])
    }

    /// As the released program wrote it; its layout, word for word but for comments.
    private func makeReleased() async throws {
        await (try scratch.open()).close()
        Scratch.write([], to: scratch.database, flags: O_TRUNC)
        let connection = try Connection(path: scratch.database, mode: .create)
        try connection.execute(Self.releasedLayout)
        try connection.execute(Self.releasedRows)
    }

    private static func blob(_ hash: Hash128) -> String {
        func digits(_ number: UInt64) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return "x'\(digits(hash.high))\(digits(hash.low))'"
    }

    private static let releasedRows = """
        PRAGMA journal_mode = WAL;
        INSERT INTO streams (id, connector, stream, sink_position) VALUES
            (1, 'stripe', 'charges', '00000002:512'), (2, 'stripe', 'refunds', '00000001:9');
        INSERT INTO states VALUES (1, 7, 't', 'w', 3, \(now.nanoseconds), \(now.nanoseconds), 40, 2);
        INSERT INTO delivered VALUES
            (1, \(blob(key(1))), \(blob(key(~1))), 7, 0, NULL),
            (1, \(blob(key(2))), \(blob(key(~2))), 0, 0, '"b"'),
            (2, \(blob(key(1))), \(blob(key(~1))), 0, 0, NULL);
        INSERT INTO runs (stream_id, id, started, ended, outcome, records, deletes, pages, bytes) VALUES
            (1, 'run-1', \(now.nanoseconds), \(now.nanoseconds), 'succeeded', 40, 2, 1, 900);
        INSERT INTO dead_letters (stream_id, content, operation, key, line, reason, at) VALUES
            (1, \(blob(key(3))), 'upsert', '1', x'7b7d', 'refused', \(now.nanoseconds));
        INSERT INTO inbox (stream_id, id, type, at, event) VALUES (1, 'e1', 'paid', \(now.nanoseconds), x'7b7d');
        INSERT INTO early_syncs VALUES (2, \(now.nanoseconds));
        INSERT INTO activity VALUES (1, \(ActivityHour.number(of: now)), 40, 2, 1, 0);
        """

    private static let releasedLayout = """
        CREATE TABLE streams (
            id INTEGER PRIMARY KEY, connector TEXT NOT NULL, stream TEXT NOT NULL, sink_position TEXT,
            UNIQUE (connector, stream)
        ) STRICT;
        CREATE TABLE states (
            stream_id INTEGER PRIMARY KEY, cursor INTEGER, token TEXT, walk TEXT,
            generation INTEGER NOT NULL DEFAULT 0, last_full_walk INTEGER, last_success INTEGER,
            total_records INTEGER NOT NULL DEFAULT 0, total_deletes INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE delivered (
            stream_id INTEGER NOT NULL, key BLOB NOT NULL, content BLOB NOT NULL, cursor INTEGER NOT NULL,
            generation INTEGER NOT NULL, key_text TEXT,
            PRIMARY KEY (stream_id, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY, stream_id INTEGER NOT NULL, id TEXT NOT NULL, started INTEGER NOT NULL,
            ended INTEGER, outcome TEXT NOT NULL, records INTEGER NOT NULL, deletes INTEGER NOT NULL,
            pages INTEGER NOT NULL, bytes INTEGER NOT NULL, error TEXT,
            UNIQUE (stream_id, id)
        ) STRICT;
        CREATE TABLE dead_letters (
            number INTEGER PRIMARY KEY AUTOINCREMENT, stream_id INTEGER NOT NULL, content BLOB NOT NULL,
            operation TEXT NOT NULL, key TEXT NOT NULL, line BLOB NOT NULL, reason TEXT NOT NULL, code TEXT,
            at INTEGER NOT NULL,
            UNIQUE (stream_id, content)
        ) STRICT;
        CREATE TABLE inbox (
            number INTEGER PRIMARY KEY AUTOINCREMENT, stream_id INTEGER NOT NULL, id TEXT, type TEXT NOT NULL,
            at INTEGER NOT NULL, event BLOB NOT NULL
        ) STRICT;
        CREATE INDEX inbox_by_stream ON inbox (stream_id, number);
        CREATE TABLE event_ids (
            stream_id INTEGER NOT NULL, id BLOB NOT NULL, until INTEGER NOT NULL,
            PRIMARY KEY (stream_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX event_ids_by_end ON event_ids (until);
        CREATE TABLE event_versions (
            stream_id INTEGER NOT NULL, key BLOB NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (stream_id, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX event_versions_by_end ON event_versions (until);
        CREATE TABLE early_syncs (stream_id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
        CREATE TABLE activity (
            stream_id INTEGER NOT NULL, hour INTEGER NOT NULL, records INTEGER NOT NULL, deletes INTEGER NOT NULL,
            runs INTEGER NOT NULL, failures INTEGER NOT NULL,
            PRIMARY KEY (stream_id, hour)
        ) STRICT, WITHOUT ROWID;
        PRAGMA application_id = \(Schema.applicationID);
        PRAGMA user_version = 4;
        """
}
