import ConnectorCore

/// Reads a list from its first page until it stands still: what a program asks for. The machine that decides is that of
/// the daemon's syncs, so a server that does not keep to what is known of it is noticed here, too. What was handed on
/// is remembered in memory, and not beyond the walk.
struct ListWalk {
    typealias Take = @Sendable (JSONValue) async throws -> Void

    /// Far beyond any list that is read in one go; a server whose pages never end is stopped here.
    private static let mostPages: Int64 = 1_000_000

    /// What is to be done once all actions are.
    private enum Step {
        case fetch(PageRequest)
        case rest(Duration)
    }

    private let list: StreamDefinition
    private let session: APISession
    private let clocks: any Clocks
    private let source: PageSource
    private var machine: SyncMachine
    private var step: Step?
    private var page: Page?
    /// Why the last request brought no page.
    private var trouble: SyncFailure?
    /// The list moved under each of the walk's readings.
    private var isUnsettled = false

    /// `filters` are sent as parameters besides the list's own.
    init(
        _ stream: StreamDefinition,
        since: Instant?,
        filters: JSONValue,
        _ session: APISession,
        _ clocks: any Clocks
    ) {
        list = Self.list(stream, filters)
        self.session = session
        self.clocks = clocks
        let plan = list.plan(base: session.connector.baseURL)
        source = PageSource(session, list, memory: plan.memory())
        let isTime = plan.cursor?.format.isTime ?? false
        var limits = SyncLimits()
        // All of it is in memory anyway.
        limits.ties = .max
        // No record is known to lie where a program says that it begins.
        var evidence = StreamEvidence()
        evidence.filter = .held
        machine = SyncMachine(
            plan: plan,
            state: since.flatMap { isTime ? StreamState(cursor: $0.nanoseconds, evidence: evidence.encoded) : nil },
            runID: "",
            limits: limits,
            now: session.serverNow,
            at: clocks.monotonic
        )
    }

    /// Events are handed on as they are, and a program asks for the past: not where they lead, nor from now on.
    private static func list(_ stream: StreamDefinition, _ filters: JSONValue) -> StreamDefinition {
        var list = stream
        list.feed = nil
        list.isFeedTarget = false
        list.hasTimedEvents = false
        list.resync = nil
        list.cursor?.startsNow = false
        for member in filters.members ?? [] {
            let text = member.value.string ?? member.value.text
            list.query.removeAll { $0.name == member.name }
            list.query.append(QueryTemplate(member.name, Template(literal: text)))
        }
        return list
    }

    /// Hands each record on, and one that changes meanwhile again. Answers how many that were. Throws what `take`
    /// throws, and a `SyncError` where the list could not be read whole: what came until then was handed on.
    mutating func run(_ take: Take) async throws -> Int {
        // Nobody else knows of this memory.
        let ledger = try await InMemoryStore().openLedger(
            LedgerOpening(stream: list.id, sinks: [list.id: .unknown], owner: "")
        )
        var actions = machine.start()
        while true {
            try Task.checkCancellation()
            while !actions.isEmpty {
                let action = actions.removeFirst()
                if case .finish(let outcome) = action { return try count(outcome) }
                actions += try await perform(action, ledger, take)
            }
            actions = try await goOn(ledger)
        }
    }

    /// What follows from the action.
    private mutating func perform(
        _ action: SyncAction,
        _ ledger: any StreamLedger,
        _ take: Take
    ) async throws -> [SyncAction] {
        switch action {
        case .fetch(let request): step = .fetch(request)
        case .wait(let span): step = .rest(span)
        case .cancelFetch: step = nil
        case .write(let deliveries):
            for delivery in deliveries {
                guard let page else { continue }
                try await take(try JSONValue(parsing: Array(page.bytes[page.recordBytes(delivery.index)])))
            }
            return machine.written(bytes: 0, at: clocks.monotonic)
        // Whoever asked for a list did not ask what left it meanwhile.
        case .writeDeletes: return machine.written(bytes: 0, at: clocks.monotonic)
        case .flush: return machine.flushed([:])
        case .commit(let checkpoint):
            try await ledger.commit(checkpoint)
            return machine.committed()
        case .findUnseen(let generation, let limit):
            let unseen = try await ledger.unseen(of: list.id, since: generation, after: nil, limit: limit)
            return machine.unseenFound(unseen, since: generation)
        case .countUnseen(let generation):
            let census = try await ledger.census(of: list.id, since: generation)
            return machine.unseenCounted(census.unseen, of: census.remembered)
        // Where pages can't shift, what is new stands behind what was read.
        case .note(.stillChanging): isUnsettled = machine.holdsCursor
        case .note, .finish: break
        }
        return []
    }

    /// Asks for a page, or lets time pass.
    private mutating func goOn(_ ledger: any StreamLedger) async throws -> [SyncAction] {
        guard machine.run.pages < Self.mostPages, let step else { throw SyncError.endless(list.id.stream) }
        self.step = nil
        switch step {
        case .fetch(let request): return try await fetch(request, ledger)
        case .rest(let span):
            do {
                try await session.gate.rest(for: span)
            } catch {
                try Task.checkCancellation()
                // Nobody waits here any more.
                throw trouble.map { SyncError(reading: list.id.stream, $0) } ?? error
            }
            return machine.waited()
        }
    }

    private mutating func fetch(_ request: PageRequest, _ ledger: any StreamLedger) async throws -> [SyncAction] {
        do throws(SyncFailure) {
            let came = try await source.page(request)
            var heads = came.heads
            if machine.remembersAll { try await fillKnown(&heads.records, ledger) }
            page = came.page
            return machine.pageArrived(heads, now: session.serverNow)
        } catch {
            try Task.checkCancellation()
            let failure = session.withoutSecrets(error)
            trouble = failure
            let verdict =
                failure.isFinal
                ? .giveUp(.wouldFailAgain)
                : session.gate.verdict(session.connector.retry, failure, attempt: machine.attempt)
            return machine.fetchFailed(failure, verdict: verdict)
        }
    }

    private func fillKnown(_ heads: inout [RecordHead], _ ledger: any StreamLedger) async throws(SyncFailure) {
        do throws(StateError) {
            try await ledger.fillKnown(&heads, of: list.id, hasCursor: list.cursor != nil)
        } catch {
            throw SyncFailure(.refused, error.message, hint: error.hint, isLocal: true, isFinal: true)
        }
    }

    private func count(_ outcome: SyncOutcome) throws -> Int {
        let name = list.id.stream
        switch outcome {
        case .interrupted: throw CancellationError()
        case .failed(_, let failure): throw SyncError(reading: name, failure)
        case .succeeded(let run):
            let doubt = machine.evidence.doubts.first(where: \.mayMissRecords)
            if let doubt { throw SyncError(reading: name, doubt) }
            if isUnsettled { throw SyncError.unsettled(name) }
            return Int(run.records)
        }
    }
}
