import ConnectorCore

/// A record as the source has it.
struct SourceRecord: Equatable {
    var id: Int
    /// Every change gives a record a content that no record ever had.
    var content: Int
    /// What the cursor field shows, in the cursor's unit.
    var stamp: Int64
}

/// An entry of the source's event log: the record as the change left it.
struct SourceEvent: Equatable {
    var number: Int
    var stamp: Int64
    var record: SourceRecord
    var isDelete: Bool
}

/// A system that changes while it is read.
struct SimulatedSource {
    private(set) var records: [Int: SourceRecord] = [:]
    private(set) var events: [SourceEvent] = []
    /// Records that are gone: what a sink may still have where nothing tells of it.
    private(set) var deleted: Set<Int> = []
    /// The highest cursor value that any record ever had, the far future aside.
    private(set) var highestStamp: Int64 = .min
    private var contents = 0
    private var lastStamp: Int64 = 0
    private var hasFarFuture = false

    /// Makes one change, at `now` of the source's clock.
    mutating func change(_ traits: SourceTraits, now: Int64, with chance: inout Chance) -> String {
        switch chance.pick(records.isEmpty ? [.insert] : traits.changes) {
        case .insert:
            return insert(stamp(traits, now), with: &chance)
        case .ties:
            let stamp = stamp(traits, now)
            return (1...chance.number(2...traits.tieCount)).map { _ in insert(stamp, with: &chance) }.joined(
                separator: ", "
            )
        case .late:
            return insert(lateStamp(traits, now, with: &chance), eventStamp: stamp(traits, now), with: &chance)
        case .farFuture:
            guard !hasFarFuture else { return "nothing" }
            hasFarFuture = true
            return insert(now + 70 * 365 * 86_400 * SourceTraits.second, isFarFuture: true, with: &chance)
        case .update:
            return update(anyID(&chance), stamp: stamp(traits, now))
        case .lateUpdate:
            let late = lateStamp(traits, now, with: &chance)
            return update(anyID(&chance), stamp: late, eventStamp: stamp(traits, now))
        case .silentUpdate:
            return update(anyID(&chance), stamp: nil, eventStamp: stamp(traits, now))
        case .delete:
            return delete(anyID(&chance), stamp: stamp(traits, now))
        }
    }

    private func anyID(_ chance: inout Chance) -> Int { chance.pick(records.keys.sorted()) }

    private mutating func stamp(_ traits: SourceTraits, _ now: Int64) -> Int64 {
        guard traits.isTime else {
            lastStamp += 1
            return lastStamp
        }
        return now.flooredQuotient(by: traits.tick) * traits.tick
    }

    /// A transaction that began a while ago and is seen only now.
    private mutating func lateStamp(_ traits: SourceTraits, _ now: Int64, with chance: inout Chance) -> Int64 {
        let newest = stamp(traits, now)
        guard traits.lookback > 0 else { return newest }
        let ticks = Int(traits.lookback / traits.tick)
        return max(newest - Int64(chance.number(0...ticks)) * traits.tick, 0)
    }

    private mutating func insert(
        _ stamp: Int64,
        eventStamp: Int64? = nil,
        isFarFuture: Bool = false,
        with chance: inout Chance
    ) -> String {
        var id = chance.number(1...9_999)
        while records[id] != nil || deleted.contains(id) { id += 1 }
        contents += 1
        let record = SourceRecord(id: id, content: contents, stamp: stamp)
        if !isFarFuture { highestStamp = max(highestStamp, stamp) }
        records[id] = record
        log(record, stamp: eventStamp ?? stamp)
        return "insert \(record)"
    }

    private mutating func update(_ id: Int, stamp: Int64?, eventStamp: Int64? = nil) -> String {
        guard var record = records[id] else { return "nothing" }
        contents += 1
        record.content = contents
        // A change never dates a record back.
        record.stamp = max(record.stamp, stamp ?? record.stamp)
        if let stamp { highestStamp = max(highestStamp, stamp) }
        records[id] = record
        log(record, stamp: eventStamp ?? stamp ?? record.stamp)
        return "update \(record)"
    }

    private mutating func delete(_ id: Int, stamp: Int64) -> String {
        guard let record = records.removeValue(forKey: id) else { return "nothing" }
        deleted.insert(id)
        log(record, stamp: stamp, isDelete: true)
        return "delete \(id)"
    }

    private mutating func log(_ record: SourceRecord, stamp: Int64, isDelete: Bool = false) {
        let event = SourceEvent(number: events.count + 1, stamp: stamp, record: record, isDelete: isDelete)
        events.append(event)
    }
}

/// How the source behaves and what it can do.
struct SourceTraits {
    static let second: Int64 = 1_000_000_000

    enum Change: Equatable {
        case insert
        /// Several records with one cursor value.
        case ties
        /// A record that shows an older time than that of its appearance.
        case late
        /// A record dated generations ahead.
        case farFuture
        case update
        case lateUpdate
        /// A change that leaves the cursor field as it was.
        case silentUpdate
        case delete
    }

    /// What becomes of a keyset position whose record is gone.
    enum LostAnchor: CaseIterable {
        case error
        case startsOver
        case keepsPlace
    }

    var changes: [Change] = [.insert]
    var isTime = true
    var tick: Int64 = SourceTraits.second
    /// How late a record may appear.
    var lookback: Int64 = 0
    var tieCount = 4
    /// Most records on a page, whatever is asked for.
    var pageSize = 3
    var lostAnchor = LostAnchor.error
    /// Positions in tokens and links are record counts, so they drift.
    var countsPositions = false
    /// A last page names a next one all the same.
    var promisesTooMuch = false
}
