package import ConnectorCore
import FileSystem
import SerialQueue

/// Durable state in one SQLite file: write-ahead log, a sync with every commit, one connection on one serial queue.
///
/// Commits that wait together share one transaction, and so one sync: while one is being synced, the next gather.
package actor SQLiteStore: CheckpointStore {
    /// How many writes share a transaction, so that the first of them is not kept waiting by the last.
    private static let maximumGroup = 256

    private let executor = SerialQueueExecutor(label: "state")
    private let path: String
    /// Where this state was made just now: the damaged ones that were set aside before, by file name.
    package nonisolated let beganBeside: [String]
    /// The file as it was opened: what happens to one that is deleted would be lost with the process.
    private let identity: FileIdentity?
    /// Nil once closed. Freed before the lock, so that nobody opens the file while it is being closed.
    private var database: Database?
    private var lock: DirectoryLock?
    private var waiting: [WaitingWrite] = []
    /// How often each row was taken over by this process. The directory's lock keeps every other one out, so that
    /// this need not be on the disk.
    private var epochs: [Int64: Int64] = [:]
    /// By row.
    var sieves: [Int64: Sieve] = [:]
    /// What waits in the inbox, by connector; nil until it was counted.
    private var inbox: [String: InboxLoad]?
    /// How many transactions have been asked of SQLite, for tests and measurements.
    private(set) var transactions = 0
    /// How many keys were looked for in the table, for the same.
    var lookUps = 0

    private struct WaitingWrite {
        var write: Write
        /// Whose write it is, where it is a run's.
        var holder: SQLiteLedger?
        var done: CheckedContinuation<StateError?, Never>
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    private init(_ database: sending Database, lock: DirectoryLock?, beganBeside: [String] = []) {
        self.beganBeside = beganBeside
        path = database.path
        identity = Files.identity(of: database.path)
        self.database = database
        self.lock = lock
    }

    /// Opens the state in `directory`, which is created when missing, for this process alone. Blocks: reads the file.
    ///
    /// A damaged file is set aside under a name with the time `now`, and `.corrupt` is thrown; the next call starts
    /// afresh. Whether to make it is for the caller to decide.
    package static func open(directory: String, now: Instant) throws(StateError) -> SQLiteStore {
        let directory = StateDirectory(path: directory)
        try directory.create()
        let lock = try DirectoryLock(path: directory.lockFile)
        do {
            let isNew = try directory.createDatabase()
            let asides = isNew ? try directory.asides() : []
            return SQLiteStore(try Database(readingAndWriting: directory), lock: lock, beganBeside: asides)
        } catch  where error.code == .corrupt {
            throw setAside(error, try directory.setDatabaseAside(at: now))
        }
    }

    /// Opens the state for looking only, without the lock: a daemon may be running. Nil when none was ever written.
    /// For one short command; every write throws.
    package static func openReadOnly(
        directory: String,
        besideDaemon: Bool = false
    ) throws(StateError) -> SQLiteStore? {
        let directory = StateDirectory(path: directory)
        guard directory.exists(directory.database) else { return nil }
        return SQLiteStore(try Database(reading: directory, besideDaemon: besideDaemon), lock: nil)
    }

    /// Finishes what waits, folds the log into the file and lets go of the directory. Later calls throw.
    package func close() {
        drain()
        database = nil
        lock = nil
    }

    /// Returns when the store's queue has answered: for the watchdog.
    package func ping() async {}

    /// The damaged states that were set aside in a directory, by file name.
    package static func asides(in directory: String) throws(StateError) -> [String] {
        try StateDirectory(path: directory).asides()
    }

    /// Reads everything that runs would, and says what of it is not as it was written; nothing where all is well.
    package func damages() throws(StateError) -> [String] {
        try read { database throws(SQLiteError) in try database.damages() }
    }

    package func openLedger(_ opening: LedgerOpening) async throws(StateError) -> any StreamLedger {
        var rows = try read { database throws(SQLiteError) in try database.rows(for: opening) }
        if rows == nil {
            try await makeDurable(.openRows(opening))
            rows = try read { database throws(SQLiteError) in try database.rows(for: opening) }
        }
        guard let rows, let own = rows[opening.stream] else { throw .notOpened(opening.stream) }
        epochs[own, default: 0] += 1
        let isRemembering = try read { database throws(SQLiteError) in try database.isRemembering(own) }
        sieves[own] = Sieve(isRemembering: isRemembering)
        let fence = Fence(owner: opening.owner, epoch: epochs[own] ?? 0)
        return SQLiteLedger(fence: fence, stream: opening.stream, rows: rows, store: self)
    }

    package func state(of stream: StreamID) throws(StateError) -> StreamState? {
        try read { database throws(SQLiteError) in try database.currentRow(of: stream).flatMap(database.state) }
    }

    package func overview() throws(StateError) -> [StreamOverview] {
        try read { database throws(SQLiteError) in try database.overview() }
    }

    package func activity(since: Instant) throws(StateError) -> [StreamID: [ActivityHour]] {
        try read { database throws(SQLiteError) in try database.activity(since: since) }
    }

    /// The last runs of a stream, latest first. A run that a crash cut short is `interrupted` and has no end.
    package func runs(of stream: StreamID, limit: Int) throws(StateError) -> [RunRecord] {
        try read { database throws(SQLiteError) in try database.runs(of: stream, limit: limit) }
    }

    package func note(_ run: RunRecord, of stream: StreamID) async throws(StateError) {
        try await makeDurable(.note(stream, run))
    }

    func inboxLoad(of connector: String) throws(StateError) -> InboxLoad {
        if let inbox { return inbox[connector] ?? InboxLoad() }
        let loads = try read { database throws(SQLiteError) in try database.waitingLoads() }
        var counted: [String: InboxLoad] = [:]
        for (stream, load) in loads {
            counted[stream.connector, default: InboxLoad()].events += load.events
            counted[stream.connector, default: InboxLoad()].bytes += load.bytes
        }
        inbox = counted
        return counted[connector] ?? InboxLoad()
    }

    func addToInbox(_ load: InboxLoad, of connector: String) {
        inbox?[connector, default: InboxLoad()].events += load.events
        inbox?[connector, default: InboxLoad()].bytes += load.bytes
    }

    package func reset(_ stream: StreamID, sink: SinkIdentity?) async throws(StateError) {
        for row in sieves.keys { sieves[row]?.giveUpStanding() }
        try await makeDurable(.reset(stream, sink))
        for row in sieves.keys { sieves[row]?.giveUpStanding() }
    }

    func read<Value>(_ body: (Database) throws(SQLiteError) -> Value) throws(StateError) -> Value {
        guard let database else { throw .closed }
        try checkPlace()
        return try translated(path) { () throws(SQLiteError) in try body(database) }
    }

    /// Puts a write in line and returns when it is durable. All that stand in line go together.
    func makeDurable(_ write: Write, by holder: SQLiteLedger? = nil) async throws(StateError) {
        let failure = await withCheckedContinuation { done in
            waiting.append(WaitingWrite(write: write, holder: holder, done: done))
            if waiting.count == 1 { scheduleDrain() }
        }
        if let failure { throw failure }
    }

    /// Behind whatever has already been put on the queue, so that commits made at the same time meet in one group.
    private func scheduleDrain() {
        executor.schedule { self.assumeIsolated { store in store.drain() } }
    }

    private func drain() {
        while !waiting.isEmpty {
            var group = Array(waiting.prefix(Self.maximumGroup))
            waiting.removeFirst(group.count)
            for write in group { if let error = lostHold(write.holder) { write.done.resume(returning: error) } }
            group.removeAll { lostHold($0.holder) != nil }
            guard !group.isEmpty else { continue }
            for (write, failure) in zip(group, apply(group.map(\.write))) { write.done.resume(returning: failure) }
        }
    }

    /// Asked when the write's turn has come: the rows may have been taken over while it stood in line.
    func lostHold(_ holder: SQLiteLedger?) -> StateError? {
        guard let holder, let own = holder.rows[holder.stream], epochs[own] != holder.fence.epoch
        else {
            return nil
        }
        return .takenOver(holder.stream, holder.fence)
    }

    private func apply(_ writes: [Write]) -> [StateError?] {
        guard let database else { return writes.map { _ in .closed } }
        do throws(StateError) {
            try checkPlace()
        } catch {
            return writes.map { _ in error }
        }
        transactions += 1
        return database.apply(writes).map { failure in failure.map { StateError($0, path: path) } }
    }

    /// One look at the path for each access: SQLite itself would go on with a file that nobody can reach any more.
    private func checkPlace() throws(StateError) {
        guard Files.identity(of: path) != identity else { return }
        throw StateError(
            .gone,
            "\(path) is gone: it was deleted, moved or replaced while the daemon runs",
            hint: "move it back, or restart the service: without a state everything is delivered anew"
        )
    }

    private static func setAside(_ error: StateError, _ name: String) -> StateError {
        StateError(
            .corrupt,
            "the state is damaged and was set aside as \(name): \(error.message)",
            hint: "restore a backup as state.db, or start again without one: every stream then begins from its start"
        )
    }
}
