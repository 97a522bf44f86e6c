/// The one form in which most APIs write times, read without detours: `2026-11-23T17:31:00Z` with or without a
/// fraction, UTC. Every other form is left to `ISO8601`; a page has a thousand times in it.
enum UTCText {
    /// Nil for any other form, and for what is no time at all.
    static func nanoseconds(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        guard range.count >= 20, range.count <= 30, bytes[range.upperBound - 1] == UInt8(ascii: "Z") else { return nil }
        let start = range.lowerBound
        guard bytes[start + 4] == UInt8(ascii: "-"), bytes[start + 7] == UInt8(ascii: "-"),
            bytes[start + 10] == UInt8(ascii: "T"), bytes[start + 13] == UInt8(ascii: ":"),
            bytes[start + 16] == UInt8(ascii: ":"),
            let century = pair(bytes, start), let years = pair(bytes, start + 2),
            let month = pair(bytes, start + 5), let day = pair(bytes, start + 8),
            let hour = pair(bytes, start + 11), let minute = pair(bytes, start + 14),
            let second = pair(bytes, start + 17)
        else { return nil }
        let year = century * 100 + years
        // Beyond these years nanoseconds overflow; beyond these fields the date does not exist.
        guard (1678...2261).contains(year), (1...12).contains(month), hour < 24, minute < 60, second < 60,
            day >= 1, day <= CivilTime.daysInMonth(month, year: year),
            let fraction = fraction(bytes, start + 19..<range.upperBound - 1)
        else { return nil }
        let days = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
        let seconds = Int64(days) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        return seconds * 1_000_000_000 + fraction
    }

    @inline(__always) private static func pair(_ bytes: [UInt8], _ place: Int) -> Int? {
        let (tens, ones) = (bytes[place] &- 0x30, bytes[place + 1] &- 0x30)
        return tens < 10 && ones < 10 ? Int(tens) * 10 + Int(ones) : nil
    }

    /// Nothing, or a point and one to nine digits, in nanoseconds.
    @inline(__always) private static func fraction(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        if range.isEmpty { return 0 }
        guard bytes[range.lowerBound] == UInt8(ascii: "."), range.count > 1 else { return nil }
        var value: Int64 = 0
        var unit: Int64 = 100_000_000
        for place in range.dropFirst() {
            let digit = bytes[place] &- 0x30
            guard digit < 10 else { return nil }
            value += Int64(digit) * unit
            unit /= 10
        }
        return value
    }
}
