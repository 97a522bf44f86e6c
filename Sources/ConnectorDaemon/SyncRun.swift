import AITBCConnectors
import ConnectorCore

/// Does what a `SyncMachine` decides, for one run of one stream. Confined to its connector's actor; fetches, flushes
/// and commits run as tasks of their own and report into the run's mailbox.
final class SyncRun {
    /// What the run's tasks report.
    enum Report: Sendable {
        case page(fetch: Int, Result<SourcePage, SyncFailure>)
        case waited(fetch: Int)
        case flushed(Result<[StreamID: SinkPosition], SyncFailure>)
        case committed(Result<Void, SyncFailure>)
        case stop
        case stalled
    }

    /// A fetch under way.
    private struct Guess {
        var page: PageRequest
        var number: Int
        var task: Task<Void, Never>
    }

    /// Lines of a page are handed over in parts of this size: a page of many records is held once, not twice.
    private static let writeBytes = 1 << 20

    let id: String
    private let stream: StreamDefinition
    private let dependencies: SyncDependencies
    private let ledger: any StreamLedger
    private let source: PageSource
    private let mailbox: AsyncStream<Report>
    private let post: AsyncStream<Report>.Continuation
    private let onProgress: @Sendable (RunRecord) -> Void

    private var machine: SyncMachine
    private var writers: [StreamID: any SinkWriter] = [:]
    private var generations: [StreamID: Int64]
    private var fetch: Task<Void, Never>?
    private var fetchNumber = 0
    private var lastFetchNumber = 0
    private var guess: Guess?
    private var page: Page?
    private var shares = RunShares()
    /// Where the sinks stand in the checkpoint that is being made durable.
    private var committing: [StreamID: SinkPosition] = [:]
    private var buffer: [UInt8] = []
    private var outcome: SyncOutcome?
    private let watch: ProgressWatch

    /// Loads what the state knows of the stream.
    static func prepare(
        _ stream: StreamDefinition,
        options: SyncOptions,
        runID: String,
        dependencies: SyncDependencies,
        onProgress: @escaping @Sendable (RunRecord) -> Void
    ) async throws(SyncFailure) -> SyncRun {
        let plan = stream.plan(base: dependencies.session.connector.baseURL)
        let ledger = try await dependencies.store.openLedger(of: stream.id, dependencies.sinks, runID: runID)
        do throws(StateError) {
            let start = try await PlannedStart.load(
                stream,
                base: plan.base,
                settings: dependencies.session.connector.settings,
                from: ledger,
                mostTies: dependencies.limits.ties
            )
            if let migration = start.migration {
                dependencies.events.record(.planChanged(stream.id, run: runID, what: migration.words))
            }
            var generations: [StreamID: Int64] = [:]
            for target in stream.targets {
                generations[target] = try await ledger.state(of: target)?.generation ?? 0
            }
            let machine = SyncMachine(
                plan: plan,
                state: start.state,
                ties: start.ties,
                runID: runID,
                options: options,
                limits: dependencies.limits,
                now: dependencies.session.serverNow,
                at: dependencies.clocks.monotonic
            )
            return SyncRun(stream, machine, ledger, generations, runID, dependencies, onProgress)
        } catch {
            throw SyncFailure(error)
        }
    }

    private init(
        _ stream: StreamDefinition,
        _ machine: SyncMachine,
        _ ledger: any StreamLedger,
        _ generations: [StreamID: Int64],
        _ id: String,
        _ dependencies: SyncDependencies,
        _ onProgress: @escaping @Sendable (RunRecord) -> Void
    ) {
        self.id = id
        self.stream = stream
        self.machine = machine
        self.ledger = ledger
        self.generations = generations
        self.dependencies = dependencies
        self.onProgress = onProgress
        watch = ProgressWatch(
            patience: dependencies.session.connector.progressTimeout,
            clocks: dependencies.clocks
        )
        source = PageSource(dependencies.session, stream, memory: machine.plan.memory(), observer: watch)
        (mailbox, post) = AsyncStream.makeStream()
    }

    /// Asks the run to end at the next page; safe from anywhere.
    var stopper: @Sendable () -> Void {
        { [post] in post.yield(.stop) }
    }

