import ConnectorCore

/// The memory of records: leaves of packed records, each as large as one page of the file, and before them recent packs
/// as checkpoints brought them.
///
/// Hashes have no order that a source could keep to, so that writing a checkpoint's records to where they belong would
/// touch most pages of a large memory. A checkpoint is one more recent pack; many of them go into the leaves at once.
/// Invariants:
///  1. A key's leaf is the last one whose number is not above the key's own (`LeafWriter.number`).
///  2. What is known of a key is what the newest recent pack says of it, and where none does, what its leaf says.
///  3. Keys of two leaves differ in the bits that the numbers are made of; nothing in a leaf is gone.
extension Database {
    /// Of all rows together: 5 MB of memory, twice that while they are merged.
    private static let mostRecent = 64 << 10
    /// Of one row: how many pieces an opening reads.
    private static let mostPacks = 64
    /// What waits for the leaves, for as long as this process has the file open.
    struct Recent {
        /// Oldest first, each at least twice as large as the one behind it.
        fileprivate(set) var packs: [PackedRecords] = []
        fileprivate(set) var stored = 0

        var count: Int { packs.reduce(0) { $0 + $1.count } }

        fileprivate mutating func append(_ pack: PackedRecords) {
            packs.append(pack)
            stored += 1
            while packs.count > 1, packs[packs.count - 2].count < packs[packs.count - 1].count * 2 { mergeLast() }
        }

        private mutating func mergeLast() {
            let newer = packs.removeLast()
            packs.append(PackedRecords.merge(packs.removeLast(), newer))
        }

        /// All of them as one.
        fileprivate mutating func whole() -> PackedRecords {
            while packs.count > 1 { mergeLast() }
            return packs.first ?? PackedRecords()
        }
    }

    // MARK: Looking

    /// By ascending key, so that neighbours are found in one leaf; `body` gets each key's index. Part of the caller's
    /// transaction.
    func find(
        _ keys: [KeyPlace],
        _ row: Int64,
        _ body: (Int, PackedRecords.View, Int) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        var keys = keys
        keys.sort { $0.isBefore($1) }
        for pack in try recent(row).packs.reversed() {
            try pack.view { view throws(SQLiteError) in
                var rest: [KeyPlace] = []
                rest.reserveCapacity(keys.count)
                for key in keys {
                    guard let place = view.find(key.key) else {
                        rest.append(key)
                        continue
                    }
                    if !view.isGone(place) { try body(key.index, view, place) }
                }
                keys = rest
            }
        }
        try findInLeaves(keys, row, body)
    }

    private func findInLeaves(
        _ keys: [KeyPlace],
        _ row: Int64,
        _ body: (Int, PackedRecords.View, Int) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        let statement = try connection.statement(.leafAt)
        var next = 0
        while next < keys.count {
            let isThere: Void? = try statement.first(LeafWriter.number(row, keys[next].key)) {
                leaf throws(SQLiteError) in
                guard leaf.integer(0) >= LeafWriter.first(row) else {
                    next = keys.count
                    return
                }
                try leaf.packed(1) { view throws(SQLiteError) in
                    // Those behind its last key may be another leaf's, but for the one that led here.
                    repeat {
                        if let place = view.find(keys[next].key) { try body(keys[next].index, view, place) }
                        next += 1
                    } while next < keys.count && view.count > 0 && !view.key(view.count - 1).isBelow(keys[next].key)
                }
            }
            guard isThere != nil else { return }
        }
    }

    /// By ascending key, from `first` to `last`; `isWanted` is asked before each.
    func forEachRecord(
        _ row: Int64,
        from first: Hash128 = Hash128(high: 0, low: 0),
        to last: Hash128 = Hash128(high: .max, low: .max),
        while isWanted: () -> Bool = { true },
        _ body: (PackedRecords.View, Int) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        let recent = try wholeRecent(row)
        try recent.view { newer throws(SQLiteError) in
            var place = newer.place(of: first)
            /// Those of the recent ones that come before `key`; whether one of them hides the leaf's own.
            func passRecent(upTo key: Hash128) throws(SQLiteError) -> Bool {
                while place < newer.count, isWanted(), newer.key(place) <= key, newer.key(place) <= last {
                    if !newer.isGone(place) { try body(newer, place) }
                    place += 1
                    if newer.key(place - 1) == key { return true }
                }
                return false
            }
            let start = try connection.statement(.leafAt)
                .first(LeafWriter.number(row, first)) { leaf in leaf.integer(0) }
            let bounds: [Value] = [
                .integer(max(start ?? 0, LeafWriter.first(row))), .integer(LeafWriter.number(row, last)),
            ]
            try connection.statement(.leaves).each(bounds, while: isWanted) { leaf throws(SQLiteError) in
                try leaf.packed(1) { view throws(SQLiteError) in
                    var index = view.place(of: first)
                    while index < view.count, isWanted(), view.key(index) <= last {
                        if try !passRecent(upTo: view.key(index)), isWanted() { try body(view, index) }
                        index += 1
                    }
                }
            }
            _ = try passRecent(upTo: last)
        }
    }

    // MARK: Changing. All of it is part of the caller's transaction.

