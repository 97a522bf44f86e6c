import ConnectorCore
import Glibc
import Testing

@testable import StateStore

@Suite
struct SQLiteStoreTests {
    let scratch = Scratch()

    @Test
    func `what was committed is there after reopening`() async throws {
        var store = try scratch.open()
        try await store.commit(.make(cursor: 5, run: .make(records: 2), remember: [record(1)]))
        let before = try await store.overview()
        await store.close()
        store = try scratch.open()
        #expect(try await store.delivered(of: charges, limit: 9) == [record(1)])
        let after = try await store.overview()
        #expect(after.map(\.state) == before.map(\.state))
        #expect(after.map(\.totalRecords) == [2])
    }

    @Test
    func `a run that a crash cut short is interrupted at the next opening`() async throws {
        var store = try scratch.open()
        try await store.commit(.make(run: .make("done", .succeeded)))
        try await store.commit(.make(run: .make("cut")))
        await store.close()
        store = try scratch.open()
        let runs = try await store.runs(of: charges, limit: 9)
        #expect(runs.map(\.id) == ["cut", "done"])
        #expect(runs.map(\.outcome) == [.interrupted, .succeeded])
        #expect(runs[0].ended == nil)
    }

    @Test
    func `only the last runs of each stream are kept`() async throws {
        let store = try scratch.open()
        try await store.commit(.make(refunds, run: .make("other")))
        for number in 0..<(Database.runsKept + 3) {
            try await store.commit(.make(run: .make("\(number)", .succeeded, records: 1)))
        }
        let runs = try await store.runs(of: charges, limit: 999)
        #expect(runs.count == Database.runsKept)
        #expect(runs.first?.id == "52")
        #expect(runs.last?.id == "3")
        #expect(try await store.runs(of: refunds, limit: 9).count == 1)
        #expect(try await store.overview().first?.totalRecords == 53)
    }

    @Test
    func `commits that wait together share transactions`() async throws {
        let store = try scratch.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                let stream = StreamID(connector: "c", stream: "\(number)")
                group.addTask { try await store.commit(.make(stream, cursor: Int64(number))) }
            }
            try await group.waitForAll()
        }
        #expect(try await store.overview().count == 200)
        #expect(await store.transactions < 100)
    }

    @Test
    func `one checkpoint that cannot be stored leaves the others of its group`() throws {
        let database = try opened()
        try database.connection.execute(
            """
            CREATE TEMP TRIGGER refuse BEFORE INSERT ON recent WHEN length(NEW.records) = 116
            BEGIN SELECT RAISE(ABORT, 'unlucky'); END
            """
        )
        let unlucky = Checkpoint.make(refunds, remember: [record(1, cursor: 1), record(2, cursor: 13)])
        let other = StreamID(connector: "z", stream: "z")
        let checkpoints = [.make(cursor: 1), unlucky, .make(other, cursor: 2)]
        let failures = database.apply(try checkpoints.map(database.write))
        #expect(failures.map { $0?.message } == [nil, "unlucky", nil])
        #expect(try database.overview().map(\.stream) == [charges, other])
        #expect(try database.delivered(try database.row(refunds), limit: 9).isEmpty)
        #expect(database.apply([try database.write(.make(refunds))]) == [nil])
        #expect(try database.state(try database.row(refunds)) == StreamState())
    }

    @Test
    func `an error that ends the transaction makes each of the group try alone`() throws {
        let database = try opened()
        try database.connection.execute(
            """
            CREATE TEMP TRIGGER refuse BEFORE INSERT ON recent WHEN length(NEW.records) = 64
            BEGIN SELECT RAISE(ROLLBACK, 'unlucky'); END
            """
        )
        let unlucky = Checkpoint.make(refunds, remember: [record(2, cursor: 13)])
        let checkpoints = [.make(cursor: 1), unlucky, .make(cursor: 2)]
        let failures = database.apply(try checkpoints.map(database.write))
        #expect(failures.map { $0?.message } == [nil, "unlucky", nil])
        #expect(try database.state(try database.row(charges))?.cursor == 2)
        #expect(try database.state(try database.row(refunds)) == nil)
    }

    @Test
    func `a full disk is not writable, names the file, and leaves the checkpoint before`() throws {
        let database = try opened()
        #expect(database.apply([try database.write(.make(cursor: 1))]) == [nil])
        let big = try database.write(.make(cursor: 2, remember: (0..<5_000).map { record($0) }))
        let small = try database.write(.make(refunds, cursor: 3))
        _ = try database.connection.pragma("max_page_count = \(try database.connection.pragma("page_count"))")
        let failure = try #require(database.apply([big, small])[0])
        let error = StateError(failure, path: database.path)
        #expect(error.code == .notWritable)
        #expect(error.message.contains(scratch.database))
        #expect(error.hint.contains("free space"))
        #expect(try database.state(try database.row(charges))?.cursor == 1)
        #expect(try database.delivered(try database.row(charges), limit: 9).isEmpty)
        #expect(try database.state(try database.row(refunds))?.cursor == 3)
    }

    @Test
    func `a closed store refuses everything and frees the directory`() async throws {
        let store = try scratch.open()
        await store.close()
        await #expect(throws: StateError.self) { try await store.commit(.make()) }
        await #expect(throws: StateError.self) { _ = try await store.overview() }
        try await scratch.open().commit(.make())
        #expect(!Scratch.list(scratch.state).contains("state.db-wal"))
    }

    @Test
    func `a store that is dropped without being closed frees the directory too`() async throws {
        try await scratch.open().commit(.make(cursor: 3))
        #expect(try await scratch.open().state(of: charges)?.cursor == 3)
    }

    @Test
    func `a reset called after a commit is served after it`() async throws {
        let store = try scratch.open()
        for number in 0..<20 {
            async let committed: Void = store.commit(.make(cursor: Int64(number)))
            try await committed
            try await store.reset(charges)
            #expect(try await store.state(of: charges) == nil)
        }
    }

    @Test
    func `the queue answers a ping`() async throws {
        try await scratch.open().ping()
    }

    @Test
    func `packed records of the wrong size are damage, not a wrong answer`() throws {
        let database = try opened()
        #expect(database.apply([try database.write(.make(remember: [record(1)]))]) == [nil])
        try database.connection.execute("UPDATE recent SET records = x'01000000'")
        database.forgetWhatWasRead()
        let row = try database.row(charges)
        let error = #expect(throws: SQLiteError.self) { _ = try database.delivered(row, limit: 9) }
        #expect(error.map { StateError($0, path: "p").code } == .corrupt)
    }

    private func opened() throws -> Database {
        let directory = StateDirectory(path: scratch.state)
        try directory.create()
        _ = try directory.createDatabase()
        return try Database(readingAndWriting: directory)
    }
}

extension Database {
    /// The rows are made where there are none.
    fileprivate func write(_ checkpoint: Checkpoint) throws -> Write {
        let sinks = Dictionary(uniqueKeysWithValues: checkpoint.streams.map { ($0, files) })
        let opening = LedgerOpening(stream: checkpoint.stream, sinks: sinks, owner: "run")
        if try rows(for: opening) == nil { #expect(apply([.openRows(opening)]) == [nil]) }
        return .commit(checkpoint, rows: try rows(for: opening) ?? [:])
    }

    fileprivate func row(_ stream: StreamID) throws -> Int64 { try #require(try currentRow(of: stream)) }
}