    func run() async -> SyncOutcome {
        let guardian = watch.guardian { [dependencies] in
            SyncRun.heldUntil(dependencies)
        } onStuck: { [post] in
            post.yield(.stalled)
        }
        defer { guardian.cancel() }
        await perform(machine.start())
        var reports = mailbox.makeAsyncIterator()
        while outcome == nil, let report = await reports.next(isolation: #isolation) {
            watch.moved()
            await handle(report)
            onProgress(machine.run)
        }
        fetch?.cancel()
        for writer in writers.values { await writer.close() }
        return outcome ?? .interrupted(machine.run)
    }

    // MARK: Reports

    private func handle(_ report: Report) async {
        switch report {
        case .page(let number, let result):
            guard number == fetchNumber else { return }
            await pageCame(result)
        case .waited(let number):
            guard number == fetchNumber else { return }
            await perform(machine.waited())
        case .flushed(let result):
            watch.saveEnded()
            await saved(result) { $0.flushed($1) }
        case .committed(let result):
            watch.saveEnded()
            shares.committed()
            await saved(await acknowledged(result)) { machine, _ in machine.committed() }
        case .stop: await perform(machine.stop())
        case .stalled:
            let span = dependencies.session.connector.progressTimeout.shortText
            let failure = SyncFailure(
                .transient,
                "no progress for \(span)",
                hint: "the server is stuck, or progress_timeout is too short"
            )
            await perform(machine.failed(failure))
        }
    }

    private func saved<Value>(
        _ result: Result<Value, SyncFailure>,
        _ then: (inout SyncMachine, Value) -> [SyncAction]
    ) async {
        switch result {
        case .success(let value): await perform(then(&machine, value))
        case .failure(let failure): await perform(machine.failed(failure))
        }
    }

    private func pageCame(_ result: Result<SourcePage, SyncFailure>) async {
        defer { dropGuess() }
        do throws(SyncFailure) {
            var came = try result.get()
            guessNext(after: came.heads)
            try await fillKnown(&came.heads.records, of: came.page)
            page = came.page
            shares.current = came.share
            await perform(machine.pageArrived(came.heads, now: dependencies.session.serverNow))
            // What the machine did not have written, it asks for again.
            (page, shares.current) = (nil, nil)
        } catch {
            await failed(error)
        }
    }

    private func failed(_ failure: SyncFailure) async {
        if failure.isLocal { return await perform(machine.failed(failure)) }
        let session = dependencies.session
        let failure = session.withoutSecrets(failure)
        let verdict =
            failure.isFinal
            ? .giveUp(.wouldFailAgain)
            : session.gate.verdict(session.connector.retry, failure, attempt: machine.attempt)
        if case .retry(let delay) = verdict {
            dependencies.events.record(
                .retrying(stream.id, run: id, attempt: machine.attempt, delay: delay, reason: failure.message)
            )
        }
        await perform(machine.fetchFailed(failure, verdict: verdict))
    }

    // MARK: Pages

    /// Asks the state what it remembers of the page's records, where it remembers every one.
    private func fillKnown(_ heads: inout [RecordHead], of page: Page) async throws(SyncFailure) {
        do throws(StateError) {
            if machine.remembersAll {
                let reader = source.reader
                try await ledger.fillKnown(&heads, of: stream.id, hasCursor: stream.cursor != nil) {
                    reader.recognized($0, $1, page, $2)
                }
            }
            for target in stream.targets {
                let keys = heads.compactMap { $0.routed?.stream == target ? $0.routed?.key : nil }
                guard !keys.isEmpty else { continue }
                let known = try await ledger.delivered(of: target, keys: keys)
                for index in heads.indices {
                    guard var routed = heads[index].routed, routed.stream == target else { continue }
                    routed.known = known[routed.key]
                    routed.generation = generations[target] ?? 0
                    heads[index].routed = routed
                }
            }
        } catch {
            throw SyncFailure(error)
        }
    }

    // MARK: Actions

    private func perform(_ actions: [SyncAction]) async {
        for action in actions {
            switch action {
            case .fetch(let page): startFetch(page)
            case .cancelFetch: cancelFetch()
            case .wait(let span): startWait(span)
            case .write(let deliveries): await write(deliveries)
            case .writeDeletes(let records): await writeDeletes(records)
            case .flush: await startFlush()
            case .commit(let checkpoint): startCommit(checkpoint)
            case .findUnseen(let generation, let limit): await findUnseen(since: generation, limit: limit)
            case .countUnseen(let generation): await countUnseen(since: generation)
            case .note(let note): self.note(note)
            case .finish(let outcome): self.outcome = outcome
            }
        }
    }

