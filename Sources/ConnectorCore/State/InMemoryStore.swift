/// State that lives as long as the process: for trials without a state directory, for simulations and tests.
/// Keeps the contract of `CheckpointStore` but for durability.
package actor InMemoryStore: CheckpointStore {
    /// Names a row.
    fileprivate struct Place: Hashable, Sendable {
        var stream: StreamID
        var sink: SinkIdentity
        var partition: String
    }

    private var streams: [StreamID: StreamFigures] = [:]
    private var rows: [Place: MemoryRow] = [:]
    private var epochs: [Place: Int64] = [:]
    var deadLetters = DeadLetterMemory()
    var inbox = InboxMemory()

    package init() {}

    package func openLedger(_ opening: LedgerOpening) throws(StateError) -> any StreamLedger {
        var places: [StreamID: Place] = [:]
        for (stream, sink) in opening.sinks {
            let place = Place(stream: stream, sink: sink, partition: opening.partition)
            let orphan = Place(stream: stream, sink: .unknown, partition: opening.partition)
            rows[place] = rows[place] ?? rows.removeValue(forKey: orphan) ?? MemoryRow()
            streams[stream, default: StreamFigures()].sink = sink
            places[stream] = place
        }
        guard let own = places[opening.stream] else { throw .notOpened(opening.stream) }
        epochs[own, default: 0] += 1
        let fence = Fence(owner: opening.owner, epoch: epochs[own] ?? 0)
        return MemoryLedger(fence: fence, own: own, places: places, store: self)
    }

    package func state(of stream: StreamID) -> StreamState? {
        current(stream)?.state
    }

    private func current(_ stream: StreamID) -> MemoryRow? {
        streams[stream]?.sink.flatMap { rows[Place(stream: stream, sink: $0, partition: "")] }
    }

    package func note(_ run: RunRecord, of stream: StreamID) {
        streams[stream, default: StreamFigures()].note(run)
    }

    package func overview() -> [StreamOverview] {
        let rows = streams.compactMap { id, figures in figures.overview(as: id, current(id)?.state) }
        return rows.sorted { $0.stream < $1.stream }
    }

    package func activity(since: Instant) -> [StreamID: [ActivityHour]] {
        let first = Instant(seconds: ActivityHour.number(of: since) * 3_600)
        return streams.mapValues { $0.activity.filter { $0.hour >= first } }.filter { !$0.value.isEmpty }
    }

    package func reset(_ stream: StreamID, sink: SinkIdentity?) {
        streams[stream] = streams[stream].map { StreamFigures(sink: $0.sink) }
        for place in rows.keys where place.stream == stream && (sink == nil || [sink, .unknown].contains(place.sink)) {
            rows[place] = MemoryRow(sinkPosition: rows[place]?.sinkPosition)
        }
    }

    // MARK: For ledgers

    fileprivate func row(_ place: Place) -> MemoryRow { rows[place] ?? MemoryRow() }

    fileprivate func change(
        _ stream: StreamID,
        of ledger: MemoryLedger,
        _ change: @Sendable (inout MemoryRow) -> Void
    ) throws(StateError) {
        try check(ledger)
        change(&rows[try ledger.place(of: stream), default: MemoryRow()])
    }

    private func check(_ ledger: MemoryLedger) throws(StateError) {
        guard epochs[ledger.own] == ledger.fence.epoch else { throw .takenOver(ledger.own.stream, ledger.fence) }
    }

    fileprivate func commit(_ checkpoint: Checkpoint, _ ledger: MemoryLedger) throws(StateError) {
        try check(ledger)
        for stream in checkpoint.streams { _ = try ledger.place(of: stream) }
        streams[checkpoint.stream, default: StreamFigures()].count(checkpoint.run)
        for (stream, place) in ledger.places { rows[place]?.advance(to: checkpoint, as: stream) }
        inbox.advance(to: checkpoint)
    }
}

/// A run's hold on rows of an `InMemoryStore`.
private struct MemoryLedger: StreamLedger {
    let fence: Fence
    let own: InMemoryStore.Place
    let places: [StreamID: InMemoryStore.Place]
    let store: InMemoryStore

    func place(of stream: StreamID) throws(StateError) -> InMemoryStore.Place {
        guard let place = places[stream] else { throw .notOpened(stream) }
        return place
    }

    private func row(of stream: StreamID) async throws(StateError) -> MemoryRow {
        await store.row(try place(of: stream))
    }

    func state(of stream: StreamID) async throws(StateError) -> StreamState? {
        try await row(of: stream).state
    }

    func sinkPosition(of stream: StreamID) async throws(StateError) -> SinkPosition? {
        try await row(of: stream).sinkPosition
    }

