import ConnectorCore
import FileSystem

/// Keeps a second process out of a state directory.
struct DirectoryLock: Sendable {
    private let lock: FileLock

    init(path: String) throws(StateError) {
        let attempt: FileLock.Attempt
        do throws(FileError) {
            attempt = try FileLock.take(path)
        } catch {
            throw StateError(error)
        }
        switch attempt {
        case .taken(let lock): self.lock = lock
        case .held(let holder):
            throw StateError(
                .inUse,
                "the state directory is in use by process \(holder) (\(path))",
                hint: "stop that process (systemctl stop aitbc-connectord), or give this one its own --state directory"
            )
        }
    }
}
