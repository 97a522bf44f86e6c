package import ConnectorCore
import Glibc

/// Writes log entries as lines a person reads: `2026-11-23T19:01:02Z INFO    message`. Off systemd, or where the
/// journal does not answer. Fields follow for debug entries, and everywhere if asked for.
package struct StandardErrorSink: LogSink {
    /// How long a full pipe may hold up the writer before a line is dropped: a log must not stop the service.
    private static let patienceMilliseconds: Int32 = 100

    private let clocks: any Clocks
    private let descriptor: Int32
    private let showsFields: Bool

    package init(clocks: any Clocks, descriptor: Int32 = STDERR_FILENO, showsFields: Bool = false) {
        self.clocks = clocks
        self.descriptor = descriptor
        self.showsFields = showsFields
    }

    package func write(_ entry: LogEntry) {
        put(Self.line(for: entry, at: clocks.now, showsFields: showsFields || entry.level == .debug))
    }

    static func line(for entry: LogEntry, at now: Instant, showsFields: Bool) -> String {
        var text = "\(timestamp(now)) \(entry.level.label) \(entry.message.escapingControls())"
        guard showsFields else { return text + "\n" }
        for field in entry.fields { text += " \(field.name)=\(quoted(field.value))" }
        return text + "\n"
    }

    /// Quotes a value that would not be told apart from what stands around it.
    private static func quoted(_ value: String) -> String {
        let safe = value.escapingControls()
        guard safe.isEmpty || safe.contains(where: { " \"=\\".contains($0) }) else { return safe }
        return "\"\(safe.map { "\"\\".contains($0) ? "\\\($0)" : "\($0)" }.joined())\""
    }

    /// One `write` for a line, so that lines of several threads do not mix. What a closed or full pipe does not take
    /// is dropped; there is nowhere left to report that to. (SIGPIPE is ignored by `ProcessSignals`.)
    private func put(_ line: String) {
        var rest = Array(line.utf8)[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                guard waitsForRoom() else { return }
            } else if errno != EINTR {
                return
            }
        }
    }

    private func waitsForRoom() -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&poller, 1, Self.patienceMilliseconds) > 0
    }

    /// `2026-11-23T19:01:02Z`
    private static func timestamp(_ instant: Instant) -> String {
        var seconds = time_t(instant.seconds)
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        let date = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday].map(twoDigits).joined(separator: "-")
        let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits).joined(separator: ":")
        return "\(date)T\(time)Z"
    }

    private static func twoDigits(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

extension LogEntry.Level {
    /// Of one width, so that messages begin in one column.
    fileprivate var label: String {
        switch self {
        case .error: "ERROR  "
        case .warning: "WARNING"
        case .notice: "NOTICE "
        case .info: "INFO   "
        case .debug: "DEBUG  "
        }
    }
}