    func put(_ pack: PackedRecords, _ row: Int64) throws(SQLiteError) {
        guard pack.count > 0 else { return }
        // Read before it is added to.
        _ = try recent(row)
        try connection.statement(.addRecent).run(.integer(row), .bytes(pack.bytes))
        recents[row]?.append(pack)
        if recents[row]?.stored ?? 0 >= Self.mostPacks { try settleRecent(row) }
        while recents.values.reduce(0, { $0 + $1.count }) >= Self.mostRecent,
            let largest = recents.max(by: { $0.value.count < $1.value.count })
        {
            do throws(SQLiteError) {
                try settleRecent(largest.key)
            } catch {
                // What is damaged of another stream is told in that one's runs.
                if largest.key == row { throw error }
                return
            }
        }
    }

    /// Rewrites every record of a row: nil forgets it. What `isTouched` refuses stays.
    func rewrite(
        _ row: Int64,
        where isTouched: (PackedRecords.View, Int) -> Bool,
        _ rewritten: (DeliveredRecord) -> DeliveredRecord?
    ) throws(SQLiteError) {
        var isNeeded = false
        try forEachRecord(row, while: { !isNeeded }) { view, index in isNeeded = isTouched(view, index) }
        guard isNeeded else { return }
        try settleRecent(row)
        var number = LeafWriter.first(row)
        while let (leaf, pack) = try nextLeaf(from: number, row) {
            number = leaf + 1
            try pack.view { view throws(SQLiteError) in
                guard view.range.contains(where: { isTouched(view, $0) }) else { return }
                var writer = LeafWriter(connection, row, number: leaf, size: view.size)
                for index in view.range {
                    if !isTouched(view, index) {
                        try writer.copy(view, index)
                    } else if let record = rewritten(view.record(index)) {
                        try writer.add(record)
                    }
                }
                try writer.finish()
            }
        }
    }

    func forgetMemory(_ row: Int64) throws(SQLiteError) {
        try connection.statement(.dropLeaves).run(.integer(LeafWriter.first(row)), .integer(LeafWriter.first(row + 1)))
        try connection.statement(.dropRecent).run(.integer(row))
        recents[row] = Recent()
    }

    // MARK: Recent packs

    private func recent(_ row: Int64) throws(SQLiteError) -> Recent {
        if let known = recents[row] { return known }
        if version < Schema.ledgersVersion, recents.isEmpty { try LeafWriter.takeOverRows(connection) }
        var recent = Recent()
        let packs = try connection.statement(.recent).rows(.integer(row)) { row throws(SQLiteError) in
            try PackedRecords(stored: row.bytes(0), "\(SQL.recent)")
        }
        for pack in packs { recent.append(pack) }
        recents[row] = recent
        return recent
    }

    private func wholeRecent(_ row: Int64) throws(SQLiteError) -> PackedRecords {
        _ = try recent(row)
        return recents[row]?.whole() ?? PackedRecords()
    }

    private func settleRecent(_ row: Int64) throws(SQLiteError) {
        let recent = try wholeRecent(row)
        guard recent.count > 0 else { return }
        try recent.view { newer throws(SQLiteError) in
            var begin = 0
            while begin < newer.count { begin = try settle(newer, from: begin, row) }
        }
        try connection.statement(.dropRecent).run(.integer(row))
        recents[row] = Recent()
    }

    /// Those that belong into the leaf of the first of them; returns the place of the first that does not.
    private func settle(_ newer: PackedRecords.View, from begin: Int, _ row: Int64) throws(SQLiteError) -> Int {
        let wanted = LeafWriter.number(row, newer.key(begin))
        let found = try connection.statement(.leafAt).first(wanted) { leaf throws(SQLiteError) in
            (number: leaf.integer(0), pack: try PackedRecords(stored: leaf.bytes(1), "\(SQL.leafAt)"))
        }
        let own = found.flatMap { $0.number >= LeafWriter.first(row) ? $0 : nil }
        let (number, pack) = own ?? (LeafWriter.first(row), PackedRecords())
        let next = try connection.statement(.leafAfter).first(number) { leaf in leaf.integer(0) }
        let bound = min(next ?? .max, LeafWriter.first(row + 1))
        var end = begin + 1
        var size = newer.sizeOfText(begin) + PackedRecords.entrySize
        while end < newer.count, LeafWriter.number(row, newer.key(end)) < bound {
            size += newer.sizeOfText(end) + PackedRecords.entrySize
            end += 1
        }
        try pack.view { older throws(SQLiteError) in
            var writer = LeafWriter(connection, row, number: number, size: older.size + size)
            try PackedRecords.merge(older, newer, begin..<end) { view, index throws(SQLiteError) in
                if !view.isGone(index) { try writer.copy(view, index) }
            }
            try writer.finish()
        }
        return end
    }

    private func nextLeaf(from number: Int64, _ row: Int64) throws(SQLiteError) -> (Int64, PackedRecords)? {
        let last = LeafWriter.first(row + 1) - 1
        return try connection.statement(.leaf).first(.integer(number), .integer(last)) { leaf throws(SQLiteError) in
            (leaf.integer(0), try PackedRecords(stored: leaf.bytes(1), "\(SQL.leaf)"))
        }
    }

}
