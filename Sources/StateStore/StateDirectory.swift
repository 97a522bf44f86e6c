import ConnectorCore
import Glibc

/// The directory that holds the state file: its paths, its permissions, and what is done to whole files.
struct StateDirectory {
    /// Only the service's user may look inside: keys and cursors tell what a company sells.
    private static let directoryMode: mode_t = 0o700
    private static let fileMode: mode_t = 0o600
    /// How many damaged files of one second are told apart by a number.
    private static let maximumAsides = 100

    let path: String

    var database: String { "\(path)/state.db" }
    var log: String { "\(database)-wal" }
    var lockFile: String { "\(path)/lock" }
    private var draft: String { "\(path)/state.db.new" }

    /// Creates the directory and the missing ones above it.
    func create() throws(StateError) {
        var parent = path.hasPrefix("/") ? "" : "."
        for component in path.split(separator: "/") {
            parent += "/\(component)"
            guard unsafe mkdir(parent, Self.directoryMode) != 0, errno != EEXIST else { continue }
            // A directory that is there may well refuse by another error (a read-only file system, say).
            let failed = errno
            guard kind(of: parent) == S_IFDIR else {
                throw .system("create directory", reason(failed), path: parent)
            }
        }
        guard kind(of: path) == S_IFDIR else { throw .system("create directory", reason(ENOTDIR), path: path) }
    }

    func exists(_ file: String) -> Bool {
        kind(of: file) != nil
    }

    /// False also for a file that is not there.
    func hasContent(_ file: String) -> Bool {
        var status = stat()
        return unsafe stat(file, &status) == 0 && status.st_size > 0
    }

    /// Makes the state file when there is none, all at once: it is built beside its place, synced and renamed. So a
    /// state file that is empty or half built has been damaged, and is never taken for a new one.
    func createDatabase() throws(StateError) {
        guard !exists(database) else {
            guard hasContent(database) else { throw StateError(.corrupt, "\(database) is empty", hint: "") }
            return
        }
        guard !hasContent(log) else {
            throw StateError(.corrupt, "\(database) is gone, but its log \(log) is not", hint: "")
        }
        for leftover in [draft, "\(draft)-journal", "\(draft)-wal", "\(draft)-shm", log, "\(database)-shm"] {
            try remove(leftover)
        }
        try touch(draft)
        try build(draft)
        try sync(draft)
        try move(draft, to: database)
        try sync(path)
    }

    /// Renames the state file with its log and index, and returns the new name. Nothing is ever deleted.
    func setDatabaseAside(at now: Instant) throws(StateError) -> String {
        let stamped = "\(database).corrupt-\(Self.stamp(now))"
        let names = [stamped] + (2...Self.maximumAsides).map { "\(stamped).\($0)" }
        guard let name = names.first(where: { !exists($0) && !exists("\($0)-wal") }) else {
            throw .system("set aside", "too many damaged files", path: database)
        }
        for suffix in ["", "-wal", "-shm"] where exists(database + suffix) {
            try move(database + suffix, to: name + suffix)
        }
        try sync(path)
        return name
    }

    private func build(_ file: String) throws(StateError) {
        try translated(file) { () throws(SQLiteError) in
            let connection = try Connection(path: file, mode: .create)
            try Schema.migrate(connection, from: 0)
        }
    }

    private func touch(_ file: String) throws(StateError) {
        let descriptor = unsafe open(file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, Self.fileMode)
        guard descriptor >= 0 else { throw .system("create", reason(errno), path: file) }
        close(descriptor)
    }

    /// Makes a file's content, or a directory's entries, survive a power cut.
    private func sync(_ file: String) throws(StateError) {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", reason(errno), path: file) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("sync", reason(errno), path: file) }
    }

    private func move(_ file: String, to name: String) throws(StateError) {
        guard unsafe rename(file, name) == 0 else { throw .system("rename", reason(errno), path: file) }
    }

    private func remove(_ file: String) throws(StateError) {
        guard unsafe unlink(file) != 0, errno != ENOENT else { return }
        throw .system("remove", reason(errno), path: file)
    }

    /// `S_IFREG`, `S_IFDIR` and so on; nil when there is nothing by that name.
    private func kind(of file: String) -> mode_t? {
        var status = stat()
        return unsafe stat(file, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// `20261123T190102Z`, in UTC.
    private static func stamp(_ instant: Instant) -> String {
        var seconds = time_t(instant.seconds)
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        let date = unsafe (Int(parts.tm_year) + 1900) * 10_000 + (Int(parts.tm_mon) + 1) * 100 + Int(parts.tm_mday)
        let time = unsafe 1_000_000 + Int(parts.tm_hour) * 10_000 + Int(parts.tm_min) * 100 + Int(parts.tm_sec)
        return "\(date)T\(String(time).dropFirst())Z"
    }
}

/// The operating system's words for an `errno`.
func reason(_ code: Int32) -> String {
    var words = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(code, &words, words.count) == 0 else { return "error \(code)" }
    return String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
