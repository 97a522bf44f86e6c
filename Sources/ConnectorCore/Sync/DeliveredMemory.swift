/// What a run knows of records that the sink already has: the ties loaded from the state, or the answers of lookups,
/// and on top what this run delivered since.
///
/// A page's records are looked up while the page before it is still written and a checkpoint is under way, and by the
/// time it is reported that checkpoint may be done and another begun. So the entries of the last two checkpoints stay
/// visible: a lookup that was answered before a commit is never believed over it.
package struct DeliveredMemory: Sendable {
    package private(set) var mode: SyncPlan.Memory
    private let stream: StreamID
    private var ties: [Hash128: Tie]
    private var pending: [StreamID: [Hash128: Change]] = [:]
    private var settling: [StreamID: [Hash128: Change]] = [:]
    private var settled: [StreamID: [Hash128: Change]] = [:]
    private var page: Int32 = 0
    private var pruneAt = Self.pruneSize

    /// So many ties are pruned at a time: seldom enough to cost nothing, little enough to be no memory.
    private static let pruneSize = 16_384

    /// A remembered record where keys are not named, and plain enough to be copied without a thought.
    private struct Tie: Sendable {
        var content: Hash128
        var cursor: Int64
        /// The last page that had it: a source may repeat the end of a page at the start of the next.
        var page: Int32
        /// The state has it already.
        var isStored: Bool
    }

    private enum Change: Sendable {
        case remember(DeliveredRecord)
        /// Known just so; this full walk saw it.
        case seen(by: Int64)
        /// Gone since about then, where that is known.
        case forget(at: Int64?)
    }

    package init(mode: SyncPlan.Memory, stream: StreamID, ties: [DeliveredRecord]) {
        self.mode = mode
        self.stream = stream
        self.ties = Dictionary(
            ties.map { ($0.key, Tie(content: $0.content, cursor: $0.cursor, page: 0, isStored: true)) }
        ) { _, last in last }
    }

    /// Remembered ties: bounded by `SyncLimits.ties`.
    package var tieCount: Int { ties.count }
    /// What waits for the next checkpoint, fresh ties included.
    package var pendingCount: Int { pending.values.reduce(freshTies) { $0 + $1.count } }
    /// Ties that came since the last checkpoint was made.
    private var freshTies = 0

    /// What is known of a record of the run's own stream.
    package func known(_ head: RecordHead) -> DeliveredRecord? {
        if mode == .ties {
            return ties[head.key].map { DeliveredRecord(key: head.key, content: $0.content, cursor: $0.cursor) }
        }
        return known(head.key, of: stream, stored: head.known)
    }

    /// What is known under one content of a key that stands for several records.
    package func knownVariant(_ head: RecordHead) -> DeliveredRecord? {
        known(head.key.variant(head.content), of: stream, stored: head.knownVariant)
    }

    /// What is known of the record that an event carries.
    package func known(_ routed: RoutedHead) -> DeliveredRecord? {
        known(routed.key, of: routed.stream, stored: routed.known)
    }

    private func known(_ key: Hash128, of stream: StreamID, stored: DeliveredRecord?) -> DeliveredRecord? {
        var found = stored
        var seen = Int64.min
        switch change(key, of: stream, in: pending, &seen) ?? change(key, of: stream, in: settling, &seen)
            ?? change(key, of: stream, in: settled, &seen)
        {
        case .remember(let record): found = record
        case .forget: return nil
        case .seen, nil: break
        }
        if let generation = found?.generation, generation < seen { found?.generation = seen }
        return found
    }

    /// Nil, too, where all that is new of the record is that it was seen.
    private func change(
        _ key: Hash128,
        of stream: StreamID,
        in changes: [StreamID: [Hash128: Change]],
        _ seen: inout Int64
    ) -> Change? {
        guard let change = changes[stream]?[key] else { return nil }
        guard case .seen(let generation) = change else { return change }
        seen = max(seen, generation)
        return nil
    }

    /// A record that is known just so was seen by a full walk.
    package mutating func confirm(_ record: DeliveredRecord, knownAs known: DeliveredRecord, of stream: StreamID) {
        // A key's text that was missing, or another cursor value, is worth a row.
        let isComplete = known.cursor == record.cursor && (known.keyText != nil || record.keyText == nil)
        guard isComplete, pending[stream]?[record.key] == nil else { return remember(record, of: stream) }
        pending[stream, default: [:]][record.key] = .seen(by: record.generation)
    }

    package mutating func remember(_ record: DeliveredRecord, of stream: StreamID) {
        if mode == .ties, stream == self.stream {
            ties[record.key] = Tie(content: record.content, cursor: record.cursor, page: page, isStored: false)
            freshTies += 1
        } else {
            pending[stream, default: [:]][record.key] = .remember(record)
        }
    }

    /// `time` is when the source lost it, in nanoseconds; nil where the cursor is no time.
    package mutating func forget(_ key: Hash128, of stream: StreamID, at time: Int64?) {
        pending[stream, default: [:]][key] = .forget(at: time)
    }

    /// What a record is against the memory.
    package enum Sight: Sendable, Equatable {
        case new
        case changed(from: Hash128)
        case known
        /// The key stands for several records. `isNew`: not yet for this one.
        case oneOfSeveral(isNew: Bool)
    }

    /// What the record is, in tie mode; remembers it. The hot path of large lists.
    package mutating func takeTie(_ key: Hash128, content: Hash128, cursor: Int64) -> Sight {
        guard let index = ties.index(forKey: key) else {
            ties[key] = Tie(content: content, cursor: cursor, page: page, isStored: false)
            freshTies += 1
            return .new
        }
        let known = ties.values[index]
        ties.values[index].page = page
        guard known.content != content else { return .known }
        if known.content == .several || known.page == page {
            if known.content != .several { tieStandsForSeveral(key, besides: known.content, cursor: cursor) }
            let isNew = takeTie(key.variant(content), content: content, cursor: cursor) == .new
            return .oneOfSeveral(isNew: isNew)
        }
        ties.values[index] = Tie(content: content, cursor: cursor, page: page, isStored: false)
        return .changed(from: known.content)
    }

    private mutating func tieStandsForSeveral(_ key: Hash128, besides content: Hash128, cursor: Int64) {
        ties[key] = Tie(content: .several, cursor: cursor, page: page, isStored: false)
        ties[key.variant(content)] = Tie(content: content, cursor: cursor, page: page, isStored: false)
        freshTies += 2
    }

    /// Goes over from ties to every record: what is remembered so far stays so.
    package mutating func rememberAll() {
        guard mode == .ties else { return }
        mode = .all
        for (key, tie) in ties where !tie.isStored {
            let record = DeliveredRecord(key: key, content: tie.content, cursor: tie.cursor)
            pending[stream, default: [:]][key] = .remember(record)
        }
        ties = [:]
        freshTies = 0
    }

    package mutating func pageBegins() {
        page &+= 1
    }

    /// Drops ties that the range holds, now and then.
    package mutating func prune(_ range: Checkpoint.ForgetRange, isForced: Bool = false) {
        guard mode == .ties, isForced || ties.count > pruneAt else { return }
        let page = page
        ties = ties.filter { !range.holds($0.value.cursor) || $0.value.page == page }
        pruneAt = max(Self.pruneSize, ties.count * 2)
    }

    /// What the next checkpoint makes durable: changes since the one before, without ties that the range drops.
    package mutating func takeChanges(keeping range: Checkpoint.ForgetRange?) -> Changes {
        settled = settling
        settling = pending
        pending = [:]
        freshTies = 0
        var changes = Changes()
        for (stream, entries) in settling {
            for (key, change) in entries {
                switch change {
                case .remember(let record): changes.remember[stream, default: []].append(record)
                case .seen(let generation):
                    changes.seen[stream, default: [:]][generation, default: []].append(key)
                case .forget(let time):
                    changes.forget[stream, default: []].append(key)
                    guard let time else { continue }
                    let gone = EventVersion(key: key, version: time, isDeleted: true)
                    changes.gone[stream, default: []].append(gone)
                }
            }
        }
        if mode == .ties {
            let fresh = ties.filter { !$0.value.isStored && range?.holds($0.value.cursor) != true }
            for (key, tie) in fresh {
                changes.remember[stream, default: []].append(
                    DeliveredRecord(key: key, content: tie.content, cursor: tie.cursor)
                )
                ties[key]?.isStored = true
            }
        }
        return changes
    }

    package struct Changes: Sendable {
        package var remember: [StreamID: [DeliveredRecord]] = [:]
        package var forget: [StreamID: [Hash128]] = [:]
        package var seen: [StreamID: [Int64: [Hash128]]] = [:]
        /// Since when what is forgotten is gone.
        package var gone: [StreamID: [EventVersion]] = [:]
    }
}

extension Checkpoint.ForgetRange {
    package func holds(_ cursor: Int64) -> Bool { above < cursor && cursor < below }
}
