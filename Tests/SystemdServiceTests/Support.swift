import ConnectorCore
import Glibc
import Synchronization
import Testing

/// A directory below /tmp that goes with its last holder.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/connectord-systemd-XXXXXX".utf8CString)
        path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? "/tmp/connectord-systemd"
    }

    deinit {
        for name in ["notify", "secret", "other", "pipe"] { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    func write(_ bytes: [UInt8], to name: String = "secret", mode: mode_t = 0o600) -> String {
        let file = "\(path)/\(name)"
        let descriptor = unsafe open(file, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
        defer { close(descriptor) }
        #expect(unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        #expect(fchmod(descriptor, mode) == 0)
        return file
    }
}

/// Listens as systemd does: a datagram socket, by path or abstract name.
final class NotifySocket: Sendable {
    let address: String
    private let descriptor: Int32

    init(_ address: String) {
        self.address = address
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(address.utf8)
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { path in unsafe path.copyBytes(from: bytes) }
        let bound = unsafe withUnsafePointer(to: &name) { start in
            unsafe start.withMemoryRebound(to: sockaddr.self, capacity: 1) { start in
                unsafe bind(descriptor, start, socklen_t(2 + bytes.count))
            }
        }
        #expect(bound == 0)
    }

    deinit { close(descriptor) }

    /// The next message; "" when there is none.
    func receive() -> String {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}

/// Keeps what is written to it.
final class ListSink: LogSink {
    private let list = Mutex<[LogEntry]>([])
    var entries: [LogEntry] { list.withLock { $0 } }
    func write(_ entry: LogEntry) { list.withLock { $0.append(entry) } }
}

struct FixedClocks: Clocks {
    /// 2026-11-23T19:01:02Z
    let now = Instant(seconds: 1_795_460_462)
    let monotonic = MonotonicInstant(nanoseconds: 0)
}

extension LogEntry {
    static func make(
        _ level: Level = .info,
        _ message: String = "hello",
        fields: [(name: String, value: String)] = []
    ) -> LogEntry {
        LogEntry(level: level, message: message, messageID: "0123456789abcdef0123456789abcdef", fields: fields)
    }
}
