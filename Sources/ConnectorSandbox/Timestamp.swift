import ConnectorCore

/// Dates as the sandbox's APIs write them.
enum Timestamp {
    private struct Parts {
        var year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, weekday = 4
    }

    /// `2026-03-04T05:06:07.12Z`: trailing zeros of the fraction are left out, as several ERP systems do.
    static func iso8601(_ instant: Instant) -> String {
        let parts = parts(instant)
        let fraction = Int(instant.nanoseconds - instant.seconds * 1_000_000_000)
        var digits = padded(fraction, 9)
        while digits.hasSuffix("0") { digits.removeLast() }
        let date = "\(padded(parts.year, 4))-\(padded(parts.month))-\(padded(parts.day))"
        return "\(date)T\(time(parts))\(digits.isEmpty ? "" : "." + digits)Z"
    }

    /// RFC 9110 § 5.6.7.
    static func httpDate(_ instant: Instant) -> String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = parts(instant)
        let date = "\(padded(parts.day)) \(months[parts.month - 1]) \(padded(parts.year, 4))"
        return "\(days[parts.weekday]), \(date) \(time(parts)) GMT"
    }

    /// `2026-03-04`, `2026-03-04T05:06:07[.fraction]` with `Z`, an offset, or nothing (UTC). Nil for anything else.
    static func parse(_ text: String) -> Instant? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 10, let year = number(bytes, 0, 4), let month = number(bytes, 5, 2),
            let day = number(bytes, 8, 2), bytes[4] == 0x2D, bytes[7] == 0x2D, (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        let start = Instant(seconds: Int64(daysFromEpoch(year, month, day)) * 86400)
        if bytes.count == 10 { return start }
        guard bytes.count >= 19, let hour = number(bytes, 11, 2), let minute = number(bytes, 14, 2),
            let second = number(bytes, 17, 2)
        else { return nil }
        let base = start + .seconds(hour * 3600 + minute * 60 + second)
        var rest = bytes[19...]
        var nanoseconds: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count + 1)
            let nine = (String(decoding: digits, as: UTF8.self) + "000000000").prefix(9)
            nanoseconds = Int64(nine) ?? 0
        }
        guard let offset = offset(Array(rest)) else { return nil }
        return base + .nanoseconds(nanoseconds) - .seconds(offset)
    }

    private static func offset(_ bytes: [UInt8]) -> Int? {
        if bytes.isEmpty || bytes == [UInt8(ascii: "Z")] { return 0 }
        guard bytes.count == 6, let hours = number(bytes, 1, 2), let minutes = number(bytes, 4, 2) else { return nil }
        let sign = bytes[0] == UInt8(ascii: "-") ? -1 : 1
        return sign * (hours * 3600 + minutes * 60)
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int? {
        guard start + count <= bytes.count else { return nil }
        return Int(String(decoding: bytes[start..<(start + count)], as: UTF8.self))
    }

    private static func time(_ parts: Parts) -> String {
        "\(padded(parts.hour)):\(padded(parts.minute)):\(padded(parts.second))"
    }

    private static func padded(_ value: Int, _ width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Days of the proleptic Gregorian calendar, counted in years that begin in March.
    private static func daysFromEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func parts(_ instant: Instant) -> Parts {
        let days = Int(instant.seconds.flooredQuotient(by: 86400))
        let second = Int(instant.seconds) - days * 86400
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return Parts(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            weekday: ((days + 4) % 7 + 7) % 7
        )
    }
}
