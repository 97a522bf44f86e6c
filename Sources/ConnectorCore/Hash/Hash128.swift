/// 128 bits that stand for a key or for a record's content. Not cryptographic: it tells apart, it does not protect.
/// Stable for ever, since it is stored.
package struct Hash128: Hashable, Sendable, Comparable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A hash is already spread evenly: to hash it again with the standard library's keyed hash would cost more than
    /// everything else that is done with a record's key. (Keys come from the source, who could only slow itself down.)
    package func _rawHashValue(seed: Int) -> Int {
        Int(truncatingIfNeeded: low) ^ seed
    }

    package static func < (left: Hash128, right: Hash128) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
