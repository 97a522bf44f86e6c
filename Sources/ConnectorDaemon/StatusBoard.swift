package import ConnectorCore

/// Puts the daemon's status together from the parts that know it. Looked at often, by page, metrics and commands: a
/// status is made at most once a second, whoever asks.
package actor StatusBoard {
    /// Where the parts are asked.
    package struct Sources: Sendable {
        package var supervisor: Supervisor
        package var store: any CheckpointStore & DeadLetterStore & EventInbox
        package var intake: WebhookIntake

        package init(
            supervisor: Supervisor,
            store: any CheckpointStore & DeadLetterStore & EventInbox,
            intake: WebhookIntake
        ) {
            self.supervisor = supervisor
            self.store = store
            self.intake = intake
        }
    }

    /// Strangers may ask for the page as often as they like; the state's queue is for syncs.
    private static let freshness: Duration = .seconds(1)

    private let daemon: DaemonStatus.Daemon
    private let sources: Sources
    private let clocks: any Clocks
    private var last: (status: DaemonStatus, made: MonotonicInstant)?
    private var reloadRefused: Instant?
    private var underWay: Task<Result<DaemonStatus, StateError>, Never>?

    package init(_ daemon: DaemonStatus.Daemon, sources: Sources, clocks: any Clocks) {
        self.daemon = daemon
        self.sources = sources
        self.clocks = clocks
    }

    /// Whether the configuration on disk is another one than that in force.
    package func noteReload(isRefused: Bool) {
        reloadRefused = isRefused ? clocks.now : nil
        last = nil
    }

    /// `isFresh` is for the owner of the machine: made anew.
    package func status(isFresh: Bool = false) async throws(StateError) -> DaemonStatus {
        if !isFresh, let last, clocks.monotonic - last.made < Self.freshness { return last.status }
        if !isFresh, let underWay { return try await underWay.value.get() }
        let (daemon, sources, clocks) = (daemon, sources, clocks)
        let task = Task { await StatusBoard.make(daemon, sources, clocks) }
        underWay = task
        var result = await task.value
        underWay = nil
        if case .success(var status) = result {
            status.reloadRefused = reloadRefused
            result = .success(status)
        }
        if case .success(let status) = result { last = (status, clocks.monotonic) }
        return try result.get()
    }

    private static func make(
        _ daemon: DaemonStatus.Daemon,
        _ sources: Sources,
        _ clocks: any Clocks
    ) async -> Result<DaemonStatus, StateError> {
        var facts = StatusFacts(at: clocks.now)
        facts.daemon = daemon
        do throws(StateError) {
            try await facts.read(sources.store)
        } catch {
            return .failure(error)
        }
        facts.webhooks = sources.intake.counts.mapValues(DaemonStatus.Webhook.init)
        await sources.supervisor.fill(&facts)
        var status = facts.status
        status.webhooksToNobody = sources.intake.refusedToNobody
        return .success(status)
    }
}

extension StatusFacts {
    /// What the state remembers.
    package mutating func read(_ store: some CheckpointStore & DeadLetterStore & EventInbox) async throws(StateError) {
        overview = try await store.overview()
        activity = try await store.activity(since: at - Self.history)
        deadLetters = try await store.deadLetterCounts()
        waitingEvents = try await store.waitingCounts()
    }
}

extension DaemonStatus.Webhook {
    fileprivate init(_ counts: WebhookCounts) {
        self.init(
            accepted: counts.accepted,
            duplicates: counts.duplicates,
            refused: counts.refused,
            lastEvent: counts.lastEvent
        )
    }
}
