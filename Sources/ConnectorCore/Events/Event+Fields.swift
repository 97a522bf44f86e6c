extension Event {
    /// Journal fields; `CONNECTOR`, `STREAM` and `RUN_ID` make `journalctl CONNECTOR=…` work.
    package var fields: [(name: String, value: String)] {
        switch self {
        case .runStarted(let stream, let run), .blip(let stream, let run), .walkRestarted(let stream, let run, _),
            .planChanged(let stream, let run, _), .stateIsBehind(let stream, let run, _),
            .stillChanging(let stream, let run, _):
            Self.fields(stream) + [("RUN_ID", run)]
        case .doubted(let stream, let run, let doubt):
            Self.fields(stream) + [("RUN_ID", run), ("DOUBT", doubt.kind.rawValue)]
        case .doubtSettled(let stream, let run, let kind):
            Self.fields(stream) + [("RUN_ID", run), ("DOUBT", kind.rawValue)]
        case .runInterrupted(let stream, let run): Self.fields(stream) + Self.fields(run)
        case .runSucceeded(let stream, let run, let cursor):
            Self.fields(stream) + Self.fields(run) + (cursor.map { [("CURSOR", $0)] } ?? [])
        case .runFailed(let stream, let run, let failure):
            Self.fields(stream) + Self.fields(run) + Self.fields(failure)
        case .connectorBlocked(let stream, let failure): Self.fields(stream) + Self.fields(failure)
        case .retrying(let stream, let run, let attempt, _, _):
            Self.fields(stream) + [("RUN_ID", run), ("ATTEMPT", String(attempt))]
        case .deadLettered(let stream, _, _), .eventsOrphaned(let stream, _),
            .recovered(let stream, _, _):
            Self.fields(stream)
        case .webhookRefused(let connector, let peer, let code, _, _):
            [("CONNECTOR", connector), ("PEER", peer), ("ERROR_CODE", code)]
        case .connectorDisabled(let connector, _), .quotaPause(let connector, _): [("CONNECTOR", connector)]
        case .stateFailed(let error): [("ERROR_CODE", error.code.rawValue)]
        case .audited(let connector, _, let succeeded):
            [("CONNECTOR", connector), ("OUTCOME", succeeded ? "succeeded" : "failed")]
        case .started, .stateBegan, .stopping, .stopped, .configurationRefused, .configurationWarning, .reloaded,
            .notifyFailed,
            .unresponsive, .listening, .listenerFailed, .controlFailed:
            []
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
}
