/// What a run knows of records that the sink already has: the ties loaded from the state, or the answers of lookups,
/// and on top what this run delivered since.
///
/// A page's records are looked up while a checkpoint is under way, and what the page means may depend on the next one:
/// by the time it is judged that checkpoint may be done and another begun. So the entries of the last two checkpoints
/// stay visible while a page waits: a lookup that was answered before a commit is never believed over it.
package struct DeliveredMemory: Sendable {
    package private(set) var mode: SyncPlan.Memory
    private let stream: StreamID
    private var ties: [Hash128: Tie]
    private var pending = Entries()
    private var settling = Entries()
    private var settled = Entries()
    private var page: Int32 = 0
    /// The first page of the reading under way.
    private var readingPage: Int32 = 1
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

    fileprivate enum Change: Sendable {
        case remember(DeliveredRecord)
        /// Gone since about then, where that is known.
        case forget(at: Int64?)
    }

    /// Of one checkpoint. The run's own stream apart: it is asked for with every record.
    private struct Entries: Sendable {
        var own: [Hash128: Change] = [:]
        var others: [StreamID: [Hash128: Change]] = [:]
        /// Records of the own stream that are known just so, and the full walk that saw them.
        var seen: [Hash128: Int64] = [:]

        var count: Int { others.values.reduce(own.count + seen.count) { $0 + $1.count } }
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
    package var pendingCount: Int { freshTies + pending.count }
    /// Some of what came in this run is not known any more.
    package private(set) var hasPruned = false
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
        switch change(key, of: stream) {
        case .remember(let record): found = record
        case .forget: return nil
        case nil: break
        }
        if stream == self.stream, let generation = found?.generation { found?.generation = max(generation, seen(key)) }
        return found
    }

    private func change(_ key: Hash128, of stream: StreamID) -> Change? {
        if stream == self.stream { return ownChange(key) }
        return pending.others[stream]?[key] ?? settling.others[stream]?[key] ?? settled.others[stream]?[key]
    }

    /// The last full walk that saw the record without finding news, as far as the last checkpoints know.
    private func seen(_ key: Hash128) -> Int64 {
        max(pending.seen[key] ?? .min, settling.seen[key] ?? .min, settled.seen[key] ?? .min)
    }

    private func ownChange(_ key: Hash128) -> Change? { pending.own[key] ?? settling.own[key] ?? settled.own[key] }

    private mutating func note(_ change: consuming Change, _ key: Hash128, of stream: StreamID) {
        if stream == self.stream {
            pending.own[key] = change
        } else {
            pending.others[stream, default: [:]][key] = change
        }
    }

    /// A record of the run's own stream that is known was seen by a full walk.
    package mutating func confirm(_ record: DeliveredRecord, knownAs known: DeliveredRecord) {
        // A key's text that was missing, or another cursor value, is worth a row.
        let isComplete = known.cursor == record.cursor && (known.keyText != nil || record.keyText == nil)
        guard isComplete, pending.own[record.key] == nil else { return remember(record, of: stream) }
        pending.seen[record.key] = record.generation
    }

    /// The last full walk that saw the record, if the state remembers it just so and nothing newer is known: the way of
    /// every record of a list that stands still. Takes note that walk `generation` saw it.
    package mutating func unchanged(_ head: RecordHead, hasCursor: Bool, generation: Int64) -> Int64? {
        guard mode == .all, let stored = head.storedGeneration(withCursor: head.rowCursor(hasCursor)),
            ownChange(head.key) == nil
        else { return nil }
        let before = max(stored, seen(head.key))
        if before < generation { pending.seen[head.key] = generation }
        return before
    }

    package mutating func remember(_ record: consuming DeliveredRecord, of stream: StreamID) {
        if mode == .ties, stream == self.stream {
            ties[record.key] = Tie(content: record.content, cursor: record.cursor, page: page, isStored: false)
            freshTies += 1
        } else {
            let key = record.key
            note(.remember(record), key, of: stream)
        }
    }

    /// `time` is when the source lost it, in nanoseconds; nil where the cursor is no time.
    package mutating func forget(_ key: Hash128, of stream: StreamID, at time: Int64?) {
        note(.forget(at: time), key, of: stream)
    }

    /// What a record is against the memory.
    package enum Sight: Sendable, Equatable {
        case new
        /// `inReading`: this reading had shown the former content, and not just on the page before, whose end may be
        /// repeated.
        case changed(from: Hash128, inReading: Bool)
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
            if known.content != .several {
                tieStandsForSeveral(key, [known.content], cursor: cursor)
            } else if cursor > known.cursor {
                // It is needed as long as the newest of them.
                ties.values[index] = Tie(content: .several, cursor: cursor, page: page, isStored: false)
                freshTies += 1
            }
            let isNew = takeTie(key.variant(content), content: content, cursor: cursor) == .new
            return .oneOfSeveral(isNew: isNew)
        }
        ties.values[index] = Tie(content: content, cursor: cursor, page: page, isStored: false)
        return .changed(from: known.content, inReading: known.page >= readingPage && known.page + 1 < page)
    }

    /// From now on the key is looked up together with each content; these are known, and needed as long as the newest.
    package mutating func tieStandsForSeveral(_ key: Hash128, _ contents: Set<Hash128>, cursor: Int64) {
        let cursor = max(cursor, ties[key]?.cursor ?? .min)
        ties[key] = Tie(content: .several, cursor: cursor, page: page, isStored: false)
        for content in contents {
            ties[key.variant(content)] = Tie(content: content, cursor: cursor, page: page, isStored: false)
        }
        freshTies += 1 + contents.count
    }

    /// Goes over from ties to every record: what is remembered so far stays so.
    package mutating func rememberAll() {
        guard mode == .ties else { return }
        mode = .all
        // Those that the state has, too: the page at hand was not looked up there.
        for (key, tie) in ties {
            let record = DeliveredRecord(key: key, content: tie.content, cursor: tie.cursor)
            note(.remember(record), key, of: stream)
        }
        ties = [:]
        freshTies = 0
    }

    /// What comes from now on is of another reading of the list.
    package mutating func readingBegins() { readingPage = page &+ 1 }

    package mutating func pageBegins() {
        page &+= 1
    }

    /// Drops ties that the range holds, now and then.
    package mutating func prune(_ range: Checkpoint.ForgetRange, isForced: Bool = false) {
        guard mode == .ties, isForced || ties.count > pruneAt else { return }
        let page = page
        hasPruned = true
        ties = ties.filter { !range.holds($0.value.cursor) || $0.value.page == page }
        pruneAt = max(Self.pruneSize, ties.count * 2)
    }

    /// The last checkpoint is done, and no page waits that was looked up before: the state answers for itself.
    package mutating func forgetCommitted() {
        // What this walk has seen shows in the state only when the walk is over.
        (settling.own, settling.others) = ([:], [:])
        (settled.own, settled.others) = ([:], [:])
    }

    /// What the next checkpoint makes durable: changes since the one before, without ties that the range drops.
    package mutating func takeChanges(keeping range: Checkpoint.ForgetRange?) -> Changes {
        settled = settling
        settling = pending
        pending = Entries()
        // The next one will be as large, unless this one was of a huge page.
        pending.own.reserveCapacity(min(settling.own.count, Self.pruneSize))
        pending.seen.reserveCapacity(min(settling.seen.count, Self.pruneSize))
        freshTies = 0
        var changes = Changes()
        changes.add(settling.own, of: stream)
        var seen: [Int64: [Hash128]] = [:]
        for (key, generation) in settling.seen { seen[generation, default: []].append(key) }
        if !seen.isEmpty { changes.seen[stream] = seen }
        for (stream, entries) in settling.others { changes.add(entries, of: stream) }
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

        fileprivate mutating func add(_ entries: [Hash128: Change], of stream: StreamID) {
            var remembered: [DeliveredRecord] = []
            for (key, change) in entries {
                switch change {
                case .remember(let record): remembered.append(record)
                case .forget(let time):
                    forget[stream, default: []].append(key)
                    guard let time else { continue }
                    gone[stream, default: []].append(EventVersion(key: key, version: time, isDeleted: true))
                }
            }
            if !remembered.isEmpty { remember[stream] = remembered }
        }
    }
}

extension Checkpoint.ForgetRange {
    package func holds(_ cursor: Int64) -> Bool { above < cursor && cursor < below }
}
