extension Event {
    /// The words for people. Without a default: an event that has none does not compile.
    package var message: String {
        switch self {
        case .started(let connectors, let version):
            "aitbc-connectord \(version) runs \(Counted.text(connectors, "connector"))"
        case .stopping(let reason): "stopping (\(reason)): runs end at the next page, what is written becomes durable"
        case .stopped: "stopped; every acknowledged record is durable"
        case .configurationRefused(let lines): "the configuration is refused: " + lines.joined(separator: "; ")
        case .connectorDisabled(let connector, let lines):
            "\(connector): disabled, its file has mistakes; the others run: " + lines.joined(separator: "; ")
        case .configurationWarning(let line): line
        case .reloaded(let added, let changed, let removed):
            "configuration reloaded: \(Counted.text(added, "connector")) added, \(changed) changed, \(removed) removed"
        case .runStarted(let stream, _): "\(stream): sync begins"
        case .runSucceeded(let stream, let run, _): "\(stream): \(Self.figures(run))"
        case .runFailed(let stream, let run, let failure):
            "\(stream): sync failed after \(Self.figures(run)): \(failure)"
        case .runInterrupted(let stream, let run):
            "\(stream): stopped after \(Self.figures(run)); the next sync goes on here"
        case .recovered(let stream, let failures, let span):
            "\(stream): syncs again, after \(Counted.text(failures, "failure")) in \(span.friendlyText)"
        case .connectorBlocked(let stream, let failure): "\(stream): needs a person: \(failure)"
        case .retrying(let stream, _, let attempt, let delay, let reason):
            "\(stream): try \(attempt) failed (\(reason)); again in \(Self.seconds(delay))"
        case .quotaPause(let connector, let delay):
            "\(connector): the server's quota is used up; requests pause for \(Self.seconds(delay))"
        case .doubted(let stream, _, let doubt): "\(stream): \(doubt.text)"
        case .doubtSettled(let stream, _, let kind): "\(stream): \(kind.name) is no trouble any more"
        case .blip(let stream, _):
            "\(stream): a page was empty, repeated or refused, and was there when it was asked for again"
        case .planChanged(let stream, _, let what): "\(stream): its definition has changed. \(what)"
        case .stateIsBehind(let stream, _, false):
            "\(stream): more was delivered than the state knows of: a backup was put back. Nothing was cut off; a new file "
                + "begins, and what the state does not know comes again. A rotating refresh token in an older state may "
                + "be spent"
        case .stateIsBehind(let stream, _, true):
            "\(stream): its folder holds records of which the state knows nothing: it began anew, or the folder was "
                + "another state's. Nothing was cut off; a new file begins, and everything is delivered into it"
        case .walkRestarted(let stream, _, let reason): "\(stream): the list is read again: \(reason)"
        case .stillChanging(let stream, _, let passes):
            "\(stream): still changing after \(passes) readings; the next sync goes on"
        case .deadLettered(let stream, let key, let reason):
            "\(stream): record \(key) is refused for good and kept as a dead letter: \(reason)"
        case .stateFailed(let error): "the state can't be used: \(error)"
        case .stateBegan(let directory, let names):
            "a new state begins in \(directory), where \(names.joined(separator: ", ")) was set aside: every stream "
                + "is read from its start, and events that waited there are lost unless a backup is put back as state.db"
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