    private func startFetch(_ page: PageRequest) {
        let next = guess?.page == page ? guess : nil
        if next != nil { guess = nil }
        let started = next ?? begin(page)
        (fetchNumber, fetch) = (started.number, started.task)
    }

    private func begin(_ page: PageRequest) -> Guess {
        lastFetchNumber += 1
        let (number, source, post) = (lastFetchNumber, source, post)
        let task = Task {
            do throws(SyncFailure) {
                post.yield(.page(fetch: number, .success(try await source.page(page))))
            } catch {
                post.yield(.page(fetch: number, .failure(error)))
            }
        }
        return Guess(page: page, number: number, task: task)
    }

    /// Asks for the page that will nearly always be next while this one is still being looked at. The machine decides:
    /// what it does not ask for is stopped.
    private func guessNext(after page: PageHeads) {
        guess = machine.foresee(page).map(begin)
    }

    private func dropGuess() {
        guess?.task.cancel()
        guess = nil
    }

    private func cancelFetch() {
        forgetFetch()
        fetch?.cancel()
        fetch = nil
    }

    /// Reports of fetches until now mean nothing any more.
    private func forgetFetch() {
        lastFetchNumber += 1
        fetchNumber = lastFetchNumber
    }

    private func startWait(_ span: Duration) {
        forgetFetch()
        let (number, post, clocks, watch) = (fetchNumber, post, dependencies.clocks, watch)
        watch.waitBegan()
        fetch = Task {
            defer { watch.waitEnded() }
            do {
                try await clocks.sleep(for: span)
                post.yield(.waited(fetch: number))
            } catch {
                // Cancelled: nobody waits for this any more.
                return
            }
        }
    }

    private func write(_ deliveries: [Delivery]) async {
        guard let page else {
            // An end without a page, such as a 404, has nothing to write.
            let nothing = deliveries.isEmpty ? machine.written(bytes: 0, at: dependencies.clocks.monotonic) : nil
            return await perform(nothing ?? machine.failed(Self.pageIsGone))
        }
        let time = Array(dependencies.clocks.now.iso8601(fractionDigits: 3).utf8)
        var bytes: Int64 = 0
        do throws(SyncFailure) {
            for target in stream.writes {
                buffer.reserveCapacity(min(page.bytes.count + deliveries.count * 256, 2 * Self.writeBytes))
                let isOnlyTarget = stream.feed == nil
                for delivery in deliveries where isOnlyTarget || delivery.stream == target {
                    source.reader.append(delivery, of: page, to: &buffer, time: time)
                    if buffer.count >= Self.writeBytes { bytes += try await writeBuffer(to: target) }
                }
                bytes += try await writeBuffer(to: target)
            }
        } catch {
            return await perform(machine.failed(error))
        }
        dropPage()
        await perform(machine.written(bytes: bytes, at: dependencies.clocks.monotonic))
    }

    private static let pageIsGone = SyncFailure(
        .badAnswer,
        "a page's records were to be written a second time",
        hint: "this is a fault of this program: report it; the next sync reads them again",
        isLocal: true
    )

    /// The page is written: what is held of it now is what a checkpoint will remember.
    private func dropPage() {
        shares.written(pending: machine.pendingRecords, few: dependencies.limits.checkpointRecords)
        page = nil
    }

    private func writeDeletes(_ records: [DeliveredRecord]) async {
        let time = Array(dependencies.clocks.now.iso8601(fractionDigits: 3).utf8)
        for record in records {
            source.reader.appendDelete(record, to: &buffer, time: time)
        }
        let bytes: Int64
        do throws(SyncFailure) {
            bytes = try await writeBuffer(to: stream.id)
        } catch {
            return await perform(machine.failed(error))
        }
        await perform(machine.written(bytes: bytes, at: dependencies.clocks.monotonic))
    }

