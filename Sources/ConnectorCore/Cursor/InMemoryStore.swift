/// State that lives as long as the process: for trials without a state directory, for simulations and tests.
/// Keeps the contract of `CheckpointStore` but for durability.
package actor InMemoryStore: CheckpointStore {
    fileprivate struct Stream {
        /// Nil when it was never committed: an event feed may still have written its memory.
        var state: StreamState?
        var sinkPosition: SinkPosition?
        var delivered: [Hash128: DeliveredRecord] = [:]
        var lastRun: RunRecord?
        var lastSuccess: Instant?
        var totalRecords: Int64 = 0
        var totalDeletes: Int64 = 0
        var activity: [ActivityHour] = []
    }

    private var streams: [StreamID: Stream] = [:]
    var deadLetters = DeadLetterMemory()
    var inbox = InboxMemory()

    package init() {}

    package func state(of stream: StreamID) -> StreamState? {
        streams[stream]?.state
    }

    package func sinkPosition(of stream: StreamID) -> SinkPosition? {
        streams[stream]?.sinkPosition
    }

    package func setSinkPosition(of stream: StreamID, to position: SinkPosition) {
        streams[stream, default: Stream()].sinkPosition = position
    }

    package func delivered(of stream: StreamID, limit: Int) throws(StateError) -> [DeliveredRecord] {
        let known = streams[stream]?.delivered ?? [:]
        guard known.count <= limit else { throw .tooManyTies(stream, limit: limit) }
        return known.values.sorted { $0.key < $1.key }
    }

    package func delivered(of stream: StreamID, keys: [Hash128]) -> [Hash128: DeliveredRecord] {
        guard let known = streams[stream]?.delivered else { return [:] }
        var found: [Hash128: DeliveredRecord] = [:]
        for key in keys { found[key] = known[key] }
        return found
    }

    package func unseen(
        of stream: StreamID,
        since generation: Int64,
        after: Hash128?,
        limit: Int
    ) -> [DeliveredRecord] {
        let known = streams[stream]?.delivered.values.filter { record in
            record.generation < generation && after.map { $0 < record.key } ?? true
        }
        return Array((known ?? []).sorted { $0.key < $1.key }.prefix(limit))
    }

    /// Forgets before it remembers: a record that a checkpoint both forgets and remembers is known afterwards.
    package func commit(_ checkpoint: Checkpoint) {
        streams[checkpoint.stream, default: Stream()].advance(to: checkpoint)
        for (stream, position) in checkpoint.sinkPositions {
            streams[stream, default: Stream()].sinkPosition = position
        }
        for (stream, keys) in checkpoint.forget {
            for key in keys { streams[stream]?.delivered[key] = nil }
        }
        for (stream, records) in checkpoint.remember {
            for record in records { streams[stream, default: Stream()].delivered[record.key] = record }
        }
        inbox.advance(to: checkpoint)
    }

    package func note(_ run: RunRecord, of stream: StreamID) {
        streams[stream, default: Stream()].note(run)
    }

    package func overview() -> [StreamOverview] {
        let rows = streams.compactMap { id, stream in stream.overview(as: id) }
        return rows.sorted { $0.stream < $1.stream }
    }

    package func activity(since: Instant) -> [StreamID: [ActivityHour]] {
        let first = Instant(seconds: ActivityHour.number(of: since) * 3_600)
        return streams.mapValues { $0.activity.filter { $0.hour >= first } }.filter { !$0.value.isEmpty }
    }

    package func reset(_ stream: StreamID) {
        guard let known = streams[stream] else { return }
        streams[stream] = Stream(sinkPosition: known.sinkPosition)
    }

    package func setCursor(of stream: StreamID, cursor: Int64?, token: String?) {
        var changed = streams[stream, default: Stream()]
        changed.state = changed.state ?? StreamState()
        changed.state?.cursor = cursor
        changed.state?.token = token
        changed.state?.walk = nil
        changed.delivered = changed.delivered.filter { $0.value.keyText != nil }
        streams[stream] = changed
    }
}

extension InMemoryStore.Stream {
    fileprivate mutating func advance(to checkpoint: Checkpoint) {
        state = checkpoint.state
        count(checkpoint.run)
        guard let range = checkpoint.forgetBetween else { return }
        delivered = delivered.filter { $0.value.keyText != nil || !range.contains($0.value.cursor) }
    }

    fileprivate mutating func note(_ run: RunRecord) {
        let before = lastRun?.id == run.id ? lastRun : nil
        var run = run
        (run.records, run.deletes) = (before?.records ?? 0, before?.deletes ?? 0)
        state = state ?? StreamState()
        count(run)
    }

    /// A run's counters are sums over the run, so each run is counted once.
    private mutating func count(_ run: RunRecord) {
        let before = lastRun?.id == run.id ? lastRun : nil
        let added = (records: run.records - (before?.records ?? 0), deletes: run.deletes - (before?.deletes ?? 0))
        totalRecords += added.records
        totalDeletes += added.deletes
        remember(ActivityHour(run, added: added))
        lastSuccess = run.succeededAt ?? lastSuccess
        lastRun = run
    }

    private mutating func remember(_ hour: ActivityHour) {
        if let known = activity.firstIndex(where: { $0.hour == hour.hour }) {
            activity[known].add(hour)
        } else {
            activity.append(hour)
            activity.sort { $0.hour < $1.hour }
        }
        let oldest = hour.hour - .seconds(3_600 * ActivityHour.kept)
        if hour.runs > 0 { activity.removeAll { $0.hour <= oldest } }
    }

    fileprivate func overview(as id: StreamID) -> StreamOverview? {
        state.map { state in
            StreamOverview(
                stream: id,
                state: state,
                lastRun: lastRun,
                lastSuccess: lastSuccess,
                totalRecords: totalRecords,
                totalDeletes: totalDeletes
            )
        }
    }
}

extension Checkpoint.ForgetRange {
    fileprivate func contains(_ cursor: Int64) -> Bool { above < cursor && cursor < below }
}

extension StateError {
    /// A stream remembers more than its bounded memory allows.
    package static func tooManyTies(_ stream: StreamID, limit: Int) -> StateError {
        StateError(
            .tooManyTies,
            "\(stream) has more than \(limit) records to remember between its cursor and its lookback",
            hint: "shorten the stream's lookback, or use a finer cursor field"
        )
    }
}
