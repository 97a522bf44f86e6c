import ConnectorCore
import Testing

struct CalendarRuleTests {
    private func instant(_ text: String) throws -> Instant {
        try #require(Instant(iso8601: text))
    }

    @Test(arguments: [
        ("Europe/Zurich", "2026-03-29T00:59:59Z", 3600), ("Europe/Zurich", "2026-03-29T01:00:00Z", 7200),
        ("Europe/Zurich", "2026-10-25T00:59:59Z", 7200), ("Europe/Zurich", "2026-10-25T01:00:00Z", 3600),
        ("America/New_York", "2026-03-08T06:59:59Z", -18000), ("America/New_York", "2026-03-08T07:00:00Z", -14400),
        ("America/New_York", "2026-11-01T06:00:00Z", -18000), ("Australia/Lord_Howe", "2026-01-01T00:00:00Z", 39600),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", 37800), ("Australia/Lord_Howe", "2026-04-04T14:59:59Z", 39600),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00Z", 39600), ("Australia/Lord_Howe", "2026-12-31T23:59:59Z", 39600),
        ("Asia/Tokyo", "2026-07-01T00:00:00Z", 32400), ("America/Nuuk", "2026-03-29T01:00:00Z", -3600),
        ("America/Nuuk", "2026-03-29T00:59:59Z", -7200), ("Europe/Dublin", "2026-07-01T00:00:00Z", 3600),
        ("Europe/Dublin", "2026-12-31T23:59:59Z", 0), ("Europe/Dublin", "2026-10-25T01:00:00Z", 0),
    ])
    func `a rule gives the offset of every instant`(name: String, text: String, offset: Int) throws {
        #expect(try TimeZoneBuilder.zone(name).offset(at: instant(text)) == offset)
    }

    @Test func `transitions count before the footer does`() throws {
        let builder = TimeZoneBuilder(
            transitions: [(-1000, 1), (1000, 0)],
            offsets: [3600, 7200, 2048],
            footer: "XXX-5"
        )
        let zone = try CalendarRule(name: "x", tzif: builder.bytes)
        let offsets = [-1001, -1000, 999, 1000, 1001].map { zone.offset(at: Instant(seconds: $0)) }
        #expect(offsets == [3600, 7200, 7200, 3600, 18000])
    }

    @Test func `a file of version 1, or without a rule, keeps its last offset`() throws {
        for (version, footer) in [(UInt8(0), nil), (0x32, ""), (0x33, ""), (0x34, "")] as [(UInt8, String?)] {
            let builder = TimeZoneBuilder(version: version, transitions: [(5, 1)], offsets: [0, -60], footer: footer)
            let zone = try CalendarRule(name: "x", tzif: builder.bytes)
            #expect(zone.offset(at: Instant(seconds: 4)) == 0)
            #expect(zone.offset(at: Instant(seconds: 4_000_000_000)) == -60)
        }
    }

    @Test(arguments: [
        ("<+0330>-3:30", 12600), ("<-12>12", -43200), ("ABC0", 0), ("ABC-1:02:03", 3723),
        ("EST5EDT4,0/0,J365/25", -14400), ("AAA0BBB,J60,300", 3600), ("AAA0BBB-2,M2.1.0/-167,M12.5.6/167", 7200),
    ])
    func `rules of POSIX are read`(text: String, offset: Int) throws {
        let zone = try #require(CalendarRule(name: "x", posix: text))
        for instant in [try instant("2026-03-02T12:00:00Z"), try instant("2028-03-02T12:00:00Z")] {
            #expect(zone.offset(at: instant) == offset)
        }
    }

    @Test(arguments: [
        "", "AB0", "ABC", "ABC26", "<AB", "<>5", "EST5EDT", "EST5EDT,", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J365", "EST5EDT,366,1", "EST5EDT,1/168,2",
        "EST5EDT,1,2,", "ABC5 ", "ABC1:60",
    ])
    func `what is no rule is none`(text: String) {
        #expect(CalendarRule(name: "x", posix: text) == nil)
    }

    @Test func `local times are resolved where clocks change`() throws {
        let zurich = try TimeZoneBuilder.zone("Europe/Zurich")
        func resolve(_ text: String) throws -> LocalMoment { zurich.resolve(try #require(ISO8601(text)).civil) }
        #expect(try resolve("2026-03-29 01:59:59") == .once(instant("2026-03-29T00:59:59Z")))
        #expect(try resolve("2026-03-29 02:00:00") == .skipped(until: instant("2026-03-29T01:00:00Z")))
        #expect(try resolve("2026-03-29 02:59:59") == .skipped(until: instant("2026-03-29T01:00:00Z")))
        #expect(try resolve("2026-03-29 03:00:00") == .once(instant("2026-03-29T01:00:00Z")))
        let twice = try LocalMoment.twice(instant("2026-10-25T00:30:00.5Z"), instant("2026-10-25T01:30:00.5Z"))
        #expect(try resolve("2026-10-25 02:30:00.5") == twice)
        #expect(try resolve("2026-10-25 03:00:00") == .once(instant("2026-10-25T02:00:00Z")))
    }

    @Test func `text in local time is read in the zone, unless it names its own`() throws {
        let zone = try TimeZoneBuilder.zone("America/New_York")
        #expect(try zone.instant(iso8601: "2026-07-01 08:00:00") == instant("2026-07-01T12:00:00Z"))
        #expect(try zone.instant(iso8601: "2026-07-01 08:00:00Z") == instant("2026-07-01T08:00:00Z"))
        #expect(try zone.civilTime(at: instant("2026-07-01T12:00:00Z")).text() == "2026-07-01 08:00:00")
    }

    @Test func `fixed zones do not change`() throws {
        #expect(CalendarRule.utc.offset(at: Instant(seconds: 0)) == 0)
        #expect(CalendarRule(name: "+5", offset: 18000).offset(at: Instant(nanoseconds: .max)) == 18000)
        #expect(CalendarRule(name: "?", offset: .min).offset(at: Instant(nanoseconds: .min)) == -93599)
    }
}
