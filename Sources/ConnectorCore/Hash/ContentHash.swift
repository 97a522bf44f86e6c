/// Hashes bytes to 128 bits: fast, the same on every machine and for ever, since state stores the results.
///
/// Two lanes each take in every byte. A step multiplies two 64-bit words to 128 bits and folds the halves; the lanes
/// swap the words' roles, so that the one input which makes a product vanish does so in one lane only.
/// Not cryptographic: who can choose the bytes can make two of them collide, and would only harm their own records.
package enum ContentHash {
    // Arbitrary odd numbers with no pattern in their bits: from the digits of pi and e.
    private static var pi: (UInt64, UInt64, UInt64) {
        (0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7345, 0xA409_3822_299F_31D1)
    }
    private static var e: (UInt64, UInt64) { (0xB7E1_5162_8AED_2A6B, 0xBF71_5880_9CF4_F3C7) }

    package static func hash(_ bytes: [UInt8]) -> Hash128 {
        hash(bytes, 0..<bytes.count)
    }

    package static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> Hash128 {
        hash(bytes.span.extracting(range))
    }

    package static func hash(_ text: Span<UInt8>) -> Hash128 {
        var lanes = Lanes(length: text.count)
        var rest = text
        while rest.count > 16 {
            lanes.take(rest)
            rest = rest.extracting(droppingFirst: 16)
        }
        if text.count >= 16 {
            // The last block may overlap the one before; the length tells the cases apart.
            lanes.take(text.extracting(last: 16))
        } else {
            lanes.takeShort(text)
        }
        return lanes.finish()
    }

    private struct Lanes {
        var a: UInt64
        var b: UInt64

        init(length: Int) {
            let length = UInt64(length)
            a = pi.0 &+ length &* e.0
            b = pi.1 ^ length &* e.1
        }

        @inline(__always)
        mutating func take(_ block: Span<UInt8>) {
            mix(ContentHash.word(block), ContentHash.word(block.extracting(8..<16)))
        }

        /// Fewer than 16 bytes, filled up with zeros.
        mutating func takeShort(_ text: Span<UInt8>) {
            var words: (UInt64, UInt64) = (0, 0)
            for index in text.indices.reversed() {
                words.1 = words.1 << 8 | words.0 >> 56
                words.0 = words.0 << 8 | UInt64(text[index])
            }
            mix(words.0, words.1)
        }

        @inline(__always)
        private mutating func mix(_ first: UInt64, _ second: UInt64) {
            let nextA = ContentHash.fold(first ^ pi.2, second ^ a)
            b = ContentHash.fold(second ^ e.0, first ^ b)
            a = nextA
        }

        /// Spreads the lanes over all bits. Each step can be undone, so nothing that told two inputs apart is lost.
        func finish() -> Hash128 {
            let high = ContentHash.spread(a &+ b)
            let low = ContentHash.spread(b ^ high)
            return Hash128(high: high, low: low)
        }
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    @inline(__always)
    private static func spread(_ value: UInt64) -> UInt64 {
        var value = (value ^ value >> 32) &* e.0
        value = (value ^ value >> 29) &* e.1
        return value ^ value >> 32
    }

    /// The first eight bytes, the first in the lowest bits. Compiles to one load.
    @inline(__always)
    private static func word(_ block: Span<UInt8>) -> UInt64 {
        let bytes = block.extracting(0..<8)
        let low = UInt32(bytes[0]) | UInt32(bytes[1]) << 8 | UInt32(bytes[2]) << 16 | UInt32(bytes[3]) << 24
        let high = UInt32(bytes[4]) | UInt32(bytes[5]) << 8 | UInt32(bytes[6]) << 16 | UInt32(bytes[7]) << 24
        return UInt64(low) | UInt64(high) << 32
    }
}
