import ConnectorCore

/// Remembered records behind one another, by ascending key, each key once: a row of the file holds many of them, since a
/// row for each would cost many times as much as what it says.
///
/// Layout, all numbers with their lowest byte first: the count (4 bytes, whose highest bit says that a check follows);
/// for each record its key (16), content (16), cursor (8), generation (8) and the end of its key's text among the texts
/// (4, whose highest bits say that it has none, and that the record is gone); the texts; half the hash of all of it (8),
/// since a bit that changes on the disk would deliver a record twice or never, or call it deleted. A record that is gone
/// hides what older packs say of its key.
struct PackedRecords {
    let bytes: [UInt8]

    static let headSize = 4
    static let entrySize = 52
    fileprivate static let checkSize = 8
    /// Of the count.
    fileprivate static let checked: UInt32 = 1 << 31
    /// Of the last four bytes of an entry.
    fileprivate static let noText: UInt32 = 1 << 31
    fileprivate static let gone: UInt32 = 1 << 30
    fileprivate static let textEnd: UInt32 = gone - 1

    /// Nothing.
    init() {
        bytes = [0, 0, 0, 0]
    }

    /// As they lie in the file.
    init(stored bytes: [UInt8], _ name: String) throws(SQLiteError) {
        self.bytes = bytes
        try unsafe bytes.withUnsafeBufferPointer { (bytes) throws(SQLiteError) in
            _ = try unsafe View(stored: UnsafeRawBufferPointer(bytes), name)
        }
    }

    /// Of equal keys the last wins.
    init(_ records: [DeliveredRecord]) {
        var texts = 0
        for index in records.indices { texts += records[index].keyText?.utf8.count ?? 0 }
        self.init(records.indices.map { KeyPlace(key: records[$0].key, index: $0) }, texts) { packer, index in
            packer.add(records[index])
        }
    }

    init(forgetting keys: [Hash128]) {
        self.init(keys.indices.map { KeyPlace(key: keys[$0], index: $0) }, 0) { packer, index in
            packer.addGone(keys[index])
        }
    }

    private init(_ places: [KeyPlace], _ texts: Int, _ add: (inout Packer, Int) -> Void) {
        var places = places
        places.sort { $0.isBefore($1) }
        var packer = Packer()
        packer.reserve(places.count, text: texts)
        for next in places.indices {
            guard next + 1 == places.endIndex || places[next + 1].key != places[next].key else { continue }
            add(&packer, places[next].index)
        }
        self = packer.finish()
    }

    fileprivate init(packed bytes: [UInt8]) {
        self.bytes = bytes
    }

    var count: Int { view { $0.count } }

    /// Valid only within `body`.
    func view<Result, Failure: Error>(_ body: (View) throws(Failure) -> Result) throws(Failure) -> Result {
        try unsafe bytes.withUnsafeBufferPointer { (bytes) throws(Failure) in
            try unsafe body(View(UnsafeRawBufferPointer(bytes)))
        }
    }

    /// Both; of equal keys that of `newer` wins.
    static func merge(_ older: PackedRecords, _ newer: PackedRecords) -> PackedRecords {
        var packer = Packer()
        let text = older.bytes.count + newer.bytes.count - (older.count + newer.count) * entrySize
        packer.reserve(older.count + newer.count, text: text)
        older.view { old in
            newer.view { new in
                merge(old, new, new.range) { view, index in packer.copy(view, index) }
            }
        }
        return packer.finish()
    }

    /// Visits both in the order of keys; of equal keys only that of `newer`.
    static func merge<Failure: Error>(
        _ older: View,
        _ newer: View,
        _ range: Range<Int>,
        _ body: (View, Int) throws(Failure) -> Void
    ) throws(Failure) {
        var (old, new) = (0, range.lowerBound)
        while new < range.upperBound {
            let key = newer.key(new)
            while old < older.count, older.key(old).isBelow(key) {
                try body(older, old)
                old += 1
            }
            if old < older.count, older.key(old) == key { old += 1 }
            try body(newer, new)
            new += 1
        }
        while old < older.count {
            try body(older, old)
            old += 1
        }
    }
}

extension PackedRecords {
    /// A look at packed bytes that somebody else holds.
    @safe
    struct View {
        private let bytes: UnsafeRawBufferPointer
        let count: Int
        /// Those of versions before 1.1 bear no check.
        private let isChecked: Bool
        private let texts: Int

        /// Of bytes that were looked through before, or that we have just made.
        fileprivate init(_ bytes: UnsafeRawBufferPointer) {
            unsafe self.bytes = bytes
            let head = unsafe UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
            count = Int(head & ~checked)
            isChecked = head & checked != 0
            texts = headSize + count * entrySize
        }

