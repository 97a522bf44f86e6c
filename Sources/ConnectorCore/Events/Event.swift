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
    case runSucceeded(StreamID, RunRecord)
    case runFailed(StreamID, RunRecord, SyncFailure)
    case runInterrupted(StreamID, RunRecord)
    case connectorBlocked(StreamID, SyncFailure)
    case retrying(StreamID, run: String, attempt: Int, delay: Duration, reason: String)
    case quotaPause(connector: String, delay: Duration)
    case unordered(StreamID, run: String)
    case walkRestarted(StreamID, run: String, reason: String)
    case stillChanging(StreamID, run: String, passes: Int)
    case smallerPages(StreamID, asked: Int64, got: Int)
    case deadLettered(StreamID, key: String, reason: String)
    case stateFailed(StateError)
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

    package var level: LogEntry.Level {
        switch self {
        case .configurationRefused, .connectorDisabled, .runFailed, .connectorBlocked, .stateFailed, .unresponsive,
            .listenerFailed:
            .error
        case .configurationWarning, .unordered, .notifyFailed, .controlFailed, .smallerPages, .deadLettered,
            .webhookRefused,
            .eventsOrphaned:
            .warning
        case .started, .stopping, .stopped, .reloaded, .audited, .listening: .notice
        case .runSucceeded(_, let run): run.records + run.deletes > 0 ? .info : .debug
        case .runInterrupted, .walkRestarted, .stillChanging, .retrying, .quotaPause: .info
        case .runStarted: .debug
        }
    }
}

extension Event {
    package var message: String {
        switch self {
        case .started(let connectors, let version):
            "aitbc-connectord \(version) runs \(Counted.text(connectors, "connector"))"
        case .stopping(let reason): "stopping (\(reason)): runs end at the next page, what is written becomes durable"
        case .stopped: "stopped; every acknowledged record is durable"
        case .configurationRefused(let lines): "the configuration is refused:\n" + lines.joined(separator: "\n")
        case .connectorDisabled(let connector, let lines):
            "\(connector): disabled, its file has mistakes; the others run:\n" + lines.joined(separator: "\n")
        case .configurationWarning(let line): line
        case .reloaded(let added, let changed, let removed):
            "configuration reloaded: \(Counted.text(added, "connector")) added, \(changed) changed, \(removed) removed"
        case .runStarted(let stream, _): "\(stream): sync begins"
        case .runSucceeded(let stream, let run): "\(stream): \(Self.figures(run))"
        case .runFailed(let stream, let run, let failure):
            "\(stream): sync failed after \(Self.figures(run)): \(failure)"
        case .runInterrupted(let stream, let run):
            "\(stream): stopped after \(Self.figures(run)); the next sync goes on here"
        case .connectorBlocked(let stream, let failure): "\(stream): needs a person: \(failure)"
        default: progressMessage
        }
    }

    private var progressMessage: String {
        switch self {
        case .retrying(let stream, _, let attempt, let delay, let reason):
            "\(stream): try \(attempt) failed (\(reason)); again in \(Self.seconds(delay))"
        case .quotaPause(let connector, let delay):
            "\(connector): the server's quota is used up; requests pause for \(Self.seconds(delay))"
        case .unordered(let stream, _):
            "\(stream): records came against the declared order; the cursor waits for the end of each walk. "
                + "Correct cursor.order in the definition"
        case .walkRestarted(let stream, _, let reason): "\(stream): the list is read again: \(reason)"
        case .stillChanging(let stream, _, let passes):
            "\(stream): still changing after \(passes) readings; the next sync goes on"
        case .smallerPages(let stream, let asked, let got):
            "\(stream): the server sends pages of \(got) where \(asked) were asked for"
        case .deadLettered(let stream, let key, let reason):
            "\(stream): record \(key) is refused for good and kept as a dead letter: \(reason)"
        case .stateFailed(let error): "the state can't be used: \(error)"
        case .notifyFailed(let text): "systemd could not be told: \(text)"
        case .audited(let connector, let line, _): "\(connector): audit: \(line)"
        case .listening(let address): "listening on \(address)"
        case .listenerFailed(let reason): "nothing listens for webhooks: \(reason)"
        case .controlFailed(let reason): "`reload` will not reach this daemon (SIGHUP does): \(reason)"
        case .webhookRefused(let connector, let peer, _, let reason, let untold):
            "\(connector): a webhook from \(peer) is refused: \(reason)"
                + (untold > 0 ? " (\(untold) like it since the last line)" : "")
        case .eventsOrphaned(let stream, let count):
            "\(stream): \(count) events wait, and no webhook of the configuration takes them; add it again to have them"
        case .unresponsive(let part): "\(part) has not answered; the watchdog is not fed until it does"
        default: ""
        }
    }

    private static func figures(_ run: RunRecord) -> String {
        let deletes = run.deletes > 0 ? ", " + Counted.text(run.deletes, "deletion") : ""
        let span = run.ended.map { " in \(seconds($0 - run.started))" } ?? ""
        return Counted.text(run.records, "record") + deletes + ", " + Counted.text(run.pages, "page") + span
    }

