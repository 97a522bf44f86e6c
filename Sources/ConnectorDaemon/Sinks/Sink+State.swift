import ConnectorCore

extension Sink {
    /// Opens a stream's writer where the state says.
    ///
    /// The place where it begins is durable before anything is written: lines that are there and have no position
    /// belong to a state that was lost, and are kept. A state that is behind the sink is told to `events`.
    func open(
        _ stream: StreamID,
        with ledger: any StreamLedger,
        _ events: any EventSink
    ) async throws(SyncFailure) -> any SinkWriter {
        let position: SinkPosition?
        do throws(StateError) {
            position = try await ledger.sinkPosition(of: stream)
        } catch {
            throw SyncFailure(error)
        }
        let writer: any SinkWriter
        do throws(SinkError) {
            writer = try await open(stream, at: position)
        } catch {
            throw SyncFailure(error)
        }
        do throws(StateError) {
            let isElsewhere = position == nil || writer.standing != .level
            if isElsewhere, let start = await writer.position {
                try await ledger.setSinkPosition(of: stream, to: start)
            }
            if writer.standing != .level {
                let isUnknown = writer.standing == .unknown
                events.record(.stateIsBehind(stream, run: ledger.fence.owner, knowsNothing: isUnknown))
            }
            return writer
        } catch {
            await writer.close()
            throw SyncFailure(error)
        }
    }
}

extension StreamLedger {
    /// Commits, for those who report what came of it.
    func outcome(of checkpoint: Checkpoint) async -> Result<Void, SyncFailure> {
        do throws(StateError) {
            try await commit(checkpoint)
        } catch {
            return .failure(SyncFailure(error))
        }
        return .success(())
    }
}

extension CheckpointStore {
    /// Takes over what a run reads and commits, for the sinks that its records go to.
    func openLedger(
        of stream: StreamID,
        _ sinks: [StreamID: any Sink],
        runID: String
    ) async throws(SyncFailure) -> any StreamLedger {
        var identities: [StreamID: SinkIdentity] = [:]
        do throws(SinkError) {
            for (target, sink) in sinks { identities[target] = try sink.identity }
        } catch {
            throw SyncFailure(error)
        }
        do throws(StateError) {
            return try await openLedger(LedgerOpening(stream: stream, sinks: identities, owner: runID))
        } catch {
            throw SyncFailure(error)
        }
    }
}
