import ConnectorCore
import Testing

struct ContentHashTests {
    @Test func `a remembered key's text is its own, or rot shows`() {
        let key = ContentHash.hash(Array("\"ch_1\"".utf8))
        var record = DeliveredRecord(key: key, content: key, cursor: 0, keyText: "\"ch_1\"")
        #expect(record.namesItsKey)
        record.keyText = "\"ch_3\""
        #expect(!record.namesItsKey)
        record.keyText = nil
        #expect(record.namesItsKey)
    }

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) } }

    @Test func `a million structured keys have a million hashes, in each half`() {
        var high: Set<UInt64> = []
        var low: Set<UInt64> = []
        var key = Array("ch_000000".utf8)
        for number in 0..<1_000_000 {
            var rest = number
            for place in (3..<9).reversed() {
                key[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            let hash = ContentHash.hash(key)
            high.insert(hash.high)
            low.insert(hash.low)
        }
        #expect(high.count == 1_000_000)
        #expect(low.count == 1_000_000)
    }

    @Test(arguments: [1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100])
    func `each bit of the input flips about half of the result`(count: Int) {
        let original = bytes(count)
        let hash = ContentHash.hash(original)
        var flips = 0
        for bit in 0..<count * 8 {
            var changed = original
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let other = ContentHash.hash(changed)
            let flipped = (hash.high ^ other.high).nonzeroBitCount + (hash.low ^ other.low).nonzeroBitCount
            // Six standard deviations around 64.
            #expect(abs(flipped - 64) <= 34, "bit \(bit)")
            flips += flipped
        }
        #expect(abs(Double(flips) / Double(count * 8) - 64) < 8)
    }

    @Test func `each bit of the result flips about as often as not`() {
        var counts = [Int](repeating: 0, count: 128)
        let samples = 2_000
        for sample in 0..<samples {
            let key = Array("cus_\(sample)".utf8)
            var changed = key
            changed[4] ^= 1
            let (hash, other) = (ContentHash.hash(key), ContentHash.hash(changed))
            for bit in 0..<64 {
                counts[bit] += Int((hash.high ^ other.high) >> UInt64(bit) & 1)
                counts[64 + bit] += Int((hash.low ^ other.low) >> UInt64(bit) & 1)
            }
        }
        for (bit, count) in counts.enumerated() { #expect(abs(count - samples / 2) < 140, "bit \(bit)") }
    }

    @Test func `runs of zeros of any length differ`() {
        let hashes = Set((0..<1_000).map { ContentHash.hash([UInt8](repeating: 0, count: $0)) })
        #expect(hashes.count == 1_000)
    }

    @Test func `one and two flipped bits in a record never meet`() {
        var record = bytes(60)
        var hashes: Set<Hash128> = [ContentHash.hash(record)]
        for first in 0..<480 {
            record[first / 8] ^= 1 << UInt8(first % 8)
            hashes.insert(ContentHash.hash(record))
            for second in stride(from: first + 1, to: 480, by: 3) {
                record[second / 8] ^= 1 << UInt8(second % 8)
                hashes.insert(ContentHash.hash(record))
                record[second / 8] ^= 1 << UInt8(second % 8)
            }
            record[first / 8] ^= 1 << UInt8(first % 8)
        }
        let pairs = (0..<480).reduce(0) { $0 + stride(from: $1 + 1, to: 480, by: 3).underestimatedCount }
        #expect(hashes.count > pairs)
        #expect(
            hashes.count == 1 + 480 + (0..<480).reduce(0) { $0 + Array(stride(from: $1 + 1, to: 480, by: 3)).count }
        )
    }

    @Test func `swapped blocks differ`() {
        let (a, b) = (bytes(16), Array(bytes(48).suffix(16)))
        let orders = [a + b + a, b + a + a, a + a + b, a + b + b, b + b + a, b + a + b]
        #expect(Set(orders.map(ContentHash.hash)).count == orders.count)
    }

    @Test func `only the range counts, not where it stands`() {
        let text = bytes(70)
        for start in 0..<20 {
            let page = bytes(start) + text + [1, 2, 3]
            #expect(ContentHash.hash(page, start..<start + 70) == ContentHash.hash(text))
        }
    }

    /// Hashes are stored: these values may never change.
    @Test(arguments: [
        (0, Hash128(high: 0xF2A8_F221_0583_E9B2, low: 0x1905_6A7D_EDC5_8138)),
        (1, Hash128(high: 0xAD72_B562_D6F1_53DD, low: 0x74E8_CD90_9C23_4B60)),
        (8, Hash128(high: 0xBB9A_1C4C_1AC9_E3FE, low: 0xCAB9_DF49_0A9C_ED78)),
        (15, Hash128(high: 0x14C9_FBAA_34DD_7720, low: 0xB751_BC9B_E594_FF22)),
        (16, Hash128(high: 0x31D9_EC0B_BF5E_E3D5, low: 0x99FF_C671_5AC9_3148)),
        (17, Hash128(high: 0x0F33_A889_FAF4_6EFF, low: 0x8064_0677_8A3D_920B)),
        (32, Hash128(high: 0x79BE_234C_D6D3_8B43, low: 0xC479_DE7B_7F24_5158)),
        (100, Hash128(high: 0x9261_EDAC_914B_A33B, low: 0xC486_333D_7DE1_4C74)),
        (2500, Hash128(high: 0x7266_C025_BF5D_A2A7, low: 0x8DE7_8770_928D_7065)),
    ])
    func `hashes are the same for ever`(count: Int, expected: Hash128) {
        #expect(ContentHash.hash(bytes(count)) == expected)
    }
}
