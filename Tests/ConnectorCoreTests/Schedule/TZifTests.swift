import ConnectorCore
import Testing

struct TZifTests {
    private static let sample = TimeZoneBuilder(
        transitions: [(-3_000_000_000, 1), (0, 0), (1_700_000_000, 1)],
        offsets: [3600, 7200, -2048],
        footer: "CET-1CEST,M3.5.0,M10.5.0/3"
    )

    private static let mutations = 20_000

    /// Uses the zone as a schedule does.
    private func exercise(_ bytes: [UInt8]) {
        guard let zone = try? CalendarRule(name: "x", tzif: bytes) else { return }
        for seconds in [Int64.min, -3_000_000_001, 0, 1_800_000_000, .max] {
            let instant = Instant(seconds: seconds)
            _ = zone.resolve(zone.civilTime(at: instant))
        }
        _ = try? CronExpression("30 2 * * *").nextRun(after: Instant(seconds: 1_774_740_000), in: zone)
    }

    @Test func `every truncation is an error`() {
        let bytes = Self.sample.bytes
        for count in bytes.indices {
            #expect(throws: TZifError.self) { try CalendarRule(name: "x", tzif: bytes.prefix(count)) }
        }
    }

    @Test func `no changed bytes crash it`() {
        var generator = SeededGenerator(seed: 8536)
        for version in [UInt8(0), 0x32] {
            var builder = Self.sample
            builder.version = version
            let original = builder.bytes
            for _ in 0..<Self.mutations / 2 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let place = Int.random(in: bytes.indices, using: &generator)
                    bytes[place] = generator.next() & 1 == 0 ? UInt8.random(in: 0...255, using: &generator) : 0xFF
                }
                exercise(bytes)
            }
        }
    }

    @Test func `no garbage crashes it`() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<500 {
            let count = Int.random(in: 0...200, using: &generator)
            exercise(Array("TZif2".utf8) + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }

    @Test(arguments: [
        (TimeZoneBuilder(transitions: [(5, 0), (5, 0)]), "order"), (TimeZoneBuilder(transitions: [(5, 7)]), "unknown"),
        (TimeZoneBuilder(offsets: []), "no offset"), (TimeZoneBuilder(offsets: [93_600]), "26 hours"),
        (TimeZoneBuilder(offsets: [.min]), "26 hours"), (TimeZoneBuilder(footer: "nonsense"), "rule"),
        (TimeZoneBuilder(footer: nil), "early"), (TimeZoneBuilder(leapSeconds: 1), "leap"),
        (TimeZoneBuilder(version: 0x31), "version"),
    ])
    func `an error says what is wrong`(builder: TimeZoneBuilder, word: String) throws {
        let error = #expect(throws: TZifError.self) { try CalendarRule(name: "x", tzif: builder.bytes) }
        #expect(error?.description.contains(word) == true)
    }
}
