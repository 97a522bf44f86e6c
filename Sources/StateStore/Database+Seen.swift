import ConnectorCore

/// Which records full walks saw, where so many were unchanged that writing a number into each row would cost as much as
/// writing the rows: lists of keys, by the walk's number and the keys' first bits.
///
/// Invariants:
///  1. The last walk that saw a record is the highest of its row's number and those of the lists that have its key.
///  2. Lists older than the last complete walk are folded into the rows, as far as no later list has the key: what is
///     left of them are the few records that went missing.
extension Database {
    /// Fewer keys than this are written into their rows at once: a run over the lookback's few.
    static let leastListed = 4_000
    /// So that a list of ten million is worked through in pieces of 2.5 MB.
    private static let bucketBits: UInt64 = 6
    private static let buckets: UInt64 = 1 << bucketBits

    /// Part of the caller's transaction.
    func markSeen(_ keys: [Hash128], by generation: Int64, _ row: Int64) throws(SQLiteError) {
        let keys = keys.sorted()
        guard keys.count >= Self.leastListed else {
            return try raise(keys, to: generation, row)
        }
        var rest = keys[...]
        while let first = rest.first {
            let bucket = Self.bucket(first)
            let end = rest.firstIndex { Self.bucket($0) != bucket } ?? rest.endIndex
            let bytes = Self.bytes(rest[..<end])
            try connection.statement(.addSeen)
                .run(
                    .integer(row),
                    .integer(Int64(bucket)),
                    .integer(generation),
                    .bytes(bytes),
                    .integer(RowCheck.of(seen: bytes, by: generation, bucket: bucket, row))
                )
            rest = rest[end...]
        }
    }

    /// A full walk is complete. Part of the caller's transaction.
    func foldSeen(before generation: Int64, _ row: Int64) throws(SQLiteError) {
        let older = try connection.statement(.seenGenerations)
            .rows(.integer(row), .integer(generation)) { row in row.integer(0) }
        guard !older.isEmpty else { return }
        for bucket in 0..<Self.buckets {
            var later = try seen(row, bucket, from: generation, to: .max)
            for walk in older {
                let missing = Self.subtract(later, from: try seen(row, bucket, from: walk, to: walk))
                try raise(missing, to: walk, row)
                later = (later + missing).sorted()
            }
        }
        try connection.statement(.dropSeen).run(.integer(row), .integer(generation))
    }

    private func raise(_ keys: [Hash128], to generation: Int64, _ row: Int64) throws(SQLiteError) {
        var raised: [DeliveredRecord] = []
        let places = keys.enumerated().map { KeyPlace(key: $1, index: $0) }
        try find(places, row) { _, view, place in
            guard view.generation(place) < generation else { return }
            var record = view.record(place)
            record.generation = generation
            raised.append(record)
        }
        try put(PackedRecords(raised), row)
    }

    func forgetSeen(_ row: Int64) throws(SQLiteError) {
        try connection.statement(.dropSeen).run(.integer(row), .integer(.max))
    }

    /// By ascending key, from `first` on; `isWanted` is asked before each. Only records with a key's text.
    func forEachUnseen(
        _ row: Int64,
        since generation: Int64,
        from first: Hash128,
        while isWanted: () -> Bool,
        _ body: (PackedRecords.View, Int) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        for bucket in Self.bucket(first)..<Self.buckets where isWanted() {
            let range = Self.keys(of: bucket)
            let seen = try seen(row, bucket, from: generation, to: .max)
            var next = seen.startIndex
            try forEachRecord(row, from: max(first, range.lowerBound), to: range.upperBound, while: isWanted) {
                view,
                index throws(SQLiteError) in
                guard view.generation(index) < generation, view.hasText(index) else { return }
                let key = view.key(index)
                while next < seen.endIndex, seen[next] < key { next += 1 }
                guard next == seen.endIndex || seen[next] != key else { return }
                try body(view, index)
            }
        }
    }

    /// Throws where a list is not as it was written.
    func checkSeen(_ row: Int64) throws(SQLiteError) {
        for bucket in 0..<Self.buckets { _ = try seen(row, bucket, from: .min, to: .max) }
    }

    /// Sorted; a key may come twice.
    private func seen(
        _ row: Int64,
        _ bucket: UInt64,
        from first: Int64,
        to last: Int64
    ) throws(SQLiteError) -> [Hash128] {
        let lists = try connection.statement(.seenKeys)
            .rows(.integer(row), .integer(Int64(bucket)), .integer(first), .integer(last)) {
                found throws(SQLiteError) in
                let check = RowCheck.of(seen: found.bytes(0), by: found.integer(1), bucket: bucket, row)
                guard found.integer(2) == check else {
                    throw SQLiteError.damaged("what a walk saw is not as it was written", during: "\(SQL.seenKeys)")
                }
                return found.hashes(0)
            }
        return lists.count == 1 ? lists[0] : lists.flatMap { $0 }.sorted()
    }

    /// Of two sorted lists.
    private static func subtract(_ known: [Hash128], from keys: [Hash128]) -> [Hash128] {
        var next = known.startIndex
        return keys.filter { key in
            while next < known.endIndex, known[next] < key { next += 1 }
            return next == known.endIndex || known[next] != key
        }
    }

    private static func bucket(_ key: Hash128) -> UInt64 { key.high >> (64 - bucketBits) }

    private static func keys(of bucket: UInt64) -> ClosedRange<Hash128> {
        let first = bucket << (64 - bucketBits)
        return Hash128(high: first, low: 0)...Hash128(high: first | (.max >> bucketBits), low: .max)
    }

    private static func bytes(_ keys: ArraySlice<Hash128>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(keys.count * 16)
        for key in keys {
            unsafe withUnsafeBytes(of: (key.high.bigEndian, key.low.bigEndian)) { unsafe bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}
