import ConnectorCore

/// Records that a row remembers just so: what spares a list that stands still the look-up of every record. Kept for as
/// long as a run reads, and of as many records as there is room for: the others are looked up.
///
/// An entry is 16 bytes: a hash over all that a reading compares, and in its last bits which generation the record has.
/// Of one key, different contents have different entries; those of two keys are the same once in 2^124.
/// What changes meanwhile is left out (`touch`): an entry that has become wrong is never asked for.
struct StandingRecords {
    /// 8 MB, for 458,000 records.
    private static let mostSlots = 1 << 19
    private static let firstSlots = 1 << 12
    /// Beyond so many changes nothing stands still.
    private static let mostTouched = 100_000
    private static let generationBits: UInt64 = 15

    private var slots = firstSlots
    /// Two a slot; an empty one has zeros.
    private var words = [UInt64](repeating: 0, count: firstSlots * 2)
    private var count = 0
    /// At most 15: records of further ones are looked up.
    private var generations: [Int64] = []
    private var touched: Set<Hash128> = []

    mutating func insert(_ key: Hash128, _ record: KnownRecord) {
        if count >= slots / 8 * 7 {
            guard slots < Self.mostSlots else { return }
            grow()
        }
        guard let generation = number(of: record.generation) else { return }
        put(Self.entry(key, record), generation)
    }

    var isFull: Bool { slots == Self.mostSlots && count >= slots / 8 * 7 }

    /// False once there are too many.
    mutating func touch(_ key: Hash128) -> Bool {
        touched.insert(key)
        return touched.count <= Self.mostTouched
    }

    /// The generation of the record that is remembered just so; nil where it has to be looked up.
    func generation(_ key: Hash128, _ record: KnownRecord) -> Int64? {
        let entry = Self.entry(key, record)
        var slot = place(entry.high)
        while words[2 * slot] != 0 || words[2 * slot + 1] != 0 {
            if words[2 * slot] == entry.high, words[2 * slot + 1] & ~Self.generationBits == entry.low {
                guard touched.isEmpty || !touched.contains(key) else { return nil }
                return generations[Int(words[2 * slot + 1] & Self.generationBits)]
            }
            slot = slot + 1 == slots ? 0 : slot + 1
        }
        return nil
    }

    private mutating func number(of generation: Int64) -> UInt64? {
        if let known = generations.lastIndex(of: generation) { return UInt64(known) }
        guard generations.count < Self.generationBits else { return nil }
        generations.append(generation)
        return UInt64(generations.count - 1)
    }

    private mutating func put(_ entry: (high: UInt64, low: UInt64), _ generation: UInt64) {
        guard entry.high != 0 || entry.low != 0 else { return }
        var slot = place(entry.high)
        while words[2 * slot] != 0 || words[2 * slot + 1] != 0 { slot = slot + 1 == slots ? 0 : slot + 1 }
        words[2 * slot] = entry.high
        words[2 * slot + 1] = entry.low | generation
        count += 1
    }

    private mutating func grow() {
        let before = words
        slots *= 2
        words = [UInt64](repeating: 0, count: slots * 2)
        count = 0
        for index in stride(from: 0, to: before.count, by: 2) {
            let low = before[index + 1]
            put((before[index], low & ~Self.generationBits), low & Self.generationBits)
        }
    }

    private func place(_ high: UInt64) -> Int {
        Int(high.multipliedFullWidth(by: UInt64(slots)).high)
    }

    /// The factors are odd, so that nothing which tells two contents of a key apart is lost.
    private static func entry(_ key: Hash128, _ record: KnownRecord) -> (high: UInt64, low: UInt64) {
        let cursor = UInt64(bitPattern: record.cursor)
        let high = key.high &+ record.content.high &* 0x9E37_79B9_7F4A_7C15 &+ cursor &* 0xB7E1_5162_8AED_2A6B
        let low = key.low &+ record.content.low &* 0xBF58_476D_1CE4_E5B9 &+ cursor &* 0xD6E8_FEB8_6659_FD93
        return (high, (record.hasKeyText ? low : ~low) & ~generationBits)
    }
}
