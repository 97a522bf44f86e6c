import Glibc

/// What is done to whole files and directories, by their names.
package enum Files {
    package enum Kind: Sendable {
        case file, directory, other
    }

    /// Nil when there is nothing by that name; links are followed.
    package static func kind(of path: String) throws(FileError) -> Kind? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            let error = FileError("look at", path)
            if error.isMissing { return nil }
            throw error
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    /// Whether the name itself is a symbolic link.
    package static func isLink(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Whose a directory is, links followed, and whether everybody may change what lies in it (a sticky one, as a new file
    /// system in memory is, lets each change his own alone); nil where there is none.
    package static func owner(of path: String) -> (user: UInt32, everybodyWrites: Bool)? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return (status.st_uid, status.st_mode & S_IWOTH != 0 && status.st_mode & S_ISVTX == 0)
    }

    /// True also for what can't be looked at: using it says why.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 || !FileError("look at", path).isMissing
    }

    /// The absolute path behind symbolic links, as far as it exists; the rest as it is.
    package static func resolved(_ path: String) -> String {
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

    /// Of a directory, in their order; without `.` and `..`.
    package static func names(in path: String) throws(FileError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw FileError("open directory", path) }
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(directory) else {
                guard errno == 0 else { throw FileError("read directory", path) }
                break
            }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Of a regular file, or of a link to one: at most `limit` bytes.
    package static func contents(of path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
        let file = try OpenFile(reading: path)
        guard try file.isRegular() else { throw FileError("read", path, code: FileError.notRegular) }
        return try file.contents(limit: limit)
    }

    /// Makes a directory for the owner alone, and those above it that are missing. Their names are durable too: a folder
    /// lost in a power cut would look as if a reader had taken its files.
    package static func makeDirectory(_ path: String) throws(FileError) {
        if try makeOne(path) { return }
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw FileError("create directory", path, code: ENOENT)
        }
        try makeDirectory(String(path[..<slash]))
        guard try makeOne(path) else { throw FileError("create directory", path, code: ENOENT) }
    }

    /// False when the directory around it is missing.
    private static func makeOne(_ path: String) throws(FileError) -> Bool {
        guard unsafe mkdir(path, 0o700) == 0 else {
            let refusal = FileError("create directory", path)
            if refusal.code == ENOENT { return false }
            // One that is there may well refuse by another error: on a read-only file system, say.
            let found: Kind?
            do throws(FileError) {
                found = try kind(of: path)
            } catch {
                // What can't be looked at can't be made either; the refusal says more of it.
                throw refusal
            }
            switch found {
            case .directory: return true
            case .file, .other: throw FileError("create directory", path, code: ENOTDIR)
            case nil: throw refusal
            }
        }
        try synchronize(parent(of: path))
        return true
    }

    /// The directory that holds a name.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a file's content, or the names in a directory, survive a power cut.
    package static func synchronize(_ path: String) throws(FileError) {
        let descriptor = retried { unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { _ = Glibc.close(descriptor) }
        guard retried({ fsync(descriptor) }) == 0 else { throw FileError("sync", path) }
    }

    package static func rename(_ old: String, to new: String) throws(FileError) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw FileError("rename", "\(old) to \(new)") }
    }

    /// Does nothing where there is none.
    package static func remove(_ path: String) throws(FileError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
    }

    /// Gives a file new content, all at once and durably: at no moment is there half of it, whatever ends the process.
    /// One process at a time: what it writes beside has one name.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        let draft = path + ".new"
        let file = try OpenFile(writing: draft)
        try file.truncate(to: 0)
        try file.write(bytes, at: 0)
        try file.synchronize()
        try rename(draft, to: path)
        try synchronize(parent(of: path))
    }

    /// Which file a name leads to, whatever its name; nil where there is none.
    package static func identity(of path: String) -> FileIdentity? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }
}

package struct FileIdentity: Equatable, Sendable {
    let device: UInt64
    let number: UInt64
}

/// Where a shell or a pipe reads.
package enum StandardOutput {
    /// Whether a person sees it.
    package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    package static func write(_ bytes: [UInt8]) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = retried {
                unsafe bytes.withUnsafeBytes { buffer in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                    return unsafe Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
                }
            }
            guard count > 0 else { throw FileError("write", "standard output") }
            written += count
        }
    }
}
