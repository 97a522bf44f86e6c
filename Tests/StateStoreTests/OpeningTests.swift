import ConnectorCore
import Glibc
import Testing

@testable import StateStore

@Suite
struct OpeningTests {
    let scratch = Scratch()

    @Test
    func `directory and files are for the service's user alone`() async throws {
        let store = try scratch.open()
        try await store.commit(.make())
        #expect(Scratch.mode(scratch.state) == 0o700)
        #expect(Scratch.list(scratch.state) == ["lock", "state.db", "state.db-shm", "state.db-wal"])
        for name in Scratch.list(scratch.state) { #expect(Scratch.mode("\(scratch.state)/\(name)") == 0o600) }
    }

    @Test
    func `missing directories above are made`() throws {
        _ = try SQLiteStore.open(directory: "\(scratch.path)/a/b/c", now: now)
        #expect(Scratch.list("\(scratch.path)/a/b/c").contains("state.db"))
    }

    @Test
    func `a second opening is told who holds the directory`() async throws {
        let store = try scratch.open()
        let error = try #require(throws: StateError.self) { try scratch.open() }
        #expect(error.code == .inUse)
        #expect(error.message.contains("process \(getpid()) "))
        #expect(error.message.contains(scratch.state))
        await store.close()
        _ = try scratch.open()
    }

    @Test(arguments: ["/dev/null/state", "/proc/state"])
    func `a place that cannot be written is named`(_ path: String) throws {
        let error = try #require(throws: StateError.self) { try SQLiteStore.open(directory: path, now: now) }
        #expect(error.code == .notWritable)
        #expect(error.message.contains(path) || error.message.contains("/dev/null"))
        #expect(!error.hint.isEmpty)
    }

    @Test
    func `a newer schema is refused and left untouched`() async throws {
        await (try scratch.open()).close()
        try stamp("user_version = 99")
        let before = Scratch.read(scratch.database)
        let error = try #require(throws: StateError.self) { try scratch.open() }
        #expect(error.code == .newerSchema)
        #expect(error.message.contains("99"))
        #expect(Scratch.read(scratch.database) == before)
        #expect(throws: StateError.self) { try SQLiteStore.openReadOnly(directory: scratch.state) }
    }

    @Test
    func `a file from before there were dead letters is read as it is, and a writer brings it up to date`() async throws
    {
        await (try scratch.open()).close()
        Scratch.write([], to: scratch.database, flags: O_TRUNC)
        let first = "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 1"
        try Connection(path: scratch.database, mode: .create).execute(Schema.steps[0] + first)
        let looking = try #require(try SQLiteStore.openReadOnly(directory: scratch.state))
        #expect(try await looking.deadLetterCounts().isEmpty)
        #expect(try await looking.deadLetters(limit: 9, after: 0).isEmpty)
        await looking.close()
        let store = try scratch.open()
        try await store.add([DeadLetter(charges, line: [], reason: "refused", at: now)], limit: 1)
        #expect(try await store.deadLetterCounts() == [charges: 1])
        await store.close()
    }

    @Test
    func `another program's database is refused and left untouched`() async throws {
        await (try scratch.open()).close()
        try stamp("application_id = 7")
        let before = Scratch.read(scratch.database)
        let error = try #require(throws: StateError.self) { try scratch.open() }
        #expect(error.code == .other)
        #expect(Scratch.read(scratch.database) == before)
    }

    @Test
    func `a file that is no database is set aside whole, then a fresh one is made`() async throws {
        await (try scratch.open()).close()
        let rubbish = [UInt8](repeating: 65, count: 5_000)
        Scratch.write(rubbish, to: scratch.database)
        let error = try #require(throws: StateError.self) { try scratch.open() }
        #expect(error.code == .corrupt)
        let aside = "\(scratch.database).corrupt-20261123T190102Z"
        #expect(error.message.contains(aside))
        #expect(Array(Scratch.read(aside).prefix(5_000)) == rubbish)
        #expect(try await scratch.open().overview().isEmpty)
    }

    @Test
    func `damage inside is found at the opening`() async throws {
        let store = try scratch.open()
        try await store.commit(.make(remember: (0..<2_000).map { record($0, keyText: "key") }))
        await store.close()
        for page in 10..<14 {
            Scratch.write([UInt8](repeating: 0xA5, count: 512), to: scratch.database, at: page * 4_096)
        }
        let error = try #require(throws: StateError.self) { try scratch.open() }
        #expect(error.code == .corrupt)
        #expect(Scratch.list(scratch.state).contains("state.db.corrupt-20261123T190102Z"))
        #expect(!Scratch.list(scratch.state).contains("state.db"))
    }

    @Test
    func `a state file cut to nothing is damage, not a fresh start`() async throws {
        await (try scratch.open()).close()
        Scratch.write([], to: scratch.database, flags: O_TRUNC)
        #expect(try #require(throws: StateError.self) { try scratch.open() }.code == .corrupt)
    }

    @Test
    func `a log without its state file is damage, not a fresh start`() throws {
        #expect(unsafe mkdir(scratch.state, 0o700) == 0)
        Scratch.write([1, 2, 3], to: "\(scratch.database)-wal")
        #expect(try #require(throws: StateError.self) { try scratch.open() }.code == .corrupt)
        #expect(Scratch.list(scratch.state) == ["lock", "state.db.corrupt-20261123T190102Z-wal"])
        _ = try scratch.open()
    }

    @Test
    func `damaged files of one second are told apart`() throws {
        #expect(unsafe mkdir(scratch.state, 0o700) == 0)
        for _ in 0..<3 {
            Scratch.write([1, 2, 3], to: scratch.database)
            #expect(throws: StateError.self) { try scratch.open() }
        }
        let stamped = "state.db.corrupt-20261123T190102Z"
        #expect(Scratch.list(scratch.state) == ["lock", stamped, "\(stamped).2", "\(stamped).3"])
    }

    @Test
    func `a half-built file of a crash is built again`() throws {
        #expect(unsafe mkdir(scratch.state, 0o700) == 0)
        Scratch.write([1, 2, 3], to: "\(scratch.database).new")
        _ = try scratch.open()
        #expect(!Scratch.list(scratch.state).contains("state.db.new"))
    }

    @Test
    func `looking finds nothing where nothing was written, and makes nothing`() throws {
        #expect(try SQLiteStore.openReadOnly(directory: scratch.state) == nil)
        #expect(Scratch.list(scratch.path).isEmpty)
    }

    @Test
    func `looking works beside a daemon and sees its commits`() async throws {
        let store = try scratch.open()
        try await store.commit(.make(cursor: 1))
        let looker = try #require(try SQLiteStore.openReadOnly(directory: scratch.state))
        #expect(try await looker.state(of: charges)?.cursor == 1)
        try await store.commit(.make(cursor: 2))
        #expect(try await looker.state(of: charges)?.cursor == 2)
        #expect(try await looker.overview().first?.lastRun?.outcome == .running)
    }

    @Test
    func `looking works without a daemon and leaves no trace`() async throws {
        let store = try scratch.open()
        try await store.commit(.make(cursor: 1))
        await store.close()
        let before = Scratch.list(scratch.state)
        let looker = try #require(try SQLiteStore.openReadOnly(directory: scratch.state))
        #expect(try await looker.state(of: charges)?.cursor == 1)
        #expect(Scratch.list(scratch.state) == before)
        #expect(before == ["lock", "state.db"])
    }

    @Test
    func `a path with the characters of a URI can be looked at`() async throws {
        let path = "\(scratch.path)/a?b#c%20d"
        let store = try SQLiteStore.open(directory: path, now: now)
        try await store.commit(.make(cursor: 1))
        await store.close()
        let looker = try #require(try SQLiteStore.openReadOnly(directory: path))
        #expect(try await looker.state(of: charges)?.cursor == 1)
    }

    @Test
    func `a store for looking refuses to write`() async throws {
        await (try scratch.open()).close()
        let looker = try #require(try SQLiteStore.openReadOnly(directory: scratch.state))
        let error = await #expect(throws: StateError.self) { try await looker.commit(.make()) }
        #expect(error?.code == .notWritable)
    }

    @Test
    func `looking at a damaged file leaves it where it is`() throws {
        #expect(unsafe mkdir(scratch.state, 0o700) == 0)
        Scratch.write([UInt8](repeating: 65, count: 5_000), to: scratch.database)
        let error = try #require(throws: StateError.self) { try SQLiteStore.openReadOnly(directory: scratch.state) }
        #expect(error.code == .corrupt)
        #expect(Scratch.list(scratch.state) == ["state.db"])
    }

    private func stamp(_ pragma: String) throws {
        try Connection(path: scratch.database, mode: .readWrite).execute("PRAGMA \(pragma)")
    }
}
