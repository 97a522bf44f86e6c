import Glibc

/// The system calls of the file sink, each failure named.
enum File {
    static func failure(_ call: String, _ path: String, _ code: Int32 = errno) -> SinkError {
        let hint =
            switch code {
            case ENOSPC, EDQUOT: "make room; the records wait at the source meanwhile"
            case EROFS: "remount the file system writable"
            case EACCES, EPERM: "let the service's user write there"
            default: "see the message"
            }
        return SinkError("\(call) \(path): \(unsafe String(cString: strerror(code)))", hint: hint)
    }

    /// Retries what a signal interrupted.
    private static func retry(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    static func makeDirectory(_ path: String) throws(SinkError) {
        if try makeOne(path) { return }
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw failure("mkdir", path, ENOENT) }
        try makeDirectory(String(path[..<slash]))
        guard try makeOne(path) else { throw failure("mkdir", path, ENOENT) }
    }

    /// Makes its name durable too: a folder lost in a power cut would look as if a reader had taken its files.
    /// False when the folder around it is missing.
    private static func makeOne(_ path: String) throws(SinkError) -> Bool {
        guard unsafe mkdir(path, 0o700) == 0 else {
            if errno == EEXIST { return true }
            if errno == ENOENT { return false }
            throw failure("mkdir", path)
        }
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let parent = path[..<slash]
        try synchronizeDirectory(parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : String(parent))
        return true
    }

    /// The absolute path behind symbolic links, as far as it exists; the rest as it is.
    static func resolved(_ path: String) -> String {
        if let found = unsafe realpath(path, nil) {
            defer { unsafe free(found) }
            return unsafe String(cString: found)
        }
        let parts = path.split(separator: "/")
        guard let last = parts.last else { return path }
        let parent = (path.hasPrefix("/") ? "/" : "") + parts.dropLast().joined(separator: "/")
        let above = resolved(parent.isEmpty ? "." : parent)
        return above == "/" ? "/\(last)" : "\(above)/\(last)"
    }

    static func names(in path: String) throws(SinkError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw failure("open directory", path) }
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    /// Opens for writing, creating it where there is none.
    static func create(_ path: String) throws(SinkError) -> Int32 {
        let descriptor = retry { Int(unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC | O_CREAT, 0o600)) }
        guard descriptor >= 0 else { throw failure("open", path) }
        return Int32(descriptor)
    }

    /// Nil when there is no such file; any other failure is one.
    static func openExisting(_ path: String) throws(SinkError) -> Int32? {
        let descriptor = retry { Int(unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC)) }
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw failure("open", path) }
        return Int32(descriptor)
    }

    static func size(of descriptor: Int32, _ path: String) throws(SinkError) -> Int64 {
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0 else { throw failure("seek in", path) }
        return Int64(size)
    }

    static func truncate(_ descriptor: Int32, to length: Int64, _ path: String) throws(SinkError) {
        guard retry({ Int(ftruncate(descriptor, Int(length))) }) == 0 else { throw failure("truncate", path) }
        guard lseek(descriptor, Int(length), SEEK_SET) >= 0 else { throw failure("seek in", path) }
    }

    static func write(_ descriptor: Int32, _ bytes: [UInt8], _ path: String) throws(SinkError) {
        var written = 0
        while written < bytes.count {
            let count = retry {
                unsafe bytes.withUnsafeBytes { buffer in
                    unsafe Glibc.write(
                        descriptor,
                        buffer.baseAddress.map { unsafe $0 + written },
                        buffer.count - written
                    )
                }
            }
            guard count > 0 else { throw failure("write", path) }
            written += count
        }
    }

    static func synchronize(_ descriptor: Int32, _ path: String) throws(SinkError) {
        guard retry({ Int(fdatasync(descriptor)) }) == 0 else { throw failure("sync", path) }
    }

    /// Makes the names in a directory durable.
    static func synchronizeDirectory(_ path: String) throws(SinkError) {
        let descriptor = retry { Int(unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) }
        guard descriptor >= 0 else { throw failure("open directory", path) }
        defer { Glibc.close(Int32(descriptor)) }
        guard retry({ Int(fsync(Int32(descriptor))) }) == 0 else { throw failure("sync directory", path) }
    }

    static func read(_ descriptor: Int32, _ count: Int64, _ path: String) throws(SinkError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(count))
        let capacity = bytes.count
        let found = retry {
            unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, capacity) }
        }
        guard found >= 0 else { throw failure("read", path) }
        return Array(bytes.prefix(found))
    }

    static func rename(_ old: String, to new: String) throws(SinkError) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw failure("rename", new) }
    }

    static func remove(_ path: String) throws(SinkError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    static func duplicate(_ descriptor: Int32, _ path: String) throws(SinkError) -> Int32 {
        let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else { throw failure("duplicate the descriptor of", path) }
        return duplicate
    }

    static func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }
}
