import ConnectorCore

/// Works off the events that wait for one stream: writes what they carry, passes them on, and settles them together
/// with what they changed in one transaction. Nothing of an event is done twice, whenever the process ends.
struct EventRun: Sendable {
    /// Enough that a sync of the disk is spread over many; few enough to be held in memory.
    private static let batchEvents = 500
    private static let batchBytes = 4 << 20
    /// Events on their way to AITBC at a time; those of one object go one after the other.
    private static let lanes: UInt64 = 8

    /// What a run works with.
    struct Dependencies: Sendable {
        var reader: EventReader
        var store: any CheckpointStore
        var inbox: any EventInbox
        var deadLetters: any DeadLetterStore
        var sink: any Sink
        var forwarder: (any EventForwarder)?
        /// The list, or better the event feed, that can be asked where events leave a doubt of the target.
        var arbiter: StreamID?
        var clocks: any Clocks
        var events: any EventSink
        var isStopped: @Sendable () -> Bool
        /// Told once they are durable.
        var onEarlySyncs: @Sendable ([StreamID]) -> Void
    }

    let stream: StreamID
    let runID: String
    let dependencies: Dependencies

    private var target: StreamID? { stream.eventTarget }

    func run() async -> SyncOutcome {
        var record = RunRecord(id: runID, started: dependencies.clocks.now)
        var writer: (any SinkWriter)?
        let failure: SyncFailure?
        do throws(SyncFailure) {
            try await work(&record, &writer)
            failure = nil
        } catch {
            failure = error
        }
        await writer?.close()
        if let error = failure {
            record.outcome = .failed
            record.ended = dependencies.clocks.now
            record.error = error.description
            return .failed(record, error)
        }
        return record.outcome == .interrupted ? .interrupted(record) : .succeeded(record)
    }

    private func work(_ record: inout RunRecord, _ writer: inout (any SinkWriter)?) async throws(SyncFailure) {
        let streams = [stream] + (target.map { [$0] } ?? [])
        let sinks = Dictionary(uniqueKeysWithValues: streams.map { ($0, dependencies.sink) })
        let ledger = try await dependencies.store.openLedger(of: stream, sinks, runID: runID)
        var waiting = try await next()
        let line = target.map { RecordLine($0) }
        while !waiting.isEmpty {
            let batch = try await judge(waiting, ledger)
            if let line, !batch.writes.isEmpty {
                let lines = self.lines(batch.writes, line)
                record.bytes += Int64(lines.count)
                let opened: any SinkWriter
                if let writer { opened = writer } else { opened = try await open(ledger) }
                writer = opened
                try await write(lines, to: opened)
            }
            try await forward(batch)
            let position = try await flush(writer)
            record.pages += 1
            record.records += Int64(batch.writes.count { $0.action == .upsert })
            record.deletes += Int64(batch.writes.count { $0.action == .delete })
            // What waits behind this batch decides whether the run is over with it.
            let rest = try await next(behind: waiting)
            let isStopped = dependencies.isStopped()
            if rest.isEmpty || isStopped {
                record.outcome = rest.isEmpty ? .succeeded : .interrupted
                record.ended = dependencies.clocks.now
            }
            try await commit(batch, waiting, position, record, ledger)
            if !batch.syncs.isEmpty { dependencies.onEarlySyncs(batch.syncs.sorted()) }
            waiting = isStopped ? [] : rest
        }
        if record.outcome == .running { record.outcome = .succeeded }
        record.ended = record.ended ?? dependencies.clocks.now
    }

    // MARK: Reading

    private func next(behind settled: [WaitingEvent] = []) async throws(SyncFailure) -> [WaitingEvent] {
        do throws(StateError) {
            // The settled ones still stand in the inbox; they are the oldest.
            let found = try await dependencies.inbox.waiting(
                in: stream,
                limit: Self.batchEvents + settled.count,
                bytes: Self.batchBytes + settled.reduce(0) { $0 + $1.bytes.count }
            )
            let last = settled.last?.number ?? 0
            return found.filter { $0.number > last }
        } catch {
            throw SyncFailure(error)
        }
    }

    /// What a batch comes to.
    private struct Judged {
        var writes: [EventChange] = []
        var forwards: [ForwardedEvent] = []
        var syncs: Set<StreamID> = []
        var judge: EventJudge?
    }

    private func judge(_ waiting: [WaitingEvent], _ ledger: any StreamLedger) async throws(SyncFailure) -> Judged {
        var judged = Judged()
        var changes: [EventChange] = []
        for event in waiting {
            do throws(EventProblem) {
                let (change, syncs) = try dependencies.reader.effect(of: event)
                if let change, change.target != target {
                    throw EventProblem("waited for a stream that its type \(event.type) leads to no more")
                }
                judged.syncs.formUnion(syncs)
                if let change { changes.append(change) }
                if dependencies.forwarder != nil {
                    judged.forwards.append(ForwardedEvent(event, of: stream.connector, change: change))
                }
            } catch {
                try await bury(event, "the event \(error)", code: "EVENT_UNREADABLE")
            }
        }
        guard let target, !changes.isEmpty else { return judged }
        var judge = try await self.judge(changes.map(\.key), target, ledger)
        judged.writes = changes.filter { judge.judge($0) == .write }
        if judge.isUnsure, let arbiter = dependencies.arbiter { judged.syncs.insert(arbiter) }
        judged.judge = judge
        return judged
    }

