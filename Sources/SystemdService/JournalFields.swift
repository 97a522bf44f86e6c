import ConnectorCore

/// A log entry as the journal's native fields: `NAME=value`, one byte string each.
enum JournalFields {
    /// The journal's own limit for a name (systemd.journal-fields(7)).
    private static let maximumNameLength = 64
    /// Longest value kept; the journal would take more, but a log is no place for a payload.
    private static let maximumValueBytes = 16 << 10
    /// Set by the encoder; an entry cannot contradict its own level or message.
    private static let reserved: Set<String> = ["MESSAGE", "PRIORITY", "MESSAGE_ID", "SYSLOG_IDENTIFIER"]

    /// The native protocol would carry line breaks, and a terminal would get them. A field whose name the journal would
    /// refuse is left out, so that one bad name does not lose the entry.
    static func encode(_ entry: LogEntry, identifier: String) -> [[UInt8]] {
        let own = [
            ("MESSAGE", entry.message.escapingControls()),
            ("PRIORITY", "\(entry.level.rawValue)"),
            ("MESSAGE_ID", entry.messageID),
            ("SYSLOG_IDENTIFIER", identifier),
        ]
        let others = entry.fields.filter { isValid($0.name) && !reserved.contains($0.name) }
        return (own + others.map { ($0.name, $0.value) }).map { field($0.0, $0.1) }
    }

    /// Upper-case letters, digits and underscores; the first is a letter, since `_` marks the journal's own fields.
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, (0x41...0x5A).contains(first) else { return false }
        return name.utf8.count <= maximumNameLength && name.utf8.allSatisfy(isNameByte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
    }

    private static func field(_ name: String, _ value: String) -> [UInt8] {
        Array("\(name)=\(value.escapingControls(maximumBytes: maximumValueBytes))".utf8)
    }
}
