import ConnectorCore
import Dispatch
import FileSystem
import Synchronization

/// Writes one stream's files, on its caller's queue: a page is written without a change of threads. A flush waits for
/// the disk elsewhere, so that the next page can be written meanwhile.
final class FileSinkWriter: SinkWriter {
    private let folder: String
    private let rotateBytes: Int64
    private let syncQueue: DispatchQueue
    private let current: Mutex<Current>
    let standing: SinkStanding

    /// What is written to, and how much of it counts. A flush under way keeps its file open where a rotation goes on to
    /// the next one meanwhile.
    private struct Current {
        var position: FilePosition
        /// Nil once closed.
        var file: OpenFile?
        var mark: DeliveryMark
    }

    init(folder: String, position: SinkPosition?, rotateBytes: Int64, syncQueue: DispatchQueue) throws(SinkError) {
        self.folder = folder
        self.rotateBytes = rotateBytes
        self.syncQueue = syncQueue
        let mark = DeliveryMark(folder: folder)
        let known = position.flatMap(FilePosition.init)
        let count = try SinkError.calling { () throws(FileError) in
            try Files.makeDirectory(folder)
            return try mark.read()
        }
        let isAhead = count.map { $0 > known?.count ?? 0 } ?? true
        standing = !isAhead ? .level : known == nil ? .unknown : .ahead
        var acknowledged: FilePosition
        if let known, !isAhead {
            acknowledged = known
            try SinkError.calling { () throws(FileError) in try Self.removeFiles(beyond: known.number, in: folder) }
        } else {
            acknowledged = try Self.beginning(in: folder)
        }
        acknowledged.count = max(known?.count ?? 0, count ?? 0) + 1
        current = Mutex(try Self.open(acknowledged, in: folder, mark))
    }

    /// Behind whatever is there: without a position, or with an older state's, that is what another state had delivered.
    private static func beginning(in folder: String) throws(SinkError) -> FilePosition {
        let names = try SinkError.calling { () throws(FileError) in try Files.names(in: folder) }
        return try following(names.compactMap(FilePosition.number).max() ?? 0, in: folder)
    }

    private static func following(
        _ number: Int,
        in folder: String,
        count: Int64 = 0
    ) throws(SinkError) -> FilePosition {
        guard number < FilePosition.maximumNumber else {
            throw SinkError(
                "\(folder) has a file with the number \(number), behind which there is none",
                hint: "it is none of ours: move it away"
            )
        }
        return FilePosition(number: number + 1, length: 0, count: count)
    }

    /// Opens the file at its acknowledged length. A file that is gone was taken by a reader: the next one begins.
    private static func open(
        _ wanted: FilePosition,
        in folder: String,
        _ mark: DeliveryMark
    ) throws(SinkError) -> Current {
        let path = "\(folder)/\(wanted.fileName)"
        if wanted.length == 0 { return try create(wanted, in: folder, mark) }
        guard let file = try SinkError.calling({ () throws(FileError) in try OpenFile.existing(path) }) else {
            return try create(try following(wanted.number, in: folder, count: wanted.count), in: folder, mark)
        }
        let size = try SinkError.calling { () throws(FileError) in try file.size() }
        guard size >= wanted.length else {
            throw SinkError(
                "\(path) has \(size) bytes, but \(wanted.length) were acknowledged: somebody shortened it",
                hint: "restore the file, or move it away: the next sync then begins a new one"
            )
        }
        try SinkError.calling { () throws(FileError) in try file.truncate(to: wanted.length) }
        return Current(position: wanted, file: file, mark: mark)
    }

    private static func create(
        _ position: FilePosition,
        in folder: String,
        _ mark: DeliveryMark
    ) throws(SinkError) -> Current {
        try SinkError.calling { () throws(FileError) in
            let file = try OpenFile(writing: "\(folder)/\(position.fileName)")
            try file.truncate(to: 0)
            try Files.synchronize(folder)
            return Current(position: position, file: file, mark: mark)
        }
    }

    private static func removeFiles(beyond number: Int, in folder: String) throws(FileError) {
        for name in try Files.names(in: folder) {
            guard let found = FilePosition.number(of: name), found > number else { continue }
            try Files.remove("\(folder)/\(name)")
        }
    }

    func write(_ lines: [UInt8]) async throws(SinkError) {
        try current.withLock { (current) throws(SinkError) in
            var file = try openFile(current)
            if current.position.length >= rotateBytes { file = try rotate(&current, from: file) }
            let length = current.position.length
            do throws(FileError) {
                try file.write(lines, at: length)
            } catch {
                // Readers need not see half a line. What can't be cut off now is when the file is opened again.
                try? file.truncate(to: length)
                throw SinkError(error)
            }
            current.position.length += Int64(lines.count)
        }
    }

    private func openFile(_ current: Current) throws(SinkError) -> OpenFile {
        if let file = current.file { return file }
        let path = "\(folder)/\(current.position.fileName)"
        throw SinkError("\(path) is closed already", hint: "the next sync opens it again")
    }

    private func rotate(_ current: inout Current, from file: OpenFile) throws(SinkError) -> OpenFile {
        try SinkError.calling { () throws(FileError) in try file.synchronize() }
        let (number, count) = (current.position.number, current.position.count)
        current = try Self.create(try Self.following(number, in: folder, count: count), in: folder, current.mark)
        return try openFile(current)
    }

    var position: SinkPosition? {
        get async { current.withLock { $0.position.sinkPosition } }
    }

    func flush() async throws(SinkError) -> SinkPosition? {
        let (reached, file) = try current.withLock { (current) throws(SinkError) in
            (current.position, try openFile(current))
        }
        let result = await withCheckedContinuation { continuation in
            syncQueue.async { continuation.resume(returning: Self.synchronize(file)) }
        }
        try result.get()
        return reached.sinkPosition
    }

    func acknowledged(_ position: SinkPosition) async throws(SinkError) {
        guard let reached = FilePosition(position) else { return }
        try current.withLock { (current) throws(SinkError) in
            guard reached.count >= current.position.count else { return }
            try SinkError.calling { () throws(FileError) in try current.mark.move(to: reached.count) }
            current.position.count = reached.count + 1
        }
    }

    private static func synchronize(_ file: OpenFile) -> Result<Void, SinkError> {
        do throws(SinkError) {
            return .success(try SinkError.calling { () throws(FileError) in try file.synchronize() })
        } catch {
            return .failure(error)
        }
    }

    func close() {
        current.withLock { $0.file = nil }
    }
}
