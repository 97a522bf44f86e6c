/// What becomes of a stream's state when its plan has changed: decided part by part, so that nothing that cannot be
/// trusted is used, and nothing that can is delivered again.
///
/// No change is refused: a definition of ours may change by an upgrade at night, and a stream that stands still until
/// a person comes is worse than records that come twice, under their own keys, and are told.
package struct PlanMigration: Sendable, Equatable {
    package var state: StreamState
    package var forgetting = Forgetting.nothing
    /// What changed.
    package var changes: [PlanFingerprint.Part]
    /// The memory holds every record, and is needed although the plan would keep ties only.
    package var remembersAll = false
    /// Every record was remembered so far.
    private var knewAll = false
    /// The list is read from its start.
    private var readsAnew = false

    /// Nil where nothing has changed, or nothing is known of the plan before.
    package init?(_ state: StreamState, to plan: PlanFingerprint, cursor: CursorRule?) {
        guard let before = state.fingerprint.flatMap(PlanFingerprint.init(encoded:)) else { return nil }
        let changes = plan.changes(since: before)
        // Who else writes into a stream asks nothing of its state, but that all of it is remembered.
        guard changes.contains(where: { $0 != .target }) else { return nil }
        self.state = state
        self.changes = changes
        self.state.fingerprint = plan.encoded
        // Positions are of a list that is gone; what it was seen to do says nothing of the one that is asked for now.
        let list: Set<PlanFingerprint.Part> = [
            .key, .cursor, .format, .order, .paging, .request, .settings, .feed, .deleted,
        ]
        if !list.isDisjoint(with: changes) { (self.state.walk, self.state.evidence) = (nil, nil) }
        // A full reading is no use to ties, nor what ties let a reading leave out to a full memory.
        if changes.contains(.memory) { self.state.walk = nil }
        knewAll = before.parts[.memory] == SyncPlan.Memory.all.rawValue
        // What was delivered as a record may be a deletion now, and the other way round.
        if !Set(changes).isDisjoint(with: [.key, .feed, .deleted]) {
            beginAnew()
            return
        }
        // A walk from the former start would leave out what lies before it.
        if Self.startsEarlier(plan, before) { self.state.walk = nil }
        // Another tenant's list is another list, and of an earlier start nothing was asked for so far.
        let isOtherList = changes.contains(.settings) || Self.startsEarlier(plan, before)
        let isOtherCursor = changes.contains(.cursor) || changes.contains(.format) || isOtherList
        readsAnew = isOtherCursor
        if isOtherCursor { self.state.cursor = nil }
        let knowsAll = plan.parts[.memory] == SyncPlan.Memory.all.rawValue
        if knewAll, !knowsAll {
            keepTies(isOtherCursor ? nil : cursor)
        } else if isOtherCursor {
            forgetting = knowsAll ? .cursorValues : .ties
        }
    }

    private static func startsEarlier(_ plan: PlanFingerprint, _ before: PlanFingerprint) -> Bool {
        guard let old = before.parts[.start], let new = plan.parts[.start], old != new else { return false }
        guard let from = Int64(old) else { return false }
        return Int64(new).map { $0 < from } ?? true
    }

    /// Under other names the records are others to whoever receives them.
    private mutating func beginAnew() {
        (state.cursor, state.walk, state.lastFullWalk) = (nil, nil, nil)
        forgetting = .everything
    }

    /// Only what lies within reach of the next walk is needed any more. Where that begins at the start, all of it is
    /// needed, so that nothing comes twice.
    private mutating func keepTies(_ rule: CursorRule?) {
        if let rule, let cursor = state.cursor {
            forgetting = .behind(rule.reach(behind: cursor))
        } else {
            remembersAll = true
        }
    }

    /// For the log: what changed, and what follows.
    package var words: String {
        let names = changes.filter { $0 != .memory }.map { part in
            part == .target ? "who else writes into it (a webhook or an event feed)" : part.rawValue
        }
        return (names.isEmpty ? "its memory" : names.joined(separator: ", ")) + " changed: " + consequence
    }

    private var consequence: String {
        if forgetting == .everything { return "it begins anew, and everything is delivered again" }
        if readsAnew {
            return knewAll
                ? "it is read from its start, and what is known and unchanged is not delivered again"
                : "it is read from its start, and what was delivered before comes again"
        }
        if case .behind = forgetting { return "only what the next sync may meet again is remembered" }
        if changes.contains(.memory) {
            return "every record is remembered from now on; what is not yet comes once more when it is read again"
        }
        if changes.contains(.request) {
            return
                "the cursor stays; older records that this request shows and the former did not come with `sync --full`"
        }
        if changes.contains(.comparison) { return "what is known and unchanged is not delivered again" }
        return "a reading that was under way begins again, the cursor stays"
    }
}
