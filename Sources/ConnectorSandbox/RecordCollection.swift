import ConnectorCore

/// A record as an API page carries it.
struct Record: Sendable, Equatable {
    var id: String
    /// Counts creations: breaks ties of time, and is the order by id.
    var rank: Int
    /// `created` of a payment record, `modified` of an ERP record.
    var time: Instant
    /// Compact JSON.
    var bytes: [UInt8]

    var json: SandboxJSON {
        // Our own text.
        (try? SandboxJSONParser.parse(bytes)) ?? .null
    }
}

/// Records by id, in two orders kept at all times: (time, rank) and rank. A page is a binary search and a slice.
struct RecordCollection: Sendable {
    struct Key: Sendable, Comparable {
        var time: Instant
        var rank: Int

        static func < (left: Key, right: Key) -> Bool {
            (left.time, left.rank) < (right.time, right.rank)
        }
    }

    let name: String
    private(set) var byTime: [Key] = []
    private(set) var byRank: [Int] = []
    private(set) var nextRank = 1
    /// What was deleted and when, oldest first: for delta links and `deleted: true` answers.
    private(set) var deleted: [(id: String, at: Instant)] = []
    private var records: [Int: Record] = [:]
    private var ranks: [String: Int] = [:]

    init(name: String) {
        self.name = name
    }

    var count: Int { byTime.count }

    subscript(id: String) -> Record? {
        ranks[id].flatMap { records[$0] }
    }

    func record(rank: Int) -> Record? {
        records[rank]
    }

    func wasDeleted(_ id: String) -> Bool {
        deleted.contains { $0.id == id }
    }

    mutating func takeRank() -> Int {
        defer { nextRank += 1 }
        return nextRank
    }

    /// Adds the record, or replaces the one with its id.
    mutating func put(_ record: Record) {
        if let old = self[record.id] { remove(old) }
        records[record.rank] = record
        ranks[record.id] = record.rank
        let key = Key(time: record.time, rank: record.rank)
        byTime.insert(key, at: firstIndex(notBefore: key))
        byRank.insert(record.rank, at: Self.firstIndex(in: byRank) { $0 >= record.rank })
        nextRank = max(nextRank, record.rank + 1)
    }

    mutating func delete(_ id: String, at now: Instant) -> Record? {
        guard let record = self[id] else { return nil }
        remove(record)
        deleted.append((id, now))
        return record
    }

    private mutating func remove(_ record: Record) {
        records[record.rank] = nil
        ranks[record.id] = nil
        byTime.remove(at: firstIndex(notBefore: Key(time: record.time, rank: record.rank)))
        byRank.remove(at: Self.firstIndex(in: byRank) { $0 >= record.rank })
    }

    func firstIndex(notBefore key: Key) -> Int {
        Self.firstIndex(in: byTime) { $0 >= key }
    }

    /// The part of `byTime` in [lower, upper).
    func range(from lower: Instant?, to upper: Instant?) -> Range<Int> {
        let start = lower.map { firstIndex(notBefore: Key(time: $0, rank: .min)) } ?? 0
        let end = upper.map { firstIndex(notBefore: Key(time: $0, rank: .min)) } ?? byTime.count
        return start..<max(start, end)
    }

    /// The first place where the condition holds; it holds from there on.
    static func firstIndex<Element>(in sorted: [Element], where holds: (Element) -> Bool) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(sorted[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
