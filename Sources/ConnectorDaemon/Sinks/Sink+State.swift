import ConnectorCore

extension Sink {
    /// Opens a stream's writer where the state says.
    ///
    /// The first time, the place where it begins is durable before anything is written: lines that are there and have
    /// no position belong to a state that was lost, and are kept.
    func open(_ stream: StreamID, with store: any CheckpointStore) async throws(SyncFailure) -> any SinkWriter {
        let position: SinkPosition?
        do throws(StateError) {
            position = try await store.sinkPosition(of: stream)
        } catch {
            throw SyncFailure(error)
        }
        let writer: any SinkWriter
        let start: SinkPosition?
        do throws(SinkError) {
            writer = try await open(stream, at: position)
            start = position == nil ? try await writer.flush() : nil
        } catch {
            throw SyncFailure(error)
        }
        guard let start else { return writer }
        do throws(StateError) {
            try await store.setSinkPosition(of: stream, to: start)
            return writer
        } catch {
            await writer.close()
            throw SyncFailure(error)
        }
    }
}
