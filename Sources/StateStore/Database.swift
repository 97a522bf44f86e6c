import ConnectorCore

/// The open state file: what the store knows how to ask and to write, on one connection.
/// Belongs to one queue at a time, like its connection.
final class Database {
    /// 4 MiB of pages: the changes of one large checkpoint fit in.
    private static let cacheKibibytes = 4_096
    /// The log is folded into the database after so many pages (16 MiB), not after SQLite's thousand: under a burst of
    /// webhooks each folding keeps all that wait from their sync of the disk.
    private static let foldPages = 4_000
    /// A log grown by a burst is cut back to this once its content is in the database.
    private static let logLimitBytes = 64 << 20

    let connection: Connection
    let path: String
    /// The schema of the file: older than this program's only where it is only read.
    let version: Int
    private var ids: [StreamID: Int64] = [:]
    /// By row.
    var recents: [Int64: Recent] = [:]

    /// Opens for writing. The caller holds the directory's lock.
    init(readingAndWriting directory: StateDirectory) throws(StateError) {
        let path = directory.database
        let opened = try translated(path) { () throws(SQLiteError) in try Connection(path: path, mode: .readWrite) }
        let version = try Schema.check(opened, path: path)
        try translated(path) { () throws(SQLiteError) in
            try Self.configure(opened)
            try Self.verify(opened)
            try Schema.migrate(opened, from: version)
            try opened.statement(.interruptRuns).run()
        }
        connection = opened
        self.path = path
        self.version = Schema.version
    }

    /// Opens for looking, beside a daemon or without one. Where no log is, nobody writes, and not even the log's
    /// index is created. (A daemon that starts within the instant a command reads could still show it a mix of two
    /// states: such a store is for one short command, and `besideDaemon` says that a daemon is there.)
    init(reading directory: StateDirectory, besideDaemon: Bool = false) throws(StateError) {
        let path = directory.database
        let hasWriter = besideDaemon ? true : try directory.hasContent(directory.log)
        let mode = hasWriter ? Connection.Mode.readOnly : .immutable
        connection = try translated(path) { () throws(SQLiteError) in try Connection(path: path, mode: mode) }
        let version = try Schema.check(connection, path: path)
        let looking = connection
        try translated(path) { () throws(SQLiteError) in try Schema.presentAsCurrent(looking, version: version) }
        self.version = version
        self.path = path
    }

    /// The stream's row number; nil when nothing is stored under that name.
    func id(of stream: StreamID) throws(SQLiteError) -> Int64? {
        if let known = ids[stream] { return known }
        let found = try connection.statement(.streamID)
            .first(.text(stream.connector), .text(stream.stream)) { row in row.integer(0) }
        ids[stream] = found
        return found
    }

    /// The same, made when there is none. Part of the caller's transaction.
    func makeID(of stream: StreamID) throws(SQLiteError) -> Int64 {
        if let known = try id(of: stream) { return known }
        let made = try connection.statement(.insertStream)
            .first(.text(stream.connector), .text(stream.stream)) { row in row.integer(0) }
        guard let made else { throw SQLiteError.damaged("no row number for \(stream)", during: "\(SQL.insertStream)") }
        ids[stream] = made
        return made
    }

    /// After a roll-back: row numbers made in it are not true, nor is what it was to write.
    func forgetWhatWasRead() {
        ids = [:]
        recents = [:]
    }

    /// Ends the transaction under way, if any; a reading one has nothing to lose.
    func rollBack() {
        guard connection.isInTransaction else { return }
        // Fails only where SQLite has just ended the transaction by itself, which is what is wanted.
        _ = try? connection.statement(.rollback).run()
    }

    private static func configure(_ connection: Connection) throws(SQLiteError) {
        try connection.execute(
            """
            PRAGMA trusted_schema = OFF;
            PRAGMA synchronous = FULL;
            PRAGMA cache_size = -\(cacheKibibytes);
            PRAGMA wal_autocheckpoint = \(foldPages);
            PRAGMA journal_size_limit = \(logLimitBytes);
            """
        )
        let mode = try connection.pragma("journal_mode = WAL")
        guard mode == "wal" else {
            throw SQLiteError(code: SQLiteError.cannotOpen, message: "no write-ahead log (\(mode))", operation: "open")
        }
    }

    /// Reads every page once, so that damage is met at the start and not in the night.
    private static func verify(_ connection: Connection) throws(SQLiteError) {
        let verdict = try connection.pragma("quick_check(1)")
        guard verdict == "ok" else { throw SQLiteError.damaged(verdict, during: "quick_check") }
    }
}
