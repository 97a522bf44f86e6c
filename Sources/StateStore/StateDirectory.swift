import ConnectorCore
import FileSystem
import Glibc

/// The directory that holds the state file: its paths, its permissions, and what is done to whole files.
struct StateDirectory {
    /// How many damaged files of one second are told apart by a number.
    private static let maximumAsides = 100
    /// So that a line of the log stays one that a person reads.
    private static let toldAsides = 3
    private static let asidePrefix = "state.db.corrupt-"

    let path: String

    var database: String { "\(path)/state.db" }
    var log: String { "\(database)-wal" }
    var lockFile: String { "\(path)/lock" }
    private var draft: String { "\(path)/state.db.new" }

    /// Creates the directory and the missing ones above it. Only the service's user may look inside.
    func create() throws(StateError) {
        try calling { () throws(FileError) in try Files.makeDirectory(path) }
        try mustBeOurs()
    }

    /// A name may lead to somebody else's folder: what is written there would be theirs to read, and to change. One of
    /// root's, in which our group may write, is one that a person made for us.
    private func mustBeOurs() throws(StateError) {
        guard let (user, everybodyWrites) = Files.owner(of: path) else { return }
        guard user == geteuid() || user == 0 else {
            throw StateError(
                .notWritable,
                "\(path) belongs to user \(user), and this is user \(geteuid())",
                hint: "run the command as that user, or name another --state directory"
            )
        }
        guard !everybodyWrites else {
            throw StateError(
                .notWritable,
                "everybody may write in \(path), where records, tokens and cursors lie",
                hint: "chmod o-w \(path)"
            )
        }
    }

    func exists(_ file: String) -> Bool { Files.exists(file) }

    /// False also for a file that is not there.
    func hasContent(_ file: String) throws(StateError) -> Bool {
        try calling { () throws(FileError) in
            guard try Files.kind(of: file) != nil else { return false }
            return try OpenFile(reading: file).size() > 0
        }
    }

    /// Makes the state file when there is none, all at once: it is built beside its place, synced and renamed. So a
    /// state file that is empty or half built has been damaged, and is never taken for a new one.
    /// Says whether it did.
    func createDatabase() throws(StateError) -> Bool {
        guard !exists(database) else {
            guard try hasContent(database) else { throw StateError(.corrupt, "\(database) is empty", hint: "") }
            return false
        }
        guard try !hasContent(log) else {
            throw StateError(.corrupt, "\(database) is gone, but its log \(log) is not", hint: "")
        }
        try calling { () throws(FileError) in
            for leftover in [draft, "\(draft)-journal", "\(draft)-wal", "\(draft)-shm", log, "\(database)-shm"] {
                try Files.remove(leftover)
            }
            _ = try OpenFile(creating: draft)
        }
        try build(draft)
        try calling { () throws(FileError) in
            try Files.synchronize(draft)
            try Files.rename(draft, to: database)
            try Files.synchronize(path)
        }
        return true
    }

    /// The state files that were damaged, by name: the last ones, oldest first.
    func asides() throws(StateError) -> [String] {
        guard exists(path) else { return [] }
        let names = try calling { () throws(FileError) in try Files.names(in: path) }
        let stems = names.filter { $0.hasPrefix(Self.asidePrefix) }.map { name in
            name.hasSuffix("-wal") || name.hasSuffix("-shm") ? String(name.dropLast(4)) : name
        }
        return Set(stems).sorted().suffix(Self.toldAsides)
    }

    /// Renames the state file with its log and index, and returns the new name. Nothing is ever deleted.
    func setDatabaseAside(at now: Instant) throws(StateError) -> String {
        let stamped = "\(path)/\(Self.asidePrefix)\(Self.stamp(now))"
        let names = [stamped] + (2...Self.maximumAsides).map { "\(stamped).\($0)" }
        guard let name = names.first(where: { !exists($0) && !exists("\($0)-wal") }) else {
            throw StateError(
                .notWritable,
                "cannot set aside \(database): too many damaged files of this second lie there",
                hint: "move them away"
            )
        }
        try calling { () throws(FileError) in
            for suffix in ["", "-wal", "-shm"] where exists(database + suffix) {
                try Files.rename(database + suffix, to: name + suffix)
            }
            try Files.synchronize(path)
        }
        return name
    }

    private func build(_ file: String) throws(StateError) {
        try translated(file) { () throws(SQLiteError) in
            let connection = try Connection(path: file, mode: .create)
            try Schema.migrate(connection, from: 0)
        }
    }

    private func calling<Result>(_ body: () throws(FileError) -> Result) throws(StateError) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            throw StateError(error)
        }
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
