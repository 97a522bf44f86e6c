/// The seam to durable state.
///
/// Contract: when `commit` returns, the checkpoint survives a power cut; when it throws, nothing of it is stored and
/// the one before still is. Reads see every commit that has returned. Calls may come from any task and are served in
/// order. Commits of several streams that wait together may share one transaction. Every implementation passes
/// `CheckpointStoreConformance`.
package protocol CheckpointStore: Sendable {
    /// The stream's row; nil when it was never committed.
    func state(of stream: StreamID) async throws(StateError) -> StreamState?
    /// Where the sink stood for this stream at the last commit.
    func sinkPosition(of stream: StreamID) async throws(StateError) -> SinkPosition?
    /// Makes durable where a sink begins with a stream, before anything of it is written.
    func setSinkPosition(of stream: StreamID, to position: SinkPosition) async throws(StateError)
    /// Every remembered record of a stream whose memory is bounded (ties). Throws when there are more than `limit`.
    func delivered(of stream: StreamID, limit: Int) async throws(StateError) -> [DeliveredRecord]
    /// The remembered records under these keys; the answer has no entry for unknown ones.
    func delivered(of stream: StreamID, keys: [Hash128]) async throws(StateError) -> [Hash128: DeliveredRecord]
    /// Remembered records that full walk `generation` did not see, by ascending key, beyond `after`, at most `limit`.
    func unseen(
        of stream: StreamID,
        since generation: Int64,
        after: Hash128?,
        limit: Int
    ) async throws(StateError) -> [DeliveredRecord]
    /// Makes a checkpoint durable.
    func commit(_ checkpoint: Checkpoint) async throws(StateError)
    /// Makes durable that a run failed, where no checkpoint could say so: its sink or its source's proof was in the way.
    /// Changes nothing that a run resumes from, and counts no records.
    func note(_ run: RunRecord, of stream: StreamID) async throws(StateError)
    /// Every stream that has a row, with its last run and last success, for `status` and `cursors`.
    func overview() async throws(StateError) -> [StreamOverview]
    /// What the streams did in the hours that begin at `since` or later, each stream's in their order; the last
    /// `ActivityHour.kept` hours are known.
    func activity(since: Instant) async throws(StateError) -> [StreamID: [ActivityHour]]
    /// Forgets a stream: its row, memory and runs. Its sink position stays, since its files do.
    func reset(_ stream: StreamID) async throws(StateError)
    /// Replaces the cursor and forgets a walk under way and the ties; what was delivered for good stays known.
    /// A stream that was never committed gets a row.
    func setCursor(of stream: StreamID, cursor: Int64?, token: String?) async throws(StateError)
}

/// A stream's row and last runs.
package struct StreamOverview: Sendable, Equatable {
    package var stream: StreamID
    package var state: StreamState
    package var lastRun: RunRecord?
    package var lastSuccess: Instant?
    /// Over all runs.
    package var totalRecords: Int64
    package var totalDeletes: Int64

    package init(
        stream: StreamID,
        state: StreamState,
        lastRun: RunRecord?,
        lastSuccess: Instant?,
        totalRecords: Int64,
        totalDeletes: Int64
    ) {
        self.stream = stream
        self.state = state
        self.lastRun = lastRun
        self.lastSuccess = lastSuccess
        self.totalRecords = totalRecords
        self.totalDeletes = totalDeletes
    }
}

/// Why state could not be read or made durable.
package struct StateError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Another process holds the state directory.
        case inUse
        /// Written by a newer version of this program.
        case newerSchema
        /// The file is damaged; it was left or set aside, the message says where.
        case corrupt
        /// The file was deleted or replaced while it was open.
        case gone
        /// No space, read-only, or an I/O error.
        case notWritable
        /// A bounded memory is full.
        case tooManyTies
        /// A stream has as many dead letters as are kept.
        case tooManyDeadLetters
        /// As many events wait as are kept.
        case inboxFull
        case other
    }

    package var code: Code
    /// What failed and on which file.
    package var message: String
    /// What the operator can do.
    package var hint: String

    package init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { "\(message); \(hint)" }
}
