/// Decides which of a batch's changes are delivered: not what is there already, nor what is older than what is there.
///
/// Invariant: changes are judged in the order in which their events were accepted, so that each sees those before it.
package struct EventJudge: Sendable {
    package enum Verdict: Sendable, Equatable {
        case write
        /// The sink has the record just so, or knows that it is gone.
        case same
        /// A newer event, or a list, was faster.
        case stale
    }

    private var known: [Hash128: DeliveredRecord]
    private var versions: [Hash128: EventVersion]
    /// Full walks of the target so far: a record that arrives by event counts as seen by the last one.
    private let generation: Int64
    private let format: CursorFormat?
    private var changedKeys: Set<Hash128> = []
    /// Whether two events of one instant said different things of an object: which is the newer one, only a list can
    /// tell. Stripe's times are whole seconds, and nothing orders its events within one.
    package private(set) var isUnsure = false

    /// `known` and `versions` are what the state has of the batch's keys.
    package init(
        known: [Hash128: DeliveredRecord],
        versions: [Hash128: EventVersion],
        generation: Int64,
        version: WebhookRule.Version?
    ) {
        self.known = known
        self.versions = versions
        self.generation = generation
        format = version?.format
    }

    package mutating func judge(_ change: EventChange) -> Verdict {
        if versions[change.key]?.isDamaged == true {
            // Whether it is older than what is there, only a list can tell.
            versions[change.key] = nil
            isUnsure = true
        }
        if isStale(change) { return .stale }
        let last = versions[change.key]
        versions[change.key] = EventVersion(
            key: change.key,
            version: change.version ?? unversioned(change, last),
            isDeleted: change.action == .delete
        )
        changedKeys.insert(change.key)
        let before = known[change.key]
        if let last, let version = change.version, version == last.version {
            isUnsure =
                isUnsure || last.isDeleted != (change.action == .delete)
                || change.action == .upsert && before?.content != change.content
        }
        switch change.action {
        case .delete:
            known[change.key] = nil
            return before == nil && last?.isDeleted == true ? .same : .write
        case .upsert:
            known[change.key] = DeliveredRecord(
                key: change.key,
                content: change.content,
                cursor: (format?.isTime == true ? change.version : nil) ?? change.cursor ?? before?.cursor ?? 0,
                generation: before?.generation ?? generation,
                keyText: change.keyText
            )
            return before?.content == change.content ? .same : .write
        }
    }

    /// Of an event that bears no version: many senders delete by the id alone. It is as new as its arrival where versions
    /// are times, so that a late update of before does not bring the object back.
    private func unversioned(_ change: EventChange, _ last: EventVersion?) -> Int64 {
        guard let format else { return change.event.number }
        let known = last?.version ?? .min
        return format.isTime ? max(known, change.event.at.nanoseconds) : known
    }

    /// Events of one instant are taken in their order: only what is surely older is left out.
    private mutating func isStale(_ change: EventChange) -> Bool {
        guard let version = change.version, let format else { return false }
        if let last = versions[change.key], version < last.version { return true }
        guard format.isTime, let record = known[change.key] else { return false }
        // What a list shows may be another time than that of a change (one that is yet to come, or of another zone), and
        // it may have finer times than events: within one tick of theirs nothing is older.
        guard record.cursor <= change.event.at.nanoseconds.addingSaturated(SyncMachine.clockSlack),
            record.cursor.flooredQuotient(by: format.tick) * format.tick > version
        else { return false }
        // Two clocks: the list itself is asked. Of what was deleted it would have nothing to show.
        isUnsure = true
        return change.action == .upsert
    }

    /// What the state is to remember, forget and know of versions; `target` is the stream of the changes.
    package var outcome: (remember: [DeliveredRecord], forget: [Hash128], versions: [EventVersion]) {
        let keys = changedKeys.sorted()
        return (
            keys.compactMap { known[$0] }, keys.filter { known[$0] == nil }, keys.compactMap { versions[$0] }
        )
    }
}
