import CSQLite

/// One connection to a database file, with its prepared statements. It belongs to one queue at a time: SQLite's own
/// mutexes are off (`NOMUTEX`), and the class is not `Sendable`.
@safe
final class Connection {
    enum Mode {
        /// For the daemon. The file has to exist.
        case readWrite
        /// For a database that is about to be made.
        case create
        /// For commands that look while a daemon may write.
        case readOnly
        /// For commands that look while nobody writes: touches no file beside the database, and ignores its log.
        case immutable
    }

    /// How long a call waits for a lock that another program (a backup, a sqlite3 shell) holds on the file.
    private static let busyTimeoutMilliseconds: Int32 = 5_000

    private let handle: OpaquePointer
    private var statements: [SQL: Statement] = [:]

    init(path: String, mode: Mode) throws(SQLiteError) {
        var opened: OpaquePointer?
        let flags = mode.flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(mode.name(of: path), &opened, flags, nil)
        guard let opened = unsafe opened else {
            throw SQLiteError(code: SQLITE_NOMEM, message: "out of memory", operation: "open")
        }
        unsafe handle = opened
        guard code == SQLITE_OK else { throw failure(code, during: "open") }
        _ = unsafe sqlite3_busy_timeout(handle, Self.busyTimeoutMilliseconds)
    }

    deinit {
        // Statements are finalized after this: "v2" waits for them. Closing the last connection folds the log in.
        _ = unsafe sqlite3_close_v2(handle)
    }

    /// False once an error has made SQLite roll the transaction back by itself.
    var isInTransaction: Bool {
        unsafe sqlite3_get_autocommit(handle) == 0
    }

    /// The statement, prepared at its first use.
    func statement(_ sql: SQL) throws(SQLiteError) -> Statement {
        if let known = statements[sql] { return known }
        let made = try prepare(sql.rawValue, name: "\(sql)")
        statements[sql] = made
        return made
    }

    /// Runs several statements that yield nothing of interest.
    func execute(_ script: String) throws(SQLiteError) {
        let code = unsafe sqlite3_exec(handle, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, during: script) }
    }

    /// The first column of a pragma's first row.
    func pragma(_ text: String) throws(SQLiteError) -> String {
        try prepare("PRAGMA \(text)", name: text).first { row in row.text(0) } ?? ""
    }

    private func prepare(_ text: String, name: String) throws(SQLiteError) -> Statement {
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared = unsafe prepared else { throw failure(code, during: name) }
        return unsafe Statement(handle: prepared, name: name)
    }

    private func failure(_ code: Int32, during operation: String) -> SQLiteError {
        let words = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) }
        return SQLiteError(code: code, message: words ?? "", operation: operation)
    }
}

extension Connection.Mode {
    fileprivate var flags: Int32 {
        switch self {
        case .readWrite: SQLITE_OPEN_READWRITE
        case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .readOnly: SQLITE_OPEN_READONLY
        case .immutable: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
        }
    }

    fileprivate func name(of path: String) -> String {
        guard case .immutable = self else { return path }
        return "file:\(Self.percentEncoded(path))?immutable=1"
    }

    /// Escapes what would end the path of a `file:` URI.
    private static func percentEncoded(_ path: String) -> String {
        path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
    }
}

extension String {
    fileprivate func replacing(_ character: Character, with text: String) -> String {
        split(separator: character, omittingEmptySubsequences: false).joined(separator: text)
    }
}