    static func seconds(_ span: Duration) -> String {
        let tenths = (span.wholeNanoseconds + 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension Event {
    /// Journal fields; `CONNECTOR`, `STREAM` and `RUN_ID` make `journalctl CONNECTOR=…` work.
    package var fields: [(name: String, value: String)] {
        switch self {
        case .runStarted(let stream, let run), .unordered(let stream, let run), .walkRestarted(let stream, let run, _),
            .stillChanging(let stream, let run, _):
            Self.fields(stream) + [("RUN_ID", run)]
        case .runSucceeded(let stream, let run), .runInterrupted(let stream, let run):
            Self.fields(stream) + Self.fields(run)
        case .runFailed(let stream, let run, let failure):
            Self.fields(stream) + Self.fields(run) + Self.fields(failure)
        case .connectorBlocked(let stream, let failure): Self.fields(stream) + Self.fields(failure)
        case .retrying(let stream, let run, let attempt, _, _):
            Self.fields(stream) + [("RUN_ID", run), ("ATTEMPT", String(attempt))]
        case .smallerPages(let stream, _, _), .deadLettered(let stream, _, _), .eventsOrphaned(let stream, _):
            Self.fields(stream)
        case .webhookRefused(let connector, let peer, let code, _, _):
            [("CONNECTOR", connector), ("PEER", peer), ("ERROR_CODE", code)]
        case .connectorDisabled(let connector, _), .quotaPause(let connector, _): [("CONNECTOR", connector)]
        case .stateFailed(let error): [("ERROR_CODE", error.code.rawValue)]
        case .audited(let connector, _, let succeeded):
            [("CONNECTOR", connector), ("OUTCOME", succeeded ? "succeeded" : "failed")]
        default: []
        }
    }

    private static func fields(_ stream: StreamID) -> [(name: String, value: String)] {
        [("CONNECTOR", stream.connector), ("STREAM", stream.stream)]
    }

    private static func fields(_ run: RunRecord) -> [(name: String, value: String)] {
        var fields = [
            ("RUN_ID", run.id), ("RECORDS", String(run.records)), ("DELETES", String(run.deletes)),
            ("PAGES", String(run.pages)), ("BYTES", String(run.bytes)),
        ]
        if let ended = run.ended {
            fields.append(("DURATION_USEC", String((ended - run.started).wholeNanoseconds / 1_000)))
        }
        return fields.map { (name: $0.0, value: $0.1) }
    }

    private static func fields(_ failure: SyncFailure) -> [(name: String, value: String)] {
        var fields = [(name: "ERROR_CODE", value: failure.kind.rawValue)]
        if let status = failure.status { fields.append((name: "HTTP_STATUS", value: String(status))) }
        return fields
    }

    /// Stable for ever: a catalog text and people's filters hang on it.
    package var messageID: String {
        switch self {
        case .started: "5b0d8a3f6c1e4d27b9e0a4c6f1d20001"
        case .stopping: "5b0d8a3f6c1e4d27b9e0a4c6f1d20002"
        case .stopped: "5b0d8a3f6c1e4d27b9e0a4c6f1d20003"
        case .configurationRefused: "5b0d8a3f6c1e4d27b9e0a4c6f1d20004"
        case .connectorDisabled: "5b0d8a3f6c1e4d27b9e0a4c6f1d20005"
        case .configurationWarning: "5b0d8a3f6c1e4d27b9e0a4c6f1d20006"
        case .reloaded: "5b0d8a3f6c1e4d27b9e0a4c6f1d20007"
        case .runStarted: "5b0d8a3f6c1e4d27b9e0a4c6f1d20008"
        case .runSucceeded: "5b0d8a3f6c1e4d27b9e0a4c6f1d20009"
        case .runFailed: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000a"
        case .runInterrupted: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000b"
        case .connectorBlocked: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000c"
        case .retrying: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000d"
        case .quotaPause: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000e"
        case .unordered: "5b0d8a3f6c1e4d27b9e0a4c6f1d2000f"
        case .walkRestarted: "5b0d8a3f6c1e4d27b9e0a4c6f1d20010"
        case .stillChanging: "5b0d8a3f6c1e4d27b9e0a4c6f1d20011"
        case .smallerPages: "5b0d8a3f6c1e4d27b9e0a4c6f1d20012"
        case .deadLettered: "5b0d8a3f6c1e4d27b9e0a4c6f1d20017"
        case .stateFailed: "5b0d8a3f6c1e4d27b9e0a4c6f1d20013"
        case .notifyFailed: "5b0d8a3f6c1e4d27b9e0a4c6f1d20014"
        case .unresponsive: "5b0d8a3f6c1e4d27b9e0a4c6f1d20015"
        case .audited: "5b0d8a3f6c1e4d27b9e0a4c6f1d20016"
        case .listening: "5b0d8a3f6c1e4d27b9e0a4c6f1d20018"
        case .listenerFailed: "5b0d8a3f6c1e4d27b9e0a4c6f1d20019"
        case .controlFailed: "5b0d8a3f6c1e4d27b9e0a4c6f1d2001c"
        case .webhookRefused: "5b0d8a3f6c1e4d27b9e0a4c6f1d2001a"
        case .eventsOrphaned: "5b0d8a3f6c1e4d27b9e0a4c6f1d2001b"
        }
    }
}
