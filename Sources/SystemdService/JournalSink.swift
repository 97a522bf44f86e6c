import CSystemd
package import ConnectorCore
import FileSystem
import Glibc

/// Writes log entries to systemd's journal, with their fields. An entry that the journal does not take goes to
/// `fallback`, so that it is not lost.
package struct JournalSink: LogSink {
    private let identifier: String
    private let fallback: any LogSink

    /// `identifier` is what `journalctl -t` asks for.
    package init(identifier: String, fallback: any LogSink) {
        self.identifier = identifier
        self.fallback = fallback
    }

    package func write(_ entry: LogEntry) {
        let fields = JournalFields.encode(entry, identifier: identifier)
        guard Self.send(fields) < 0 else { return }
        fallback.write(entry)
    }

    /// Whether standard error leads to the journal, so that native entries stand in its place. A service whose output
    /// was redirected to a file is not one.
    package static var isStderrTheJournal: Bool {
        isJournal(descriptor: STDERR_FILENO, stream: environmentVariable("JOURNAL_STREAM"))
    }

    /// `stream` is `DEVICE:INODE`, in decimal.
    static func isJournal(descriptor: Int32, stream: String?) -> Bool {
        guard let parts = stream?.split(separator: ":"), parts.count == 2 else { return false }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return UInt64(parts[0]) == UInt64(status.st_dev) && UInt64(parts[1]) == UInt64(status.st_ino)
    }

    /// 0, or a negative `errno`. Without a journal, libsystemd answers 0 and drops the entry: ask
    /// `isStderrTheJournal` first.
    private static func send(_ fields: [[UInt8]]) -> Int32 {
        // All fields in one allocation: `iovec` points into it for the time of the call.
        var bytes = Array(fields.joined())
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            var vectors: [iovec] = unsafe []
            var offset = 0
            for field in fields {
                unsafe vectors.append(
                    iovec(iov_base: buffer.baseAddress.map { unsafe $0 + offset }, iov_len: field.count)
                )
                offset += field.count
            }
            return unsafe connectord_journal_sendv(vectors, Int32(vectors.count))
        }
    }
}
