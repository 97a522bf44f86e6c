/// Hashes a record whatever the order of its members: for servers that write the same record in another order after
/// each restart. Only the outermost members may change places; what they hold is compared byte for byte.
enum MemberHash {
    /// `range` is one compact JSON value that was checked before, as a `Page` has it.
    static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> Hash128 {
        guard bytes[range].first == ASCII.openingBrace, range.count > 2 else { return ContentHash.hash(bytes, range) }
        var sum = Hash128(high: 0, low: 0)
        var start = range.lowerBound + 1
        var depth = 0
        var index = start
        while index < range.upperBound {
            switch bytes[index] {
            case ASCII.quote: index = endOfString(bytes, from: index)
            case ASCII.openingBrace, ASCII.openingBracket: depth += 1
            case ASCII.closingBrace, ASCII.closingBracket:
                if depth == 0 { add(bytes, start..<index, to: &sum) }
                depth -= 1
            case ASCII.comma where depth == 0:
                add(bytes, start..<index, to: &sum)
                start = index + 1
            default: break
            }
            index += 1
        }
        return sum
    }

    /// Sums do not care for the order.
    private static func add(_ bytes: [UInt8], _ member: Range<Int>, to sum: inout Hash128) {
        let hash = ContentHash.hash(bytes, member)
        sum = Hash128(high: sum.high &+ hash.high, low: sum.low &+ hash.low)
    }

    /// The closing quote's place.
    private static func endOfString(_ bytes: [UInt8], from quote: Int) -> Int {
        var index = quote + 1
        while bytes[index] != ASCII.quote {
            index += bytes[index] == ASCII.backslash ? 2 : 1
        }
        return index
    }
}
