import ConnectorCore
import Glibc

/// Keeps a second process out of a state directory. The kernel releases it when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock and writes this process's id into the file, for the one that comes second.
    init(path: String) throws(StateError) {
        descriptor = unsafe open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system("open", reason(errno), path: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK
                ? Self.inUse(path, by: holder()) : .system("lock", reason(errno), path: path)
        }
        try note(getpid(), in: path)
    }

    deinit {
        guard descriptor >= 0 else { return }
        // Said, not left to the descriptor's end: a process being started may hold a copy of it for a moment.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func inUse(_ path: String, by holder: String) -> StateError {
        StateError(
            .inUse,
            "the state directory is in use by process \(holder) (\(path))",
            hint: "stop that process (systemctl stop aitbc-connectord), or give this one its own --state directory"
        )
    }

    private func note(_ process: pid_t, in path: String) throws(StateError) {
        let text = "\(process)\n"
        let written = ftruncate(descriptor, 0) == 0 ? unsafe pwrite(descriptor, text, text.utf8.count, 0) : -1
        guard written == text.utf8.count else { throw .system("write", reason(errno), path: path) }
    }

    /// The process id that the holder noted; "unknown" in the moment between its lock and its note.
    private func holder() -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
    }
}
