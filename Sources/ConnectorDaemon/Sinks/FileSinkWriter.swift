import ConnectorCore
import Dispatch
import Synchronization

/// Writes one stream's files, on its caller's queue: a page is written without a change of threads. A flush waits for
/// the disk elsewhere, so that the next page can be written meanwhile.
final class FileSinkWriter: SinkWriter {
    private let folder: String
    private let rotateBytes: Int64
    private let syncQueue: DispatchQueue
    private let file: Mutex<OpenFile>

    private struct OpenFile {
        var position: FilePosition
        var descriptor: Int32
        var isOpen = true
    }

    init(folder: String, position: SinkPosition?, rotateBytes: Int64, syncQueue: DispatchQueue) throws(SinkError) {
        self.folder = folder
        self.rotateBytes = rotateBytes
        self.syncQueue = syncQueue
        try File.makeDirectory(folder)
        let acknowledged: FilePosition
        if let known = position.flatMap(FilePosition.init) {
            acknowledged = known
        } else {
            acknowledged = try Self.beginning(in: folder)
        }
        try Self.removeFiles(beyond: acknowledged.number, in: folder)
        let (opened, descriptor) = try Self.open(acknowledged, in: folder)
        file = Mutex(OpenFile(position: opened, descriptor: descriptor))
    }

    deinit {
        close()
    }

    /// Behind whatever is there: without a position that is what a lost state had delivered.
    private static func beginning(in folder: String) throws(SinkError) -> FilePosition {
        let last = try File.names(in: folder).compactMap(FilePosition.number).max() ?? 0
        return FilePosition(number: last + 1, length: 0)
    }

    /// Opens the file at its acknowledged length. A file that is gone was taken by a reader: the next one begins.
    private static func open(_ wanted: FilePosition, in folder: String) throws(SinkError) -> (FilePosition, Int32) {
        let path = "\(folder)/\(wanted.fileName)"
        if wanted.length == 0 { return (wanted, try create(wanted, in: folder)) }
        guard let descriptor = try File.openExisting(path) else {
            let next = FilePosition(number: wanted.number + 1, length: 0)
            return (next, try create(next, in: folder))
        }
        let size = try File.size(of: descriptor, path)
        guard size >= wanted.length else {
            File.close(descriptor)
            throw SinkError(
                "\(path) has \(size) bytes, but \(wanted.length) were acknowledged: somebody shortened it",
                hint: "restore the file, or move it away: the next sync then begins a new one"
            )
        }
        try File.truncate(descriptor, to: wanted.length, path)
        return (wanted, descriptor)
    }

    private static func create(_ position: FilePosition, in folder: String) throws(SinkError) -> Int32 {
        let path = "\(folder)/\(position.fileName)"
        let descriptor = try File.create(path)
        try File.truncate(descriptor, to: 0, path)
        try File.synchronizeDirectory(folder)
        return descriptor
    }

    private static func removeFiles(beyond number: Int, in folder: String) throws(SinkError) {
        for name in try File.names(in: folder) {
            guard let found = FilePosition.number(of: name), found > number else { continue }
            try File.remove("\(folder)/\(name)")
        }
    }

    func write(_ lines: [UInt8]) async throws(SinkError) {
        try file.withLock { (file) throws(SinkError) in
            try checkOpen(file)
            if file.position.length >= rotateBytes { try rotate(&file) }
            do throws(SinkError) {
                try File.write(file.descriptor, lines, path(file))
            } catch {
                // Readers need not see half a line. What can't be cut off now is when the file is opened again.
                try? File.truncate(file.descriptor, to: file.position.length, path(file))
                throw error
            }
            file.position.length += Int64(lines.count)
        }
    }

    /// A closed descriptor's number may be another file's by now.
    private func checkOpen(_ file: OpenFile) throws(SinkError) {
        if !file.isOpen { throw SinkError("\(path(file)) is closed already", hint: "the next sync opens it again") }
    }

    private func path(_ file: OpenFile) -> String { "\(folder)/\(file.position.fileName)" }

    private func rotate(_ file: inout OpenFile) throws(SinkError) {
        try File.synchronize(file.descriptor, path(file))
        let next = FilePosition(number: file.position.number + 1, length: 0)
        let opened = try Self.create(next, in: folder)
        File.close(file.descriptor)
        file.descriptor = opened
        file.position = next
    }

    func flush() async throws(SinkError) -> SinkPosition? {
        // A duplicate, since a rotation may close the descriptor while the disk works.
        let (reached, path, duplicate) = try file.withLock {
            (file) throws(SinkError) -> (FilePosition, String, Int32) in
            let name = self.path(file)
            try checkOpen(file)
            return (file.position, name, try File.duplicate(file.descriptor, name))
        }
        let result = await withCheckedContinuation { continuation in
            syncQueue.async {
                continuation.resume(returning: Self.synchronizeAndClose(duplicate, path))
            }
        }
        try result.get()
        return reached.sinkPosition
    }

    private static func synchronizeAndClose(_ descriptor: Int32, _ path: String) -> Result<Void, SinkError> {
        defer { File.close(descriptor) }
        do throws(SinkError) {
            return .success(try File.synchronize(descriptor, path))
        } catch {
            return .failure(error)
        }
    }

    func close() {
        file.withLock { file in
            guard file.isOpen else { return }
            file.isOpen = false
            File.close(file.descriptor)
        }
    }
}