        /// From the file: nothing in them may lead beyond their end.
        init(stored bytes: UnsafeRawBufferPointer, _ name: String) throws(SQLiteError) {
            let damage = SQLiteError.damaged("packed records whose sizes do not fit", during: name)
            guard bytes.count >= headSize else { throw damage }
            unsafe self.init(bytes)
            let size = bytes.count - (isChecked ? checkSize : 0)
            guard texts <= size else { throw damage }
            if isChecked {
                let body = unsafe Span<UInt8>(_unsafeBytes: bytes).extracting(first: size)
                let check = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: size, as: UInt64.self))
                guard ContentHash.hash(body).low == check else {
                    throw SQLiteError.damaged("packed records that are not as they were written", during: name)
                }
            }
            var end = 0
            for index in 0..<count {
                let next = textEnd(index)
                guard next >= end else { throw damage }
                end = next
            }
            guard texts + end == size else { throw damage }
        }

        var range: Range<Int> { 0..<count }
        var size: Int { unsafe bytes.count }

        func key(_ index: Int) -> Hash128 { hash(headSize + index * entrySize) }

        /// The first place whose key is not below.
        func place(of key: Hash128) -> Int {
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                if self.key(middle).isBelow(key) { low = middle + 1 } else { high = middle }
            }
            return low
        }

        func find(_ key: Hash128) -> Int? {
            let place = place(of: key)
            return place < count && self.key(place) == key ? place : nil
        }

        func cursor(_ index: Int) -> Int64 { Int64(bitPattern: word(headSize + index * entrySize + 32)) }
        func generation(_ index: Int) -> Int64 { Int64(bitPattern: word(headSize + index * entrySize + 40)) }
        func hasText(_ index: Int) -> Bool { mark(index) & noText == 0 }
        func isGone(_ index: Int) -> Bool { mark(index) & gone != 0 }

        /// Only of one that is not gone.
        func record(_ index: Int) -> DeliveredRecord {
            DeliveredRecord(
                key: key(index),
                content: hash(headSize + index * entrySize + 16),
                cursor: cursor(index),
                generation: generation(index),
                keyText: hasText(index) ? unsafe String(decoding: text(index), as: UTF8.self) : nil
            )
        }

        /// Only of one that is not gone.
        func known(_ index: Int) -> KnownRecord {
            KnownRecord(
                content: hash(headSize + index * entrySize + 16),
                cursor: cursor(index),
                generation: generation(index),
                hasKeyText: hasText(index)
            )
        }

        func sizeOfText(_ index: Int) -> Int { textEnd(index) - textStart(index) }

        fileprivate func text(_ index: Int) -> Slice<UnsafeRawBufferPointer> {
            unsafe bytes[texts + textStart(index)..<texts + textEnd(index)]
        }

        /// All but the mark.
        fileprivate func entry(_ index: Int) -> Slice<UnsafeRawBufferPointer> {
            let start = headSize + index * entrySize
            return unsafe bytes[start..<start + entrySize - 4]
        }

        fileprivate func flags(_ index: Int) -> UInt32 { mark(index) & ~PackedRecords.textEnd }

        private func textStart(_ index: Int) -> Int { index == 0 ? 0 : textEnd(index - 1) }
        private func textEnd(_ index: Int) -> Int { Int(mark(index) & PackedRecords.textEnd) }

        private func mark(_ index: Int) -> UInt32 {
            let start = headSize + (index + 1) * entrySize - 4
            return unsafe UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
        }

        private func hash(_ start: Int) -> Hash128 { Hash128(high: word(start), low: word(start + 8)) }

        private func word(_ start: Int) -> UInt64 {
            unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        }
    }

    /// Puts records behind one another. Their keys come in ascending order.
    struct Packer {
        private(set) var count = 0
        /// Behind room for the count.
        private var entries: [UInt8] = [0, 0, 0, 0]
        private var texts: [UInt8] = []
        private(set) var lastKey: Hash128?

        var size: Int { entries.count + texts.count }

        mutating func reserve(_ records: Int, text: Int = 0) {
            // The texts go behind the entries in the end.
            entries.reserveCapacity(headSize + records * entrySize + text + checkSize)
            texts.reserveCapacity(text)
        }

        mutating func add(_ record: DeliveredRecord) {
            append(record.key.high, record.key.low)
            append(record.content.high, record.content.low)
            append(UInt64(bitPattern: record.cursor), UInt64(bitPattern: record.generation))
            if let text = record.keyText { texts.append(contentsOf: text.utf8) }
            end(flags: record.keyText == nil ? noText : 0)
            lastKey = record.key
        }

        mutating func addGone(_ key: Hash128) {
            append(key.high, key.low)
            append(0, 0)
            append(0, 0)
            end(flags: gone | noText)
            lastKey = key
        }

        mutating func copy(_ view: View, _ index: Int) {
            unsafe entries.append(contentsOf: view.entry(index))
            if view.hasText(index) { unsafe texts.append(contentsOf: view.text(index)) }
            end(flags: view.flags(index))
            lastKey = view.key(index)
        }

        /// Begins anew.
        mutating func finish() -> PackedRecords {
            var bytes = entries
            entries = [0, 0, 0, 0]
            bytes.append(contentsOf: texts)
            texts.removeAll(keepingCapacity: true)
            let head = UInt32(count) | checked
            for index in 0..<headSize { bytes[index] = UInt8(truncatingIfNeeded: head >> (8 * index)) }
            let check = ContentHash.hash(bytes).low
            unsafe withUnsafeBytes(of: check.littleEndian) { unsafe bytes.append(contentsOf: $0) }
            (count, lastKey) = (0, nil)
            return PackedRecords(packed: bytes)
        }

        private mutating func end(flags: UInt32) {
            unsafe withUnsafeBytes(of: (UInt32(texts.count) | flags).littleEndian) {
                unsafe entries.append(contentsOf: $0)
            }
            count += 1
        }

        private mutating func append(_ first: UInt64, _ second: UInt64) {
            unsafe withUnsafeBytes(of: (first.littleEndian, second.littleEndian)) {
                unsafe entries.append(contentsOf: $0)
            }
        }
    }
}

/// A key, and where it stands among those that it was given with.
struct KeyPlace {
    var key: Hash128
    var index: Int

    func isBefore(_ other: KeyPlace) -> Bool {
        // Without the comparisons of another module, which are calls.
        if key.high != other.key.high { return key.high < other.key.high }
        return key.low != other.key.low ? key.low < other.key.low : index < other.index
    }
}

extension Hash128 {
    /// The same as `<`, where it has to be fast: across modules that is a call.
    func isBelow(_ other: Hash128) -> Bool {
        high < other.high || high == other.high && low < other.low
    }
}
