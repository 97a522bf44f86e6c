import Glibc

/// Keeps every other process, and every other holder in this one, away from what a file stands for. The kernel gives it
/// back when the process ends, however it ends.
package final class FileLock: Sendable {
    package enum Attempt: Sendable {
        case taken(FileLock)
        /// The process id that the holder noted; "unknown" in the moment between its lock and its note.
        case held(by: String)
    }

    private let file: OpenFile

    private init(_ file: OpenFile) {
        self.file = file
    }

    /// Takes the lock if nobody has it, and notes this process's id in the file, for the one that comes second. The file
    /// is made where there is none, and stays.
    package static func take(_ path: String) throws(FileError) -> Attempt {
        let file = try OpenFile(writing: path)
        guard try file.lock() else { return .held(by: try holder(file)) }
        let lock = FileLock(file)
        try file.truncate(to: 0)
        try file.write(Array("\(getpid())\n".utf8), at: 0)
        return .taken(lock)
    }

    deinit {
        // Said, not left to the descriptor's end: a process being started may hold a copy of it for a moment.
        file.unlock()
    }

    private static func holder(_ file: OpenFile) throws(FileError) -> String {
        let digits = try file.contents(limit: 32).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
    }
}
