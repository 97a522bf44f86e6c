/// Strings, numbers and literals. Each takes a position and returns the one behind the token, so that the loop's own
/// position can stay in a register.
extension PageScanner {
    /// A byte of ones in each lane.
    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    /// Marks the high bit of the bytes in a word that end or interrupt a run of plain string text: quote, backslash,
    /// control characters, and whatever is not ASCII. Exact up to and including the lowest mark.
    @inline(__always)
    private static func interruptions(_ word: UInt64) -> UInt64 {
        let quotes = (word ^ (ones &* UInt64(ASCII.quote))) &- ones
        let backslashes = (word ^ (ones &* UInt64(ASCII.backslash))) &- ones
        let controls = word &- (ones &* UInt64(ASCII.space))
        return (quotes | backslashes | controls | word) & highBits
    }

    /// Skips a string whose first character is at `start`. Clears `plain` when it has escapes.
    @inline(__always)
    static func skipString(_ bytes: PageBytes, from start: Int, plain: inout Bool) throws(Fault) -> Int {
        var position = start
        while true {
            let marks = interruptions(bytes.word(position))
            if marks == 0 {
                position += 8
                continue
            }
            position += marks.trailingZeroBitCount >> 3
            if bytes[position] == ASCII.quote { return position + 1 }
            if bytes[position] == ASCII.backslash { plain = false }
            position = try skipInterruption(bytes, at: position)
        }
    }

    /// Skips an escape or characters beyond ASCII.
    @inline(never)
    private static func skipInterruption(_ bytes: PageBytes, at position: Int) throws(Fault) -> Int {
        let byte = bytes[position]
        if byte >= 0x80 { return try skipUTF8(bytes, from: position) }
        guard byte == ASCII.backslash else { throw Fault(.controlCharacter, at: position) }
        switch bytes[position + 1] {
        case ASCII.quote, ASCII.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return position + 2
        case UInt8(ascii: "u"):
            for offset in 2..<6 where JSONText.hexDigit(bytes[position + offset]) == nil {
                throw Fault(.badUnicodeEscape, at: position + offset)
            }
            return position + 6
        default:
            throw Fault(.badEscape, at: position + 1)
        }
    }

    /// Skips a run of characters beyond ASCII: RFC 3629's table, so no overlong forms, surrogates or values too large.
    @inline(__always)
    private static func skipUTF8(_ bytes: PageBytes, from start: Int) throws(Fault) -> Int {
        var position = start
        while bytes[position] >= 0x80 {
            let length = lengthOfUTF8(bytes.halfWord(position))
            guard length > 0 else { throw Fault(.badUTF8, at: position) }
            position += length
        }
        return position
    }

    /// The length of the character in the low bytes; 0 when it is none.
    @inline(__always)
    private static func lengthOfUTF8(_ word: UInt32) -> Int {
        if word & 0xC0E0 == 0x80C0 { return word & 0x1E != 0 ? 2 : 0 }
        if word & 0xC0_C0F0 == 0x80_80E0 {
            let significant = word & 0x200F
            return significant != 0 && significant != 0x200D ? 3 : 0
        }
        if word & 0xC0C0_C0F8 == 0x8080_80F0 {
            let value = (word & 0x07) << 2 | (word >> 12) & 0x03
            return value >= 1 && value <= 0x10 ? 4 : 0
        }
        return 0
    }

    @inline(__always)
    static func skipNumber(_ bytes: PageBytes, from start: Int) throws(Fault) -> Int {
        var position = start
        if bytes[position] == ASCII.minus { position += 1 }
        if bytes[position] == ASCII.zero {
            position += 1
            if isDigit(bytes[position]) { throw Fault(.leadingZero, at: position) }
        } else {
            position = try skipDigits(bytes, from: position)
        }
        if bytes[position] == ASCII.period { position = try skipDigits(bytes, from: position + 1) }
        if bytes[position] | 0x20 == UInt8(ascii: "e") { position = try skipExponent(bytes, from: position + 1) }
        return position
    }

    @inline(never)
    private static func skipExponent(_ bytes: PageBytes, from start: Int) throws(Fault) -> Int {
        let signed = bytes[start] == ASCII.minus || bytes[start] == ASCII.plus
        return try skipDigits(bytes, from: signed ? start + 1 : start)
    }

    /// Skips one digit or more.
    @inline(__always)
    private static func skipDigits(_ bytes: PageBytes, from start: Int) throws(Fault) -> Int {
        var position = start
        while true {
            // A digit xor 0x30 is below 10; adding 0x76 sets the high bit of what is not.
            let distance = bytes.word(position) ^ (ones &* UInt64(ASCII.zero))
            let marks = ((distance & ~highBits) &+ (ones &* 0x76) | distance) & highBits
            position += marks.trailingZeroBitCount >> 3
            if marks != 0 { break }
        }
        guard position > start else { throw Fault(.badNumber, at: position) }
        return position
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- ASCII.zero < 10 }

    /// Skips `true`, `false` or `null`.
    @inline(__always)
    static func skipLiteral(_ bytes: PageBytes, from start: Int) throws(Fault) -> Int {
        switch bytes.halfWord(start) {
        case 0x6C6C_756E, 0x6575_7274: return start + 4
        case 0x736C_6166 where bytes[start + 4] == UInt8(ascii: "e"): return start + 5
        default: throw Fault(literalFault(bytes[start]), at: start)
        }
    }

    @inline(never)
    private static func literalFault(_ first: UInt8) -> Fault.Reason {
        let isLetter = first | 0x20 >= UInt8(ascii: "a") && first | 0x20 <= UInt8(ascii: "z")
        return isLetter ? .badLiteral : .expectedValue
    }
}