    func setSinkPosition(of stream: StreamID, to position: SinkPosition) async throws(StateError) {
        try await store.change(stream, of: self) { $0.sinkPosition = position }
    }

    func delivered(of stream: StreamID, limit: Int) async throws(StateError) -> [DeliveredRecord] {
        let known = try await row(of: stream).delivered
        guard known.count <= limit else { throw .tooManyTies(stream, limit: limit) }
        return known.values.sorted { $0.key < $1.key }
    }

    func delivered(of stream: StreamID, keys: [Hash128]) async throws(StateError) -> [Hash128: DeliveredRecord] {
        let known = try await row(of: stream).delivered
        return Dictionary(keys.compactMap { key in known[key].map { (key, $0) } }) { first, _ in first }
    }

    func unseen(
        of stream: StreamID,
        since generation: Int64,
        after: Hash128?,
        limit: Int
    ) async throws(StateError) -> [DeliveredRecord] {
        let unseen = try await row(of: stream).named.filter { record in
            record.generation < generation && after.map { $0 < record.key } ?? true
        }
        return Array(unseen.sorted { $0.key < $1.key }.prefix(limit))
    }

    func census(of stream: StreamID, since generation: Int64) async throws(StateError) -> MemoryCensus {
        let named = try await row(of: stream).named
        return MemoryCensus(
            remembered: Int64(named.count),
            unseen: Int64(named.count { $0.generation < generation })
        )
    }

    func commit(_ checkpoint: Checkpoint) async throws(StateError) {
        try await store.commit(checkpoint, self)
    }

    func rebase(to state: StreamState, forgetting: Forgetting) async throws(StateError) {
        try await store.change(own.stream, of: self) { $0.rebase(to: state, forgetting: forgetting) }
    }
}

/// What is known of a stream with one sink.
private struct MemoryRow: Sendable {
    var state: StreamState?
    var sinkPosition: SinkPosition?
    var delivered: [Hash128: DeliveredRecord] = [:]

    var named: [DeliveredRecord] { delivered.values.filter { $0.keyText != nil } }

    mutating func rebase(to state: StreamState, forgetting: Forgetting) {
        self.state = state
        switch forgetting {
        case .nothing: break
        case .ties: delivered = delivered.filter { $0.value.keyText != nil }
        case .everything: delivered = [:]
        case .behind(let cursor):
            delivered = delivered.filter { $0.value.cursor >= cursor }
            for key in delivered.keys { delivered[key]?.keyText = nil }
        case .cursorValues: for key in delivered.keys { delivered[key]?.cursor = 0 }
        }
    }

    /// Forgets before it remembers: a record that a checkpoint both forgets and remembers is known afterwards.
    mutating func advance(to checkpoint: Checkpoint, as stream: StreamID) {
        if stream == checkpoint.stream {
            state = checkpoint.state
            if let range = checkpoint.forgetBetween {
                delivered = delivered.filter { $0.value.keyText != nil || !range.holds($0.value.cursor) }
            }
        }
        sinkPosition = checkpoint.sinkPositions[stream] ?? sinkPosition
        for key in checkpoint.forget[stream] ?? [] { delivered[key] = nil }
        for (generation, keys) in checkpoint.seen[stream] ?? [:] {
            for key in keys { delivered[key]?.raise(to: generation) }
        }
        for record in checkpoint.remember[stream] ?? [] { delivered[record.key] = record }
    }
}

extension DeliveredRecord {
    fileprivate mutating func raise(to generation: Int64) { self.generation = max(self.generation, generation) }
}

/// What is known of a stream whatever its sink.
private struct StreamFigures: Sendable {
    /// The sink it was last opened for.
    var sink: SinkIdentity?
    var lastRun: RunRecord?
    var lastSuccess: Instant?
    var totalRecords: Int64 = 0
    var totalDeletes: Int64 = 0
    var activity: [ActivityHour] = []

    mutating func note(_ run: RunRecord) {
        let before = lastRun?.id == run.id ? lastRun : nil
        var run = run
        (run.records, run.deletes) = (before?.records ?? 0, before?.deletes ?? 0)
        count(run)
    }

    /// A run's counters are sums over the run, so each run is counted once.
    mutating func count(_ run: RunRecord) {
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

    func overview(as id: StreamID, _ state: StreamState?) -> StreamOverview? {
        guard state != nil || lastRun != nil else { return nil }
        return StreamOverview(
            stream: id,
            state: state ?? StreamState(),
            lastRun: lastRun,
            lastSuccess: lastSuccess,
            totalRecords: totalRecords,
            totalDeletes: totalDeletes
        )
    }
}
