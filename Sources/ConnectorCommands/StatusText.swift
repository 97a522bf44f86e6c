import ConnectorCore

/// A status for a person.
struct StatusText {
    private let status: DaemonStatus
    private let colours: Bool
    /// Where no state was found; nil where there is one.
    private let state: String?

    init(_ status: DaemonStatus, colours: Bool, missingState: String? = nil) {
        self.status = status
        state = missingState
        self.colours = colours
    }

    /// The same troubles of many streams are told once, and at most so many.
    private static let maximumNotes = 20

    var lines: [TerminalLine] {
        let blocks = [[TerminalLine(headline)], refusal, table, notes].filter { !$0.isEmpty }
        return Array(blocks.joined(separator: [TerminalLine("")]))
    }

    private var headline: String {
        guard let daemon = status.daemon else {
            let place = state.map { "no daemon runs here, and there is no state in \($0); name another with --state" }
            return place ?? "no daemon runs here; this is what the state remembers"
        }
        let counts = Dictionary(grouping: status.connectors, by: \.state).mapValues(\.count)
        let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        let runs = "aitbc-connectord \(daemon.version) runs for \(span(status.at - daemon.started)) (pid \(daemon.pid))"
        return "\(runs): \(Counted.text(status.connectors.count, "connector")): \(parts.joined(separator: ", "))"
    }

    private var refusal: [TerminalLine] {
        guard let at = status.reloadRefused else { return [] }
        let when = "\(span(status.at - at)) ago"
        let what = "the configuration on disk was refused \(when): the old one is in force; `check` says why"
        return [line(what, .failing)]
    }

    private var shown: [DaemonStatus.Stream] { status.streams.filter { $0.state != .removed } }

    private var table: [TerminalLine] {
        guard !shown.isEmpty else { return [TerminalLine("nothing was synced yet")] }
        let head = ["STREAM", "STATE", "LAST SUCCESS", "NEXT RUN", "TODAY", "RECORDS", "DELETED"]
        let rows = shown.map { row in
            [
                row.id.description, row.state.rawValue,
                row.lastSuccess.map { "\(span(status.at - $0)) ago" } ?? "never",
                next(row), String(row.recordsToday), String(row.records), String(row.deletes),
            ]
        }
        let lines = TerminalLine.table([head] + rows)
        return [TerminalLine(lines[0], colours ? .bold : nil)]
            + zip(lines.dropFirst(), shown).map { text, row in line(text, row.state) }
    }

    private func next(_ row: DaemonStatus.Stream) -> String {
        guard let due = row.nextRun else { return "-" }
        return due <= status.at ? "now" : "in \(span(due - status.at))"
    }

    private var notes: [TerminalLine] {
        let all = connectorNotes + streamNotes + doubtNotes + deadLetterNotes + waitingNotes + removedNotes
        guard all.count > Self.maximumNotes else { return all }
        return all.prefix(Self.maximumNotes) + [line("… and \(all.count - Self.maximumNotes) more; see --json")]
    }

    private var connectorNotes: [TerminalLine] {
        status.connectors.compactMap { row in
            // A failure that passes is told with its stream.
            guard row.state == "blocked" || row.state == "disabled", let reason = row.reason else { return nil }
            return line("\(row.name): \(row.state): \(reason)", .blocked)
        }
    }

    private var streamNotes: [TerminalLine] {
        let told = Set(status.connectors.compactMap { $0.state == "blocked" ? $0.reason : nil })
        return shown.compactMap { row in
            guard let run = row.lastRun, let error = run.error, !told.contains(error) else { return nil }
            let when = run.ended.map { " \(span(status.at - $0)) ago" } ?? ""
            let times = row.failures > 1 ? " (\(row.failures) times in a row)" : ""
            let isBlocked = row.state == .blocked
            let what = isBlocked ? "blocked" : "failed"
            return line("\(row.id): \(what)\(when)\(times): \(error)", isBlocked ? .blocked : .failing)
        }
    }

    private var doubtNotes: [TerminalLine] {
        shown.flatMap { row in
            (row.doubts ?? []).map { line("\(row.id): \($0.text)", $0.mayMissRecords ? .failing : .idle) }
        }
    }

    /// One line a connector.
    private var deadLetterNotes: [TerminalLine] {
        let rows = Dictionary(grouping: status.streams.filter { $0.deadLetters > 0 }, by: \.connector)
        return rows.sorted { $0.key < $1.key }.map { name, streams in
            let parts = streams.map { "\($0.stream) \($0.deadLetters)" }.joined(separator: ", ")
            let count = streams.reduce(0) { $0 + $1.deadLetters }
            return line("\(name): \(Counted.text(count, "dead letter")) (\(parts)); see `dead-letters list \(name)`")
        }
    }

    private var waitingNotes: [TerminalLine] {
        status.streams.compactMap { row in
            row.waitingEvents > 0 ? line("\(row.id): \(Counted.text(row.waitingEvents, "event")) waiting") : nil
        }
    }

    private var removedNotes: [TerminalLine] {
        let names = status.streams.filter { $0.state == .removed }.map(\.id.description)
        guard !names.isEmpty else { return [] }
        let more = names.count > 5 ? ", …" : ""
        return [
            line(
                "the state also remembers \(Counted.text(names.count, "stream")) that the configuration does not name: "
                    + names.prefix(5).joined(separator: ", ") + more
            )
        ]
    }

    private func span(_ span: Duration) -> String {
        span < .seconds(1) ? "0 s" : Duration.seconds(span.components.seconds).friendlyText
    }

    private func line(_ text: String, _ state: DaemonStatus.Stream.State = .idle) -> TerminalLine {
        let style: TerminalLine.Style? =
            switch state {
            case .blocked: .red
            case .failing: .yellow
            case .syncing: .green
            case .idle, .waiting, .removed, .off: nil
            }
        return TerminalLine(text, colours ? style : nil)
    }
}
