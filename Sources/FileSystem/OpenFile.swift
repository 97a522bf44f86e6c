import Glibc

/// A file that is open, until the last who holds it lets go.
///
/// Every read and write names its place: there is no position in the file that one call could leave where another does
/// not expect it. What was opened for writing can also be read.
package final class OpenFile: Sendable {
    package let path: String
    private let descriptor: Int32

    /// Owner only: records, keys and cursors tell what a company sells.
    package static let ownerOnly: UInt32 = 0o600

    private init(_ path: String, _ flags: Int32, mode: UInt32 = ownerOnly) throws(FileError) {
        let opened = retried { unsafe Glibc.open(path, flags | O_CLOEXEC, mode_t(mode)) }
        guard opened >= 0 else { throw FileError("open", path) }
        self.path = path
        descriptor = opened
    }

    /// For reading alone; links are followed. A named pipe by mistake holds nobody up.
    package convenience init(reading path: String) throws(FileError) {
        try self.init(path, O_RDONLY | O_NONBLOCK)
    }

    /// Made where there is none. Only a regular file is written to, and no link is followed to one.
    package convenience init(writing path: String) throws(FileError) {
        try self.init(writingAnything: path)
        try mustBeRegular()
    }

    /// The same of devices, too.
    convenience init(writingAnything path: String) throws(FileError) {
        try self.init(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK)
    }

    /// One that was not there: fails with `isThere` where it is. The mode counts whatever the process's umask is.
    package convenience init(creating path: String, mode: UInt32 = ownerOnly) throws(FileError) {
        try self.init(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        guard mode != Self.ownerOnly else { return }
        guard fchmod(descriptor, mode_t(mode)) == 0 else { throw FileError("change mode of", path) }
    }

    /// For reading and writing; nil when there is no such file. Any other failure is one.
    package static func existing(_ path: String) throws(FileError) -> OpenFile? {
        do throws(FileError) {
            let file = try OpenFile(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
            try file.mustBeRegular()
            return file
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    deinit {
        _ = Glibc.close(descriptor)
    }

    package func size() throws(FileError) -> Int64 { Int64(try status().st_size) }

    private func mustBeRegular() throws(FileError) {
        guard try isRegular() else { throw FileError("write", path, code: FileError.notRegular) }
    }

    package func isRegular() throws(FileError) -> Bool { try status().st_mode & S_IFMT == S_IFREG }

    private func status() throws(FileError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw FileError("look at", path) }
        return status
    }

    /// From the beginning to the end, or the first `limit` bytes.
    package func contents(limit: Int = .max) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(limit, Int(try size())))
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            let wanted = min(chunk.count, limit - bytes.count)
            let count = retried { unsafe Glibc.pread(descriptor, &chunk, wanted, bytes.count) }
            guard count >= 0 else { throw FileError("read", path) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    package func write(_ bytes: [UInt8], at offset: Int64) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = retried {
                unsafe bytes.withUnsafeBytes { buffer in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                    return unsafe Glibc.pwrite(descriptor, rest.baseAddress, rest.count, Int(offset) + written)
                }
            }
            guard count > 0 else { throw FileError("write", path) }
            written += count
        }
    }

    package func truncate(to length: Int64) throws(FileError) {
        guard retried({ ftruncate(descriptor, Int(length)) }) == 0 else { throw FileError("truncate", path) }
    }

    /// Makes the content, and the length, survive a power cut.
    package func synchronize() throws(FileError) {
        guard retried({ fdatasync(descriptor) }) == 0 else { throw FileError("sync", path) }
    }

    /// Takes the lock on the file, if nobody has it; given back with the file.
    func lock() throws(FileError) -> Bool {
        if retried({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw FileError("lock", path) }
        return false
    }

    func unlock() { _ = flock(descriptor, LOCK_UN) }
}

/// Again where a signal interrupted.
func retried<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
