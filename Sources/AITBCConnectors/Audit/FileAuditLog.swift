import ConnectorCore
import FileSystem
import SerialQueue

/// Keeps audit records in a folder of its own, a file a day (UTC), one JSON object a line, each with the hash of the one
/// before: ``verify(_:head:)`` tells whether any was changed, left out or put in.
///
/// A record is on disk when `record` returns, unless ``failure`` says why not: it is kept in memory then, and written
/// before the next one or by ``flush()``. Beyond ten thousand that wait the oldest go, and a record `records_lost` says in
/// the chain how many these were.
///
/// One log writes to a folder at a time.
public actor FileAuditLog: AuditLog {
    static let prefix = "audit-"
    static let suffix = ".jsonl"
    /// While the disk is full.
    private static let mostWaiting = 10_000

    private let folder: String
    private let retention: Duration?
    private let onFailure: @Sendable (ConfigurationError) -> Void
    private let queue = SerialQueueExecutor(label: "audit")
    private let lock: FileLock
    private var chain: AuditChain
    /// The chain's last file; what is written next stands there, or in a later day's.
    private var path: String?
    /// Of it, up to its last acknowledged line: what a failed write left behind is none.
    private var size: Int64
    private var file: OpenFile?
    private var waiting: [AuditRecord] = []
    private var untold = 0

    /// Why the last record could not be written, or an old file not be removed; nil while all is well.
    public private(set) var failure: ConfigurationError? {
        didSet { if let failure, oldValue == nil { onFailure(failure) } }
    }
    /// Records that were given up, since too many waited for a disk.
    public private(set) var lost = 0

    /// Runs on a queue of its own: to write is to wait for a disk.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe queue.asUnownedSerialExecutor() }

    /// Goes on where the folder's last record ends.
    ///
    /// - Parameters:
    ///   - folder: made where there is none, for its owner alone.
    ///   - retention: files of days that ended longer ago are removed; nil keeps all.
    ///   - onFailure: told when records begin to wait, or an old file can't be removed.
    ///
    /// Throws a ``ConfigurationError`` where the folder can't be used, another log writes to it, or its last record is not
    /// as it was written.
    public init(
        folder: String,
        retention: Duration? = nil,
        onFailure: @escaping @Sendable (ConfigurationError) -> Void = { _ in }
    ) throws {
        self.folder = folder
        self.retention = retention
        self.onFailure = onFailure
        lock = try Self.lock(folder)
        (chain, path, size) = try Self.end(of: folder)
    }

    /// The hash of the last record; keep it elsewhere from time to time, for ``verify(_:head:)``.
    public var head: String { chain.head }

    /// Writes a record, and those that could not be written before.
    public func record(_ record: AuditRecord) {
        waiting.append(record)
        if waiting.count > Self.mostWaiting {
            waiting.removeFirst()
            (lost, untold) = (lost + 1, untold + 1)
        }
        writeAll()
    }

    /// Writes the records that could not be written before: at the end of a program.
    ///
    /// Throws ``failure`` where they still can't.
    public func flush() throws {
        writeAll()
        if let failure { throw failure }
    }

    private func writeAll() {
        do {
            if untold > 0, let time = waiting.first?.at {
                let words = "records_lost"
                try write(AuditRecord(actor: "audit", operation: words, object: String(untold), at: time))
                untold = 0
            }
            var problem: FileError?
            while let next = waiting.first {
                problem = try write(next) ?? problem
                waiting.removeFirst()
            }
            failure = problem.map(Self.unreadable)
        } catch let error as FileError {
            file = nil
            failure = Self.unreadable(error)
        } catch {
            failure = ConfigurationError(ErrorContext("an audit record can't be written: \(error)", code: "AUDIT_LOG"))
        }
    }

    /// Answers why an old file could not be removed: the record is on disk.
    @discardableResult
    private func write(_ record: AuditRecord) throws -> FileError? {
        var next = chain
        let line = try next.line(record) + [UInt8(ascii: "\n")]
        // A record of an earlier day than the last one's stands in the last one's file: the chain has one direction.
        let day = max("\(folder)/\(Self.prefix)\(record.at.dateText)\(Self.suffix)", path ?? "")
        // One that somebody took away is begun anew, and the chain shows what is missing.
        let isNew = day != path || !Files.exists(day)
        let end = isNew ? 0 : size
        let file = isNew ? nil : self.file
        let target = try file ?? OpenFile(writing: day)
        if file == nil {
            try target.truncate(to: end)
            try Files.synchronize(folder)
        }
        try target.write(line, at: end)
        try target.synchronize()
        (chain, path, size, self.file) = (next, day, end + Int64(line.count), target)
        return isNew ? removeOld(at: record.at) : nil
    }

    private func removeOld(at now: Instant) -> FileError? {
        guard let retention else { return nil }
        let oldest = "\(Self.prefix)\((now - retention).dateText)\(Self.suffix)"
        do throws(FileError) {
            for name in try Files.names(in: folder)
            where name.hasPrefix(Self.prefix) && name.hasSuffix(Self.suffix) && name < oldest {
                try Files.remove("\(folder)/\(name)")
            }
            return nil
        } catch {
            return error
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

    private static func end(
        of folder: String
    ) throws(ConfigurationError) -> (chain: AuditChain, path: String?, size: Int64) {
        var chain = AuditChain()
        // A file that a crash left without a record is none.
        for name in try files(in: folder).reversed() {
            let path = "\(folder)/\(name)"
            let lines = try lines(of: path)
            guard let last = lines.last else { continue }
            do throws(AuditChain.Flaw) {
                try chain.follow(last, isFirst: true)
            } catch {
                throw ConfigurationError(
                    ErrorContext(
                        "\(path):\(lines.count): \(error.problem)",
                        code: "AUDIT_LOG",
                        hint: "keep the folder as it is for whoever looks into it, and begin another"
                    )
                )
            }
            return (chain, path, lines.reduce(0) { $0 + Int64($1.count) + 1 })
        }
        return (chain, nil, 0)
    }
}
