import ConnectorCore
import Testing

struct TimePatternTests {
    @Test(
        arguments: [
            ("%m/%d/%Y %H:%M:%S", "01/31/2026 10:00:00", "2026-01-31T10:00:00Z"),
            ("%m/%d/%Y %H:%M:%S", "1/3/2026 9:05:07", "2026-01-03T09:05:07Z"), ("%Y%m%d", "20260131", "2026-01-31"),
            ("%Y%m%d%H%M%S", "20260131100000", "2026-01-31T10:00:00Z"),
            ("%Y-%m-%dT%H:%M:%S.%3fZ", "2026-01-31T10:00:00.5Z", "2026-01-31T10:00:00.5Z"),
            ("%Y-%m-%d %H:%M:%S.%f", "2026-01-31 10:00:00.000001", "2026-01-31T10:00:00.000001Z"),
            ("%Y-%m-%d %H:%M %z", "2026-01-31 10:00 -0730", "2026-01-31T17:30:00Z"),
            ("%Y-%m-%d %H:%M%z", "2026-01-31 10:00+02:00", "2026-01-31T08:00:00Z"),
            ("%Y-%m-%d%z", "2026-01-31Z", "2026-01-31"), ("100%% %d.%m.%Y é", "100% 31.01.2026 é", "2026-01-31"),
        ]
    )
    func `a text is read`(pattern: String, text: String, time: String) throws {
        let pattern = try #require(TimePattern(pattern))
        #expect(pattern.instant(of: text.utf8) == Instant(iso8601: time))
    }

    @Test(
        arguments: [
            ("%m/%d/%Y", "13/01/2026"), ("%m/%d/%Y", "02/30/2026"), ("%m/%d/%Y", "1/1/26"), ("%m/%d/%Y", "1/1/2026 "),
            ("%m/%d/%Y", ""), ("%m/%d/%Y", "01-31-2026"), ("%Y-%m-%d %H", "2026-01-31 24"),
            ("%Y-%m-%d %z", "2026-01-31 +2"),
            ("%Y-%m-%d.%f", "2026-01-31."), ("%Y-%m-%d", "2026-01-311"),
        ]
    )
    func `another text is no time`(pattern: String, text: String) throws {
        #expect(try #require(TimePattern(pattern)).instant(of: text.utf8) == nil)
    }

    @Test(arguments: [
        "", "%Y", "%Y-%m", "%Y-%m-%d %q", "%Y-%m-%d %", "%Y-%m-%d %d", "%Y-%m-%d %f %3f", "%Y-%m-%d %0f", "x",
    ])
    func `what is no pattern is refused`(text: String) {
        #expect(TimePattern(text) == nil)
    }

    @Test(
        arguments: [
            ("%Y-%m-%dT%H:%M:%S", "2026-01-31T10:00:00", Int64(1_000_000_000)),
            ("%Y-%m-%dT%H:%M:%S.%3fZ", "2026-01-31T10:00:00.123Z", 1_000_000),
            ("%Y-%m-%d", "2026-01-31", 86_400_000_000_000),
            ("DateTime(%Y,%m,%d)", "DateTime(2026,01,31)", 86_400_000_000_000),
            ("%Y-%m-%d %H:%M:%S.%f%z", "2026-01-31 10:00:00.123456+00:00", 1_000),
            ("%Y-%m-%d %H:%M", "2026-01-31 10:00", 60_000_000_000),
        ]
    )
    func `a time is written, and cut off where the pattern ends`(pattern: String, text: String, tick: Int64) throws {
        let pattern = try #require(TimePattern(pattern))
        #expect(pattern.text(of: try #require(Instant(iso8601: "2026-01-31T10:00:00.123456789Z"))) == text)
        #expect(pattern.tick == tick)
    }

    @Test func `what is written is read as the same time, down to its tick`() throws {
        var generator = SystemRandomNumberGenerator()
        for text in ["%m/%d/%Y %H:%M:%S", "%Y%m%d%H%M%S%9f", "%d.%m.%Y %H:%M %z", "%Y%m%d"] {
            let pattern = try #require(TimePattern(text))
            for _ in 0..<500 {
                let time = Instant(
                    nanoseconds: .random(in: -2_000_000_000_000_000_000...4_000_000_000_000_000_000, using: &generator)
                )
                let read = try #require(pattern.instant(of: pattern.text(of: time).utf8))
                #expect(read <= time)
                #expect(time.nanoseconds - read.nanoseconds < pattern.tick)
            }
        }
    }
}