    /// Writes what has come together, and says how much it was.
    private func writeBuffer(to target: StreamID) async throws(SyncFailure) -> Int64 {
        guard !buffer.isEmpty else { return 0 }
        let writer = try await writer(for: target)
        do throws(SinkError) {
            try await writer.write(buffer)
        } catch {
            throw SyncFailure(error)
        }
        let count = buffer.count
        // A huge record's room is not kept for those behind it.
        buffer.removeAll(keepingCapacity: buffer.capacity <= 4 * Self.writeBytes)
        return Int64(count)
    }

    private func writer(for target: StreamID) async throws(SyncFailure) -> any SinkWriter {
        if let writer = writers[target] { return writer }
        guard let sink = dependencies.sinks[target] else {
            throw SyncFailure(.refused, "\(target) has no sink", hint: "name one of the configuration's", isLocal: true)
        }
        let writer = try await sink.open(target, with: ledger, dependencies.events)
        writers[target] = writer
        return writer
    }

    /// A checkpoint remembers what was written until now. The next page may be written before the flush is under way, so
    /// that the position is taken first: what lies beyond it is cut off after a crash, and comes again.
    private func startFlush() async {
        watch.saveBegan()
        shares.flushBegan()
        var reached: [StreamID: SinkPosition] = [:]
        for (target, writer) in writers { reached[target] = await writer.position }
        let (writers, post, positions) = (writers, post, reached)
        Task { post.yield(.flushed(await SyncRun.flush(writers).map { positions })) }
    }

    private nonisolated static func flush(
        _ writers: [StreamID: any SinkWriter]
    ) async -> Result<Void, SyncFailure> {
        do throws(SinkError) {
            for writer in writers.values { _ = try await writer.flush() }
        } catch {
            return .failure(SyncFailure(error))
        }
        return .success(())
    }

    private func startCommit(_ checkpoint: Checkpoint) {
        shares.commitBegan()
        committing = checkpoint.sinkPositions
        let (ledger, post) = (ledger, post)
        watch.saveBegan()
        Task { post.yield(.committed(await ledger.outcome(of: checkpoint))) }
    }

    /// What the state has, the sinks hear of.
    private func acknowledged(_ result: Result<Void, SyncFailure>) async -> Result<Void, SyncFailure> {
        guard case .success = result else { return result }
        do throws(SinkError) {
            for (target, position) in committing { try await writers[target]?.acknowledged(position) }
            return .success(())
        } catch {
            return .failure(SyncFailure(error))
        }
    }

    private func findUnseen(since generation: Int64, limit: Int) async {
        do throws(StateError) {
            let records = try await ledger.unseen(
                of: stream.id,
                since: generation,
                after: nil,
                limit: limit
            )
            guard records.allSatisfy(\.namesItsKey) else {
                throw StateError(
                    .corrupt,
                    "the state remembers a record of \(stream.id) under another one's key",
                    hint: "nothing was called deleted; the disk may be failing: restore the state from a backup, or "
                        + "forget the stream with `cursors \(stream.id) reset`"
                )
            }
            await perform(machine.unseenFound(records, since: generation))
        } catch {
            await perform(machine.failed(SyncFailure(error)))
        }
    }

    private func countUnseen(since generation: Int64) async {
        do throws(StateError) {
            let census = try await ledger.census(of: stream.id, since: generation)
            await perform(machine.unseenCounted(census.unseen, of: census.remembered))
        } catch {
            await perform(machine.failed(SyncFailure(error)))
        }
    }

    private func note(_ note: SyncNote) {
        switch note {
        case .doubt(let doubt): dependencies.events.record(.doubted(stream.id, run: id, doubt))
        case .settled(let kind): dependencies.events.record(.doubtSettled(stream.id, run: id, kind))
        case .blip: dependencies.events.record(.blip(stream.id, run: id))
        case .restarted(let reason): dependencies.events.record(.walkRestarted(stream.id, run: id, reason: reason))
        case .stillChanging(let passes): dependencies.events.record(.stillChanging(stream.id, run: id, passes: passes))
        }
    }

    /// Until when the account, or a sink, made somebody wait.
    private static func heldUntil(_ dependencies: SyncDependencies) -> MonotonicInstant? {
        let sinks = dependencies.sinks.values.compactMap(\.heldUntil)
        return (sinks + [dependencies.session.gate.pauseEnd]).max()
    }
}
