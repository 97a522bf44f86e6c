/// Whose turn it is to write a stream's rows. A later opening has a higher epoch, and those before it write no more.
package struct Fence: Hashable, Sendable {
    package var owner: String
    package var epoch: Int64

    package init(owner: String, epoch: Int64) {
        self.owner = owner
        self.epoch = epoch
    }
}

/// Which rows a run asks for: the stream's own, and those of streams that it writes into.
package struct LedgerOpening: Sendable, Equatable {
    package var stream: StreamID
    /// Of the stream itself and of every stream that its records go to: where those go.
    package var sinks: [StreamID: SinkIdentity]
    /// The part of the stream that is read; empty where a stream has no parts.
    package var partition: String
    /// The run's name.
    package var owner: String

    package init(stream: StreamID, sinks: [StreamID: SinkIdentity], partition: String = "", owner: String) {
        self.stream = stream
        self.sinks = sinks
        self.partition = partition
        self.owner = owner
    }
}

/// How much a stream remembers by name, and how much of it a reading did not see.
package struct MemoryCensus: Sendable, Equatable {
    package var remembered: Int64
    package var unseen: Int64

    package init(remembered: Int64, unseen: Int64) {
        self.remembered = remembered
        self.unseen = unseen
    }
}

/// One run's hold on a stream's state: what was delivered to its sink, and the only way to change it.
///
/// Contract: rows belong to a stream, a sink and a partition; what is known of one sink says nothing of another. When a
/// write returns, it survives a power cut; when it throws, nothing of it is stored and what was before still is. Reads see
/// every write that has returned. Once the same stream's rows were opened again, every write through the older handle
/// throws `.takenOver`. Streams that the opening did not name are refused. Records without a key's text are never
/// unseen: no one could say what is gone. Every implementation passes
/// `CheckpointStoreConformance`.
package protocol StreamLedger: Sendable {
    var fence: Fence { get }
    /// What the stream resumes from; nil when nothing was ever committed for this sink.
    func state(of stream: StreamID) async throws(StateError) -> StreamState?
    /// Where the sink stood for this stream at the last commit.
    func sinkPosition(of stream: StreamID) async throws(StateError) -> SinkPosition?
    /// Makes durable where a sink begins with a stream, before anything of it is written.
    func setSinkPosition(of stream: StreamID, to position: SinkPosition) async throws(StateError)
    /// Every remembered record of a stream whose memory is bounded (ties). Throws when there are more than `limit`.
    func delivered(of stream: StreamID, limit: Int) async throws(StateError) -> [DeliveredRecord]
    /// The remembered records under these keys; the answer has no entry for unknown ones.
    func delivered(of stream: StreamID, keys: [Hash128]) async throws(StateError) -> [Hash128: DeliveredRecord]
    /// The same in short, at the keys' places: asked of every record of a page. `likely` says at each key's place what is
    /// remembered if nothing has changed: where that is so, the answer may be had sooner.
    func known(
        of stream: StreamID,
        keys: [Hash128],
        likely: [KnownRecord]
    ) async throws(StateError) -> [KnownRecord?]
    /// Remembered records with a key's text that full walk `generation` did not see, by ascending key, beyond `after`,
    /// at most `limit`.
    func unseen(
        of stream: StreamID,
        since generation: Int64,
        after: Hash128?,
        limit: Int
    ) async throws(StateError) -> [DeliveredRecord]
    /// The same, counted, and how many records with a key's text there are.
    func census(of stream: StreamID, since generation: Int64) async throws(StateError) -> MemoryCensus
    /// Makes a checkpoint of the stream durable.
    func commit(_ checkpoint: Checkpoint) async throws(StateError)
    /// Replaces what the stream resumes from, and forgets part of its memory: between runs, by a person or a new plan.
    func rebase(to state: StreamState, forgetting: Forgetting) async throws(StateError)
}

extension StreamLedger {
    package func known(
        of stream: StreamID,
        keys: [Hash128],
        likely: [KnownRecord]
    ) async throws(StateError) -> [KnownRecord?] {
        let found = try await delivered(of: stream, keys: keys)
        return keys.map { found[$0].map(KnownRecord.init) }
    }
}

/// What of a stream's memory goes.
package enum Forgetting: Sendable, Equatable {
    case nothing
    /// What has no key's text.
    case ties
    case everything
    /// What has a cursor value below this, and of the rest the keys' texts: ties stay.
    case behind(Int64)
    /// The cursor values: those of another field or unit compare with nothing.
    case cursorValues
}
