/// Everything that the daemon logs: one case a line. Where a line's level, words, fields and id are decided.
package enum Event: Sendable, Equatable {
    case started(connectors: Int, version: String)
    case stopping(reason: String)
    case stopped
    case configurationRefused(lines: [String])
    case connectorDisabled(connector: String, lines: [String])
    case configurationWarning(line: String)
    case reloaded(added: Int, changed: Int, removed: Int)
    case runStarted(StreamID, run: String)
    /// `cursor` is where the next run goes on, for people.
    case runSucceeded(StreamID, RunRecord, cursor: String?)
    case runFailed(StreamID, RunRecord, SyncFailure)
    case runInterrupted(StreamID, RunRecord)
    /// The first success after failures that were told.
    case recovered(StreamID, failures: Int, after: Duration)
    case connectorBlocked(StreamID, SyncFailure)
    case retrying(StreamID, run: String, attempt: Int, delay: Duration, reason: String)
    case quotaPause(connector: String, delay: Duration)
    /// The source was seen to differ from its definition; told once.
    case doubted(StreamID, run: String, Doubt)
    case doubtSettled(StreamID, run: String, Doubt.Kind)
    /// A page was empty, repeated or refused once, and there when it was asked for again.
    case blip(StreamID, run: String)
    /// What of the state the new plan can still use.
    case planChanged(StreamID, run: String, what: String)
    /// More was delivered than the state knows of: it is an older one, or knows nothing of it at all.
    case stateIsBehind(StreamID, run: String, knowsNothing: Bool)
    case walkRestarted(StreamID, run: String, reason: String)
    case stillChanging(StreamID, run: String, passes: Int)
    case deadLettered(StreamID, key: String, reason: String)
    case stateFailed(StateError)
    /// A new state, in a directory where damaged ones were set aside.
    case stateBegan(String, beside: [String])
    case notifyFailed(String)
    case unresponsive(String)
    case audited(connector: String, line: String, succeeded: Bool)
    case listening(address: String)
    case listenerFailed(reason: String)
    case controlFailed(reason: String)
    case webhookRefused(connector: String, peer: String, code: String, reason: String, untold: Int)
    case eventsOrphaned(StreamID, count: Int)

    package var entry: LogEntry {
        LogEntry(level: level, message: message, messageID: messageID, fields: fields)
    }

    /// The connector that it is about; nil where it is about the daemon.
    package var connector: String? { fields.first { $0.name == "CONNECTOR" }?.value }

    package var level: LogEntry.Level {
        switch self {
        case .configurationRefused, .connectorDisabled, .runFailed, .connectorBlocked, .stateFailed, .unresponsive,
            .listenerFailed:
            .error
        case .configurationWarning, .doubted, .notifyFailed, .controlFailed, .deadLettered,
            .webhookRefused, .eventsOrphaned, .stateIsBehind, .stateBegan:
            .warning
        case .started, .stopping, .stopped, .reloaded, .recovered, .audited, .listening, .doubtSettled,
            .planChanged:
            .notice
        case .runSucceeded(_, let run, _): run.records + run.deletes > 0 ? .info : .debug
        case .runInterrupted, .walkRestarted, .stillChanging, .retrying, .quotaPause, .blip: .info
        case .runStarted: .debug
        }
    }
}
