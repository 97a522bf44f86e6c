/// What tells that packed records lie in the file as they were written: a bit that has changed on the disk, or in memory
/// on its way there, would deliver a record twice or never, or call it deleted. Against chance, not against people: who
/// may write the file may write this.
enum PackCheck {
    static let size = 8

    /// Of all bytes before the check itself.
    static func sum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var sum = UInt64(bytes.count) ^ 0x9E37_79B9_7F4A_7C15
        var place = 0
        while place + 8 <= bytes.count {
            let word = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            sum = mixed(sum, word)
            place += 8
        }
        var rest: UInt64 = 0
        while place < bytes.count {
            rest = unsafe rest << 8 | UInt64(bytes[place])
            place += 1
        }
        return mixed(sum, rest)
    }

    /// Each step can be undone where the word is known, so that one changed word always changes the sum.
    private static func mixed(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let product = (sum ^ word) &* 0xD6E8_FEB8_6659_FD93
        return product ^ product >> 32
    }
}
