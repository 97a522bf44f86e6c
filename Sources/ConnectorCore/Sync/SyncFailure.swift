/// Why a run could not go on, for the person who reads the journal.
package struct SyncFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package var kind: FailureClass
    /// What failed, with the request (secrets hidden) and the server's own words where it had any.
    package var message: String
    /// What the operator can do.
    package var hint: String
    package var status: Int?
    package var retryAfter: Duration?
    /// Whether the fault lies on this side: the sink or the state could not be written.
    package var isLocal: Bool
    /// Whether another try within this run is of no use, although the next run may succeed.
    package var isFinal: Bool

    package init(
        _ kind: FailureClass,
        _ message: String,
        hint: String,
        status: Int? = nil,
        retryAfter: Duration? = nil,
        isLocal: Bool = false,
        isFinal: Bool = false
    ) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.status = status
        self.retryAfter = retryAfter
        self.isLocal = isLocal
        self.isFinal = isFinal
    }

    package var description: String { hint.isEmpty ? message : "\(message); \(hint)" }
}
