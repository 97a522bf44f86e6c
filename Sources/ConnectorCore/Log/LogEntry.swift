/// One line of the log as a sink writes it. Made from an `Event`, never by hand.
package struct LogEntry: Sendable, Equatable {
    /// syslog's levels (RFC 5424), by their numbers.
    package enum Level: Int, Sendable, Comparable, CaseIterable {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
        case debug = 7

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        /// As configuration files write them.
        package enum Name: String, CaseIterable, Sendable {
            case error, warning, notice, info, debug

            package var level: Level {
                switch self {
                case .error: .error
                case .warning: .warning
                case .notice: .notice
                case .info: .info
                case .debug: .debug
                }
            }
        }
    }

    package var level: Level
    /// One sentence a person can act on, without a trailing newline.
    package var message: String
    /// 32 lower-case hex digits, stable for ever: the kind of event.
    package var messageID: String
    /// Journal fields: names of upper-case letters, digits and underscores.
    package var fields: [(name: String, value: String)]

    package init(level: Level, message: String, messageID: String, fields: [(name: String, value: String)] = []) {
        self.level = level
        self.message = message
        self.messageID = messageID
        self.fields = fields
    }

    package static func == (left: LogEntry, right: LogEntry) -> Bool {
        left.level == right.level && left.message == right.message && left.messageID == right.messageID
            && left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }
}

/// Where log lines go: the journal, stderr, or a test's list. Must not block for long and never throws.
package protocol LogSink: Sendable {
    func write(_ entry: LogEntry)
}
