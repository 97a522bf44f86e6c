/// The seam to durable state.
///
/// Contract: calls may come from any task and are served in order. Commits of several streams that wait together may
/// share one transaction. Every implementation passes `CheckpointStoreConformance`.
package protocol CheckpointStore: Sendable {
    /// Takes over the rows of a run's stream for its sink; makes them where there are none. Rows without a sink are
    /// adopted. The rows of the other streams it writes into are found or made, and not taken over: no two runs that
    /// write into one stream are under way at a time.
    func openLedger(_ opening: LedgerOpening) async throws(StateError) -> any StreamLedger
    /// What the stream resumes from with the sink it was last opened for; nil when it was never committed.
    func state(of stream: StreamID) async throws(StateError) -> StreamState?
    /// Makes durable that a run failed, where no checkpoint could say so: its sink or its source's proof was in the way.
    /// Changes nothing that a run resumes from, and counts no records.
    func note(_ run: RunRecord, of stream: StreamID) async throws(StateError)
    /// Every stream that has run or was given a cursor, with its state for the sink it was last opened for, its last run
    /// and last success, for `status` and `cursors`.
    func overview() async throws(StateError) -> [StreamOverview]
    /// What the streams did in the hours that begin at `since` or later, each stream's in their order; the last
    /// `ActivityHour.kept` hours are known.
    func activity(since: Instant) async throws(StateError) -> [StreamID: [ActivityHour]]
    /// Forgets a stream's runs, and its state and memory for this sink; nil: for every sink. Sink positions stay, since
    /// what was delivered does.
    func reset(_ stream: StreamID, sink: SinkIdentity?) async throws(StateError)
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
        /// A later run has taken the stream over.
        case takenOver
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

    /// What helps where parts of the state are not as they were written.
    package static let damageRemedy =
        "forget a damaged stream with `cursors NAME/STREAM reset`, or restore a backup; and see to the disk"

    /// An older handle's write after the stream was opened again.
    package static func takenOver(_ stream: StreamID, _ fence: Fence) -> StateError {
        StateError(
            .takenOver,
            "\(stream) was taken over by a later run than \(fence.owner)",
            hint: "nothing is lost: what this run had not committed, the later one reads again"
        )
    }

    /// A stream remembers more than its bounded memory allows.
    package static func tooManyTies(_ stream: StreamID, limit: Int) -> StateError {
        StateError(
            .tooManyTies,
            "more than \(limit) records lie within the lookback of \(stream)",
            hint:
                "shorten `lookback` of its cursor, or give the stream a `resync`, which remembers every record on disk"
        )
    }

    /// A stream that a handle was not opened for.
    package static func notOpened(_ stream: StreamID) -> StateError {
        StateError(.other, "the rows of \(stream) were not opened", hint: "please report this with the message")
    }
}
