/// What a status is made of: the supervisor's view, the state's memory, the webhooks' counts.
package struct StatusFacts: Sendable {
    package var at: Instant
    package var daemon: DaemonStatus.Daemon?
    /// States of connectors, disabled ones included; empty where no daemon runs.
    package var connectors: [String: ConnectorState] = [:]
    /// What the supervisor knows of streams; empty where no daemon runs.
    package var situations: [StreamID: StreamSituation] = [:]
    /// Streams of the configuration; nil where it can't be read, and every stream of the state counts.
    package var configured: Set<StreamID>?
    package var overview: [StreamOverview] = []
    package var activity: [StreamID: [ActivityHour]] = [:]
    package var deadLetters: [StreamID: Int] = [:]
    package var waitingEvents: [StreamID: Int] = [:]
    package var webhooks: [String: DaemonStatus.Webhook] = [:]

    /// How far back `activity` has to reach.
    package static let history: Duration = .seconds(24 * 3_600)

    package init(at: Instant) {
        self.at = at
    }

    package var status: DaemonStatus {
        let known = Dictionary(overview.map { ($0.stream, $0) }) { first, _ in first }
        let ids = Set(known.keys).union(configured ?? []).union(deadLetters.keys).union(waitingEvents.keys)
        return DaemonStatus(
            at: at,
            daemon: daemon,
            connectors: connectorRows(ids),
            streams: ids.sorted().filter(isWorthShowing).map { row($0, known[$0]) }
        )
    }

    /// A queue of events that never had any is no news.
    private func isWorthShowing(_ id: StreamID) -> Bool {
        !id.isEvents || waitingEvents[id] ?? 0 > 0 || deadLetters[id] ?? 0 > 0 || overview.contains { $0.stream == id }
    }

    private func connectorRows(_ streams: Set<StreamID>) -> [DaemonStatus.Connector] {
        let offline = Set((configured ?? streams).map(\.connector))
        let states = daemon == nil ? Dictionary(uniqueKeysWithValues: offline.map { ($0, nil) }) : connectors.optional
        return states.sorted { $0.key < $1.key }.map { name, state in
            DaemonStatus.Connector(
                name: name,
                state: state?.name ?? DaemonStatus.Stream.State.off.rawValue,
                reason: state?.reason,
                webhook: webhooks[name]
            )
        }
    }

    private func row(_ id: StreamID, _ known: StreamOverview?) -> DaemonStatus.Stream {
        var row = DaemonStatus.Stream(id, state: state(of: id))
        row.lastSuccess = known?.lastSuccess
        row.lagSeconds = known?.lastSuccess.map { max(0, (at - $0).inSeconds) }
        row.nextRun = situations[id]?.nextRun
        row.failures = Int64(situations[id]?.failures ?? 0)
        row.records = known?.totalRecords ?? 0
        row.deletes = known?.totalDeletes ?? 0
        row.deadLetters = Int64(deadLetters[id] ?? 0)
        row.waitingEvents = Int64(waitingEvents[id] ?? 0)
        row.isWalkUnderWay = known?.state.walk != nil
        row.lastRun = known?.lastRun
        let evidence = StreamEvidence(encoded: known?.state.evidence)
        row.completeAt = evidence.completeAt
        if !evidence.doubts.isEmpty { row.doubts = evidence.doubts.map(DaemonStatus.Stream.Difference.init) }
        let midnight = Instant(seconds: at.seconds.flooredQuotient(by: 86_400) * 86_400)
        let hours = activity[id] ?? []
        row.recordsToday = hours.filter { $0.hour >= midnight }.reduce(0) { $0 + $1.records }
        row.activity = hours.filter { $0.hour > at - Self.history }
        return row
    }

    private func state(of id: StreamID) -> DaemonStatus.Stream.State {
        if case .disabled = connectors[id.connector] { return .blocked }
        if let configured, !configured.contains(id) { return .removed }
        guard daemon != nil, let situation = situations[id] else { return .off }
        if situation.isRunning { return .syncing }
        switch situation.lastEnding {
        case .blocked, .lockedOut: return .blocked
        case .failed: return .failing
        case .succeeded, .interrupted, nil: return situation.lastEnding == nil ? .waiting : .idle
        }
    }
}

/// What the supervisor knows of one stream.
package struct StreamSituation: Sendable, Equatable {
    package var isRunning: Bool
    package var lastEnding: SupervisorMachine.Ending?
    /// In a row.
    package var failures: Int
    package var nextRun: Instant?

    package init(
        isRunning: Bool = false,
        lastEnding: SupervisorMachine.Ending? = nil,
        failures: Int = 0,
        nextRun: Instant? = nil
    ) {
        self.isRunning = isRunning
        self.lastEnding = lastEnding
        self.failures = failures
        self.nextRun = nextRun
    }
}

extension [String: ConnectorState] {
    fileprivate var optional: [String: ConnectorState?] { mapValues { $0 } }
}
