import ConnectorCore

/// Which keys a row's memory surely does not have: what spares a first reading the look-up of every record. It knows
/// every key only of a memory that was empty when it began.
///
/// Bloom filters whose bits of one key lie within one cache line; when one is full, another of twice its size follows.
/// Keys are hashes already, so their own bits say where.
struct KeyFilter {
    /// Of every 100 unknown keys about one is looked up in vain.
    private static let bitsPerKey = 12
    private static let firstCapacity = 1 << 16
    /// 16 MB of bits: beyond so many keys looking up is the smaller price.
    static let mostKeys = 8 << 20

    private var layers: [Layer] = [Layer(capacity: firstCapacity)]
    private var count = 0

    private struct Layer {
        let capacity: Int
        let blocks: UInt64
        var count = 0
        var words: [UInt64]

        init(capacity: Int) {
            self.capacity = capacity
            blocks = UInt64(capacity * bitsPerKey / 512)
            words = [UInt64](repeating: 0, count: Int(blocks) * 8)
        }

        /// Four bits of the block that the key's high half chooses.
        private func places(_ key: Hash128) -> (first: Int, bits: (UInt64, UInt64, UInt64, UInt64)) {
            let block = Int(key.high.multipliedFullWidth(by: blocks).high) * 8
            let low = key.low
            return (block, (low & 511, low >> 9 & 511, low >> 18 & 511, low >> 27 & 511))
        }

        mutating func insert(_ key: Hash128) {
            let (first, bits) = places(key)
            func set(_ bit: UInt64) { words[first + Int(bit >> 6)] |= 1 << (bit & 63) }
            set(bits.0)
            set(bits.1)
            set(bits.2)
            set(bits.3)
            count += 1
        }

        func mayHold(_ key: Hash128) -> Bool {
            let (first, bits) = places(key)
            func isSet(_ bit: UInt64) -> Bool { words[first + Int(bit >> 6)] & 1 << (bit & 63) != 0 }
            return isSet(bits.0) && isSet(bits.1) && isSet(bits.2) && isSet(bits.3)
        }
    }

    /// False once there are too many to go on.
    mutating func insert(_ key: Hash128) -> Bool {
        let last = layers.count - 1
        if layers[last].count >= layers[last].capacity { layers.append(Layer(capacity: layers[last].capacity * 2)) }
        layers[layers.count - 1].insert(key)
        count += 1
        return count <= Self.mostKeys
    }

    func mayHold(_ key: Hash128) -> Bool {
        layers.contains { $0.mayHold(key) }
    }
}