    private func judge(
        _ keys: [Hash128],
        _ target: StreamID,
        _ ledger: any StreamLedger
    ) async throws(SyncFailure) -> EventJudge {
        do throws(StateError) {
            return EventJudge(
                known: try await ledger.delivered(of: target, keys: keys),
                versions: try await dependencies.inbox.eventVersions(of: target, keys: keys),
                generation: try await ledger.state(of: target)?.generation ?? 0,
                version: dependencies.reader.rule.version
            )
        } catch {
            throw SyncFailure(error)
        }
    }

    // MARK: Delivering

    private func lines(_ changes: [EventChange], _ line: RecordLine) -> [UInt8] {
        let time = Array(dependencies.clocks.now.iso8601(fractionDigits: 3).utf8)
        var lines: [UInt8] = []
        lines.reserveCapacity(changes.reduce(0) { $0 + $1.bytes.count + 256 })
        for change in changes {
            switch change.action {
            case .delete: line.appendDelete(to: &lines, id: change.keyText.utf8, time: time)
            case .upsert:
                line.append(
                    to: &lines,
                    from: change.bytes,
                    idText: change.keyText,
                    cursor: change.cursorRange,
                    time: time,
                    record: change.object
                )
            }
        }
        return lines
    }

    private func open(_ ledger: any StreamLedger) async throws(SyncFailure) -> any SinkWriter {
        guard let target else { throw SyncFailure(.refused, "\(stream) has no sink", hint: "", isLocal: true) }
        return try await dependencies.sink.open(target, with: ledger)
    }

    private func write(_ lines: [UInt8], to writer: any SinkWriter) async throws(SyncFailure) {
        do throws(SinkError) {
            try await writer.write(lines)
        } catch {
            throw SyncFailure(error)
        }
    }

    private func flush(_ writer: (any SinkWriter)?) async throws(SyncFailure) -> SinkPosition? {
        do throws(SinkError) {
            return try await writer?.flush()
        } catch {
            throw SyncFailure(error)
        }
    }

    /// Sent again after a crash: with the same key, so that the other side does not do it twice.
    private func forward(_ batch: Judged) async throws(SyncFailure) {
        guard let forwarder = dependencies.forwarder, !batch.forwards.isEmpty else { return }
        let lanes = Dictionary(grouping: batch.forwards) { $0.lane.low % Self.lanes }
        let results = await withTaskGroup(of: [(ForwardedEvent, BatchOutcome)].self) { group in
            for lane in lanes.values {
                group.addTask { await Self.forward(lane, with: forwarder) }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        for case (let event, .refused(let refusal)) in results {
            try await bury(event.event, refusal.reason, code: refusal.code)
        }
        for case (_, .failed(let error)) in results { throw SyncFailure(error) }
    }

    /// Up to the first that fails: those behind it must not pass it.
    private static func forward(
        _ events: [ForwardedEvent],
        with forwarder: any EventForwarder
    ) async -> [(ForwardedEvent, BatchOutcome)] {
        var results: [(ForwardedEvent, BatchOutcome)] = []
        for event in events {
            let outcome = await forwarder.forward(event)
            results.append((event, outcome))
            if case .failed = outcome { break }
        }
        return results
    }

    private func bury(_ event: WaitingEvent, _ reason: String, code: String?) async throws(SyncFailure) {
        let letter = DeadLetter(stream, event: event, reason: reason, code: code, at: dependencies.clocks.now)
        do throws(StateError) {
            try await dependencies.deadLetters.add([letter], limit: DeadLetterLimit.perStream)
        } catch {
            throw SyncFailure(error)
        }
        dependencies.events.record(.deadLettered(stream, key: letter.key, reason: reason))
    }

    // MARK: Settling

    private func commit(
        _ batch: Judged,
        _ waiting: [WaitingEvent],
        _ position: SinkPosition?,
        _ record: RunRecord,
        _ ledger: any StreamLedger
    ) async throws(SyncFailure) {
        let outcome = batch.judge?.outcome
        let now = dependencies.clocks.now
        var checkpoint = Checkpoint(stream: stream, state: StreamState(), run: record)
        checkpoint.events = EventSettlement(
            numbers: waiting.map(\.number),
            bytes: waiting.reduce(0) { $0 + Int64($1.bytes.count) },
            target: target,
            versions: outcome?.versions ?? [],
            versionsUntil: now + dependencies.reader.rule.remember,
            earlySyncs: batch.syncs.sorted(),
            at: now
        )
        if let target {
            checkpoint.sinkPositions = position.map { [target: $0] } ?? [:]
            checkpoint.remember = [target: outcome?.remember ?? []]
            checkpoint.forget = [target: outcome?.forget ?? []]
        }
        do throws(StateError) {
            try await ledger.commit(checkpoint)
        } catch {
            throw SyncFailure(error)
        }
    }
}
