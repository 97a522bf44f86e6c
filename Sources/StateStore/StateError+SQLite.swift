import CSQLite
import ConnectorCore
import FileSystem

extension StateError {
    /// Puts a result code into words: what it means for the state file at `path`, and what helps.
    init(_ error: SQLiteError, path: String) {
        let detail = "\(path): \(error.message) (SQLite \(error.code) in \(error.operation))"
        switch error.primaryCode {
        case SQLITE_FULL:
            self.init(.notWritable, "no space left for \(detail)", hint: "free space on that file system")
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_AUTH:
            self.init(
                .notWritable,
                "cannot use \(detail)",
                hint: "check who owns the file and its directory, and that they are not on a read-only file system"
            )
        case SQLITE_IOERR:
            self.init(
                .notWritable,
                "I/O error on \(detail)",
                hint: "check the disk (journalctl -k) and the space left on it"
            )
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            self.init(
                .corrupt,
                "damaged state: \(detail)",
                hint:
                    "`check --damage` says what is damaged; forget the stream with `cursors NAME/STREAM reset`, or restore "
                    + "a backup; a file that is no database any more is set aside at a restart; and see to the disk"
            )
        case SQLITE_BUSY, SQLITE_LOCKED:
            self.init(
                .inUse,
                "another program keeps a lock on \(detail)",
                hint: "end the sqlite3 shell or backup that holds the file"
            )
        default:
            self.init(.other, "cannot use \(detail)", hint: "please report this with the message")
        }
    }

    /// A call into the file system that failed.
    init(_ error: FileError) {
        self.init(
            .notWritable,
            "cannot \(error)",
            hint: error.remedy
                ?? "check that the service's user may write there and that the disk is neither full nor read-only"
        )
    }

    static let closed = StateError(.other, "the state store is closed", hint: "the service is stopping")
}
