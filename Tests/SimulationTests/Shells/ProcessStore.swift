import ConnectorCore

extension SimulatedProcess {
    func checkStore() throws(StateError) {
        if isDead { throw StateError(.other, "killed", hint: "") }
        guard world.happens(world.scenario.faults.localFailure / 4) else { return }
        world.trace.note("  the state fails")
        throw StateError(.notWritable, "the disk is full", hint: "make room")
    }

    /// Commits what is under way.
    func settle() async {
        let commits = uncommitted
        uncommitted = []
        for (checkpoint, ledger) in commits {
            await check(checkpoint, against: ledger)
            do throws(StateError) {
                try await ledger.commit(checkpoint)
            } catch {
                world.problem("a commit is refused: \(error)")
            }
            world.noted(checkpoint)
        }
    }

    /// What holds for every checkpoint.
    fileprivate func check(_ checkpoint: Checkpoint, against ledger: any StreamLedger) async {
        let before = try? await ledger.state(of: checkpoint.stream)?.cursor
        // What an order, or a filter, that turns out to be none had let the cursor pass is taken back; so do clocks that
        // went back.
        let evidence = StreamEvidence(encoded: checkpoint.state.evidence)
        let mayGoBack = evidence.doubts(.order) || evidence.doubts(.clockWentBack) || evidence.cannotAnchor
        guard let cursor = checkpoint.state.cursor else {
            if before != nil, !mayGoBack { world.problem("the cursor was lost") }
            return
        }
        if let before, before > cursor, !mayGoBack { world.problem("the cursor went back from \(before) to \(cursor)") }
        guard world.scenario.traits.isTime else {
            if cursor > world.source.highestStamp { world.problem("the cursor is beyond every record") }
            return
        }
        // What the daemon takes for now is a header of whole seconds.
        let isAhead = cursor > world.loop.time + max(0, world.scenario.skew)
        if isAhead { world.problem("the cursor \(cursor) is beyond now, \(world.loop.time)") }
    }
}

/// The process's way to the state. Calls are served in order; a commit takes its time, and may be the last thing that
/// a killed process did.
struct ProcessStore: CheckpointStore {
    let process: SimulatedProcess
    let store: InMemoryStore

    func openLedger(_ opening: LedgerOpening) async throws(StateError) -> any StreamLedger {
        await process.settle()
        try process.checkStore()
        return ProcessLedger(process: process, ledger: try await store.openLedger(opening))
    }

    func state(of stream: StreamID) async throws(StateError) -> StreamState? {
        await process.settle()
        try process.checkStore()
        return await store.state(of: stream)
    }

    func note(_ run: RunRecord, of stream: StreamID) async throws(StateError) {
        await process.settle()
        try process.checkStore()
        await store.note(run, of: stream)
    }

    func overview() async throws(StateError) -> [StreamOverview] { await store.overview() }

    func activity(since: Instant) async throws(StateError) -> [StreamID: [ActivityHour]] {
        await store.activity(since: since)
    }

    func reset(_ stream: StreamID, sink: SinkIdentity?) async throws(StateError) {
        await store.reset(stream, sink: sink)
    }
}

private struct ProcessLedger: StreamLedger {
    let process: SimulatedProcess
    let ledger: any StreamLedger

    var fence: Fence { ledger.fence }

    func commit(_ checkpoint: Checkpoint) async throws(StateError) {
        try process.checkStore()
        process.uncommitted.append((checkpoint, ledger))
        try? await process.world.loop.sleep(.milliseconds(process.world.chance.number(0...2_000)))
        await process.settle()
        if process.isDead { throw StateError(.other, "killed", hint: "") }
    }

    private func check() async throws(StateError) {
        await process.settle()
        try process.checkStore()
    }

    func state(of stream: StreamID) async throws(StateError) -> StreamState? {
        try await check()
        return try await ledger.state(of: stream)
    }

    func sinkPosition(of stream: StreamID) async throws(StateError) -> SinkPosition? {
        try await check()
        return try await ledger.sinkPosition(of: stream)
    }

    func setSinkPosition(of stream: StreamID, to position: SinkPosition) async throws(StateError) {
        try await check()
        try await ledger.setSinkPosition(of: stream, to: position)
    }

    func delivered(of stream: StreamID, limit: Int) async throws(StateError) -> [DeliveredRecord] {
        try await check()
        return try await ledger.delivered(of: stream, limit: limit)
    }

    func delivered(of stream: StreamID, keys: [Hash128]) async throws(StateError) -> [Hash128: DeliveredRecord] {
        try await check()
        return try await ledger.delivered(of: stream, keys: keys)
    }

    func unseen(
        of stream: StreamID,
        since generation: Int64,
        after: Hash128?,
        limit: Int
    ) async throws(StateError) -> [DeliveredRecord] {
        try await check()
        return try await ledger.unseen(of: stream, since: generation, after: after, limit: limit)
    }

    func census(of stream: StreamID, since generation: Int64) async throws(StateError) -> MemoryCensus {
        try await check()
        return try await ledger.census(of: stream, since: generation)
    }

    func rebase(to state: StreamState, forgetting: Forgetting) async throws(StateError) {
        try await check()
        try await ledger.rebase(to: state, forgetting: forgetting)
    }
}
