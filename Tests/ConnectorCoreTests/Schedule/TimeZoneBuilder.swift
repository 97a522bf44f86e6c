import ConnectorCore

/// Builds the bytes of a time zone file (RFC 8536), so that tests need none of the system's.
struct TimeZoneBuilder {
    var version: UInt8 = 0x32
    var transitions: [(time: Int64, type: UInt8)] = []
    var offsets: [Int32] = [3600]
    var footer: String? = ""
    var leapSeconds = 0

    var bytes: [UInt8] {
        guard version != 0 else { return block(timeSize: 4) }
        let empty = TimeZoneBuilder(version: version, offsets: [0])
        return empty.block(timeSize: 4) + block(timeSize: 8) + (footer.map { Array("\n\($0)\n".utf8) } ?? [])
    }

    private func block(timeSize: Int) -> [UInt8] {
        var bytes = Array("TZif".utf8) + [version] + Array(repeating: 0, count: 15)
        for count in [0, 0, leapSeconds, transitions.count, offsets.count, 4] { bytes += big(Int64(count), 4) }
        for transition in transitions { bytes += big(transition.time, timeSize) }
        bytes += transitions.map(\.type)
        for offset in offsets { bytes += big(Int64(offset), 4) + [0, 0] }
        bytes += Array("LMT\0".utf8)
        return bytes + Array(repeating: 0, count: leapSeconds * (timeSize + 4))
    }

    private func big(_ number: Int64, _ size: Int) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: number >> Int64($0 * 8)) }
    }

    /// Zones of the tests, by the rules that they have in 2026.
    static func zone(_ name: String) throws -> CalendarRule {
        let rules = [
            "Europe/Zurich": "CET-1CEST,M3.5.0,M10.5.0/3", "America/New_York": "EST5EDT,M3.2.0,M11.1.0",
            "Australia/Lord_Howe": "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "Asia/Tokyo": "JST-9",
            "America/Nuuk": "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "Europe/Dublin": "IST-1GMT0,M10.5.0,M3.5.0/1",
        ]
        let builder = TimeZoneBuilder(footer: rules[name])
        return try CalendarRule(name: name, tzif: builder.bytes)
    }
}
