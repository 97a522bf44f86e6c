import ConnectorCore
import FileSystem
import SerialQueue

/// Keeps audit records in a folder of its own, a file a day (UTC), one JSON object a line, each with the hash of the one
/// before: ``verify(_:head:)`` tells whether any was changed, left out or put in.
///
/// A record is on disk when `record` returns. One that can't be written is kept in memory and written before the next
/// (see ``failure``); so many at most that memory lasts.
///
/// One log writes to a folder at a time.
public actor FileAuditLog: AuditLog {
    static let prefix = "audit-"
    static let suffix = ".jsonl"
    /// While the disk is full; beyond it the oldest go, and ``lost`` counts them.
    private static let mostWaiting = 10_000

    private let folder: String
    private let retention: Duration?
    private let queue = SerialQueueExecutor(label: "audit")
    private let lock: FileLock
    private var chain: AuditChain
    private var file: OpenFile?
    private var size: Int64 = 0
    private var waiting: [AuditRecord] = []

    /// Why the last record could not be written; nil while all are.
    public private(set) var failure: ConfigurationError?
    /// Records that were given up, since too many waited for a disk.
    public private(set) var lost = 0

    /// Runs on a queue of its own: to write is to wait for a disk.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe queue.asUnownedSerialExecutor() }

    /// Goes on where the folder's last record ends.
    ///
    /// - Parameters:
    ///   - folder: made where there is none, for its owner alone.
    ///   - retention: files of days that ended longer ago are removed; nil keeps all.
    ///
    /// Throws a ``ConfigurationError`` where the folder can't be used, another log writes to it, or its last record is not
    /// as it was written.
    public init(folder: String, retention: Duration? = nil) throws {
        self.folder = folder
        self.retention = retention
        lock = try Self.lock(folder)
        chain = try Self.end(of: folder)
    }

    /// The hash of the last record; keep it elsewhere from time to time, for ``verify(_:head:)``.
    public var head: String { chain.head }

    /// Writes a record, and those that could not be written before.
    public func record(_ record: AuditRecord) {
        waiting.append(record)
        if waiting.count > Self.mostWaiting {
            waiting.removeFirst()
            lost += 1
        }
        do {
            while let next = waiting.first {
                try write(next)
                waiting.removeFirst()
            }
            failure = nil
        } catch let error as FileError {
            file = nil
            failure = Self.unreadable(error)
        } catch {
            failure = ConfigurationError(ErrorContext("an audit record can't be written: \(error)", code: "AUDIT_LOG"))
        }
    }

    private func write(_ record: AuditRecord) throws {
        let file = try open(for: record.at)
        var next = chain
        let line = try next.line(record) + [UInt8(ascii: "\n")]
        try file.write(line, at: size)
        try file.synchronize()
        size += Int64(line.count)
        chain = next
    }

    /// A record of an earlier day than the last one's stands in the last one's file: the chain has one direction.
    private func open(for time: Instant) throws(FileError) -> OpenFile {
        let last = file?.path ?? ""
        let path = max("\(folder)/\(Self.prefix)\(time.dateText)\(Self.suffix)", last)
        if let file, path == last { return file }
        let opened = try OpenFile(writing: path)
        // What a crash left behind its last line was never acknowledged.
        let bytes = try opened.contents()
        size = Int64(bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
        try opened.truncate(to: size)
        try Files.synchronize(folder)
        file = opened
        try removeOld(at: time)
        return opened
    }

    private func removeOld(at now: Instant) throws(FileError) {
        guard let retention else { return }
        let oldest = "\(Self.prefix)\((now - retention).dateText)\(Self.suffix)"
        for name in try Files.names(in: folder)
        where name.hasPrefix(Self.prefix) && name.hasSuffix(Self.suffix) && name < oldest {
            try Files.remove("\(folder)/\(name)")
        }
    }

    private static func lock(_ folder: String) throws(ConfigurationError) -> FileLock {
        let attempt: FileLock.Attempt
        do throws(FileError) {
            try Files.makeDirectory(folder)
            attempt = try FileLock.take("\(folder)/.lock")
        } catch {
            throw unreadable(error)
        }
        switch attempt {
        case .taken(let lock): return lock
        case .held(let holder):
            let message = "process \(holder) writes to the audit log \(folder)"
            throw ConfigurationError(ErrorContext(message, code: "AUDIT_LOG", hint: "give each program a folder"))
        }
    }

    private static func end(of folder: String) throws(ConfigurationError) -> AuditChain {
        var chain = AuditChain()
        // A file that a crash left without a record is none.
        for name in try files(in: folder).reversed() {
            let lines = try lines(of: "\(folder)/\(name)")
            guard let last = lines.last else { continue }
            do throws(AuditChain.Flaw) {
                try chain.follow(last, isFirst: true)
                return chain
            } catch {
                throw ConfigurationError(
                    ErrorContext(
                        "\(folder)/\(name):\(lines.count): \(error.problem)",
                        code: "AUDIT_LOG",
                        hint: "keep the folder as it is for whoever looks into it, and begin another"
                    )
                )
            }
        }
        return chain
    }
}
