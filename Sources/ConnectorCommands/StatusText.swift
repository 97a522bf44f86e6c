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

    var text: String {
        let blocks = [headline, refusal, table, notes].filter { !$0.isEmpty }
        return blocks.joined(separator: "\n\n")
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

    private var refusal: String {
        guard let at = status.reloadRefused else { return "" }
        return paint(
            "the configuration on disk was refused \(span(status.at - at)) ago: the old one is in force; `check` says why",
            .failing
        )
    }

    private var shown: [DaemonStatus.Stream] { status.streams.filter { $0.state != .removed } }

    private var table: String {
        guard !shown.isEmpty else { return "nothing was synced yet" }
        let head = ["STREAM", "STATE", "LAST SUCCESS", "NEXT RUN", "TODAY", "RECORDS", "DELETED"]
        let rows = shown.map { row in
            [
                row.id.description, row.state.rawValue,
                row.lastSuccess.map { "\(span(status.at - $0)) ago" } ?? "never",
                next(row), String(row.recordsToday), String(row.records), String(row.deletes),
            ]
        }
        let lines = Terminal.table([head] + rows).split(separator: "\n", omittingEmptySubsequences: false)
        let coloured = zip(lines.dropFirst(), shown).map { line, row in paint(String(line), row.state) }
        return ([bold(String(lines[0]))] + coloured).joined(separator: "\n")
    }

    private func next(_ row: DaemonStatus.Stream) -> String {
        guard let due = row.nextRun else { return "-" }
        return due <= status.at ? "now" : "in \(span(due - status.at))"
    }

    private var notes: String {
        let all = connectorNotes + streamNotes + doubtNotes + deadLetterNotes + waitingNotes + removedNotes
        let rest = all.count > Self.maximumNotes ? ["… and \(all.count - Self.maximumNotes) more; see --json"] : []
        return (all.prefix(Self.maximumNotes) + rest).joined(separator: "\n")
    }

    private var connectorNotes: [String] {
        status.connectors.compactMap { row in
            // A failure that passes is told with its stream.
            guard row.state == "blocked" || row.state == "disabled", let reason = row.reason else { return nil }
            return paint("\(row.name): \(row.state): \(reason)", .blocked)
        }
    }

    private var streamNotes: [String] {
        let told = Set(status.connectors.compactMap { $0.state == "blocked" ? $0.reason : nil })
        return shown.compactMap { row in
            guard let run = row.lastRun, let error = run.error, !told.contains(error) else { return nil }
            let when = run.ended.map { " \(span(status.at - $0)) ago" } ?? ""
            let times = row.failures > 1 ? " (\(row.failures) times in a row)" : ""
            let isBlocked = row.state == .blocked
            let what = isBlocked ? "blocked" : "failed"
            return paint("\(row.id): \(what)\(when)\(times): \(error)", isBlocked ? .blocked : .failing)
        }
    }

    private var doubtNotes: [String] {
        shown.flatMap { row in
            (row.doubts ?? []).map { paint("\(row.id): \($0.text)", $0.mayMissRecords ? .failing : .idle) }
        }
    }

    /// One line a connector.
    private var deadLetterNotes: [String] {
        let rows = Dictionary(grouping: status.streams.filter { $0.deadLetters > 0 }, by: \.connector)
        return rows.sorted { $0.key < $1.key }.map { name, streams in
            let parts = streams.map { "\($0.stream) \($0.deadLetters)" }.joined(separator: ", ")
            let count = streams.reduce(0) { $0 + $1.deadLetters }
            return "\(name): \(Counted.text(count, "dead letter")) (\(parts)); see `dead-letters list \(name)`"
        }
    }

    private var waitingNotes: [String] {
        status.streams.compactMap { row in
            row.waitingEvents > 0 ? "\(row.id): \(Counted.text(row.waitingEvents, "event")) waiting" : nil
        }
    }

    private var removedNotes: [String] {
        let names = status.streams.filter { $0.state == .removed }.map(\.id.description)
        guard !names.isEmpty else { return [] }
        let more = names.count > 5 ? ", …" : ""
        return [
            "the state also remembers \(Counted.text(names.count, "stream")) that the configuration does not name: "
                + names.prefix(5).joined(separator: ", ") + more
        ]
    }

    private func span(_ span: Duration) -> String {
        span < .seconds(1) ? "0 s" : Duration.seconds(span.components.seconds).friendlyText
    }

    private func bold(_ text: String) -> String { colours ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    private func paint(_ text: String, _ state: DaemonStatus.Stream.State) -> String {
        let code: String? =
            switch state {
            case .blocked: "31"
            case .failing: "33"
            case .syncing: "32"
            case .idle, .waiting, .removed, .off: nil
            }
        guard colours, let code else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
