import ConnectorCore

/// Reads a list from its first page until it stands still: what a program asks for. The machine that decides is that of
/// the daemon's syncs, so a server that does not keep to what is known of it is noticed here, too. What was handed on
/// is remembered in memory, and not beyond the walk.
///
/// Asks for a page when the records of the one before have been taken, and not earlier: whoever stops taking stops it.
final class ListWalk {
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
    private var ledger: (any StreamLedger)?
    private var actions: [SyncAction] = []
    private var step: Step?
    private var page: Page?
    /// Those of the page that are still to be taken; nil where none are being written.
    private var deliveries: ArraySlice<Delivery>?
    private var isOver = false
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

    /// The next record, and one that changes meanwhile again; nil behind the last one of a list that was read whole.
    ///
    /// Throws a `SyncError` where the list could not be read whole (what came until then was handed on), and
    /// `CancellationError` when the calling task was cancelled. After either there is nothing more.
    func next() async throws -> JSONValue? {
        guard !isOver else { return nil }
        do {
            let record = try await record()
            isOver = record == nil
            return record
        } catch {
            isOver = true
            throw error
        }
    }

    private func record() async throws -> JSONValue? {
        let ledger = try await opened()
        while true {
            try Task.checkCancellation()
            if let record = try delivered() { return record }
            guard !actions.isEmpty else {
                actions = try await goOn(ledger)
                continue
            }
            let action = actions.removeFirst()
            if case .finish(let outcome) = action {
                try check(outcome)
                return nil
            }
            actions += try await perform(action, ledger)
        }
    }

    private func opened() async throws -> any StreamLedger {
        if let ledger { return ledger }
        // Nobody else knows of this memory.
        let opening = LedgerOpening(stream: list.id, sinks: [list.id: .unknown], owner: "")
        let opened = try await InMemoryStore().openLedger(opening)
        ledger = opened
        actions = machine.start()
        return opened
    }

    /// The next of the page's records. When the last one has been taken, the machine hears of it.
    private func delivered() throws -> JSONValue? {
        // What says that it is gone is in the list for whoever keeps a copy, and is none of its records.
        while let next = deliveries?.first, let page, source.reader.saysGone(page, next.index) {
            deliveries?.removeFirst()
        }
        guard let delivery = deliveries?.popFirst(), let page else {
            if deliveries != nil { actions += machine.written(bytes: 0, at: clocks.monotonic) }
            deliveries = nil
            return nil
        }
        do throws(JSONError) {
            return try JSONValue(parsingAnswer: Array(page.bytes[source.reader.record(page, delivery.index)]))
        } catch {
            throw SyncError.badRecord(list.id.stream, error)
        }
    }

    /// What follows from the action.
    private func perform(_ action: SyncAction, _ ledger: any StreamLedger) async throws -> [SyncAction] {
        switch action {
        case .fetch(let request): step = .fetch(request)
        case .wait(let span): step = .rest(span)
        case .cancelFetch: step = nil
        case .write(let records): deliveries = records[...]
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
    private func goOn(_ ledger: any StreamLedger) async throws -> [SyncAction] {
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

    private func fetch(_ request: PageRequest, _ ledger: any StreamLedger) async throws -> [SyncAction] {
        do throws(SyncFailure) {
            let came = try await source.page(request)
            var heads = came.heads
            if machine.remembersAll { try await fillKnown(&heads.records, ledger) }
            page = came.page
            trouble = nil
            return machine.pageArrived(heads, now: session.serverNow)
        } catch {
            try Task.checkCancellation()
            guard error != .stopped else { throw SyncError.disconnected(list.id.stream) }
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

    private func check(_ outcome: SyncOutcome) throws {
        let name = list.id.stream
        switch outcome {
        case .interrupted: throw CancellationError()
        case .failed(_, let failure): throw SyncError(reading: name, failure)
        case .succeeded:
            let doubt = machine.evidence.doubts.first(where: \.mayMissRecords)
            if let doubt { throw SyncError(reading: name, doubt) }
            if isUnsettled { throw SyncError.unsettled(name) }
        }
    }
}
