import ConnectorCore
import Testing

struct CronExpressionTests {
    private func runs(_ cron: String, after text: String, zone: CalendarRule = .utc, count: Int = 3) throws -> [String]
    {
        let expression = try CronExpression(cron)
        var instant = try #require(Instant(iso8601: text))
        var runs: [String] = []
        for _ in 0..<count {
            guard let next = expression.nextRun(after: instant, in: zone) else { break }
            runs.append(zone.civilTime(at: next).text())
            instant = next
        }
        return runs
    }

    @Test(arguments: [
        ("*/15 6-20 * * 1-5", ["2026-11-23 17:45", "2026-11-23 18:00", "2026-11-23 18:15"]),
        ("0 0 * * *", ["2026-11-24 00:00", "2026-11-25 00:00", "2026-11-26 00:00"]),
        ("31 17 23 11 *", ["2027-11-23 17:31", "2028-11-23 17:31", "2029-11-23 17:31"]),
        ("5,10-12,50-58/4 3 * * *", ["2026-11-24 03:05", "2026-11-24 03:10", "2026-11-24 03:11"]),
        ("0 9 * jan,feb MON", ["2027-01-04 09:00", "2027-01-11 09:00", "2027-01-18 09:00"]),
        ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
        ("0 0 * * 7", ["2026-11-29 00:00", "2026-12-06 00:00", "2026-12-13 00:00"]),
        ("0 0 * * fri-sun", ["2026-11-27 00:00", "2026-11-28 00:00", "2026-11-29 00:00"]),
        ("0 0 13 * 5", ["2026-11-27 00:00", "2026-12-04 00:00", "2026-12-11 00:00"]),
        ("0 0 */2 * 2", ["2026-12-01 00:00", "2026-12-15 00:00", "2026-12-29 00:00"]),
        ("0 0 31 * *", ["2026-12-31 00:00", "2027-01-31 00:00", "2027-03-31 00:00"]),
        ("@hourly", ["2026-11-23 18:00", "2026-11-23 19:00", "2026-11-23 20:00"]),
        ("@weekly", ["2026-11-29 00:00", "2026-12-06 00:00", "2026-12-13 00:00"]),
        ("@monthly", ["2026-12-01 00:00", "2027-01-01 00:00", "2027-02-01 00:00"]),
        ("@yearly", ["2027-01-01 00:00", "2028-01-01 00:00", "2029-01-01 00:00"]),
        ("@Daily", ["2026-11-24 00:00", "2026-11-25 00:00", "2026-11-26 00:00"]),
    ])
    func `the next runs are those of Vixie cron`(cron: String, expected: [String]) throws {
        #expect(try runs(cron, after: "2026-11-23T17:31:00Z") == expected.map { $0 + ":00" })
    }

    @Test(arguments: [
        ("60 * * * *", CronError.Field.minute, "0 to 59"), ("* 24 * * *", .hour, "0 to 23"),
        ("* * 0 * *", .dayOfMonth, "1 to 31"), ("* * * 13 *", .month, "jan to dec"),
        ("* * * * 8", .dayOfWeek, "sun to sat"),
        ("5/15 * * * *", .minute, "5-59/15"), ("*/0 * * * *", .minute, "from 1 on"),
        ("* 22-2 * * *", .hour, "22-23,0-2"),
        ("* * * * fri-mon", .dayOfWeek, "fri-6,0-mon"), ("1,,2 * * * *", .minute, "not one of"),
        ("-5 * * * *", .minute, ""),
        ("0 0 30 2 *", .dayOfMonth, "never"), ("0 0 31 4,6,9,11 *", .dayOfMonth, "never"),
        ("a * * * *", .minute, "“a”"),
        ("* * * *", nil, "five fields"), ("", nil, "five fields"), ("@reboot", nil, "@hourly"),
        ("* * * * * *", nil, "6"),
        ("99999999999999999999 * * * *", .minute, "0 to 59"), ("*/99999999999 * * * *", .minute, "step"),
    ])
    func `an error names the field and what is right`(cron: String, field: CronError.Field?, hint: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(cron) }
        #expect(error?.field == field)
        #expect(hint.isEmpty || error?.message.contains(hint) == true)
    }

    @Test func `a February 29 is found across the year 2100`() throws {
        #expect(try runs("0 0 29 2 *", after: "2096-03-01T00:00:00Z", count: 1) == ["2104-02-29 00:00:00"])
        #expect(try runs("0 0 29 2 */6", after: "2076-03-01T00:00:00Z", count: 1).count == 1)
    }

    @Test func `beyond the last instant there is no run`() throws {
        #expect(try CronExpression("0 0 1 1 *").nextRun(after: Instant(nanoseconds: .max), in: .utc) == nil)
        #expect(try CronExpression("* * * * *").nextRun(after: Instant(nanoseconds: .max), in: .utc) == nil)
        #expect(try CronExpression("* * * * *").nextRun(after: Instant(nanoseconds: .min), in: .utc) != nil)
    }

    @Test func `a skipped time runs at the first minute after it, once`() throws {
        let zurich = try TimeZoneBuilder.zone("Europe/Zurich")
        let expected = ["2026-03-28 02:30:00", "2026-03-29 03:00:00", "2026-03-30 02:30:00"]
        #expect(try runs("30 2 * * *", after: "2026-03-27T12:00:00Z", zone: zurich) == expected)
        let quarters = ["2026-03-29 03:00:00", "2026-03-30 02:00:00", "2026-03-30 02:15:00"]
        #expect(try runs("*/15 2 * * *", after: "2026-03-29T00:00:00Z", zone: zurich) == quarters)
        let lordHowe = try TimeZoneBuilder.zone("Australia/Lord_Howe")
        let half = ["2026-10-04 02:30:00", "2026-10-05 02:15:00"]
        #expect(try runs("15 2 * * *", after: "2026-10-03T00:00:00Z", zone: lordHowe, count: 2) == half)
    }

    @Test(arguments: [
        ("Europe/Zurich", "30 2 * * *", "2026-10-24T22:00:00Z", ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
        ("America/New_York", "30 1 * * *", "2026-11-01T04:00:00Z", ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]),
        (
            "Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00:00Z",
            ["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"]
        ),
    ])
    func `a time that comes twice runs once, the first time`(
        name: String,
        cron: String,
        after: String,
        expected: [String]
    ) throws {
        let zone = try TimeZoneBuilder.zone(name)
        var instant = try #require(Instant(iso8601: after))
        for text in expected {
            instant = try #require(try CronExpression(cron).nextRun(after: instant, in: zone))
            #expect(instant.iso8601() == text)
        }
    }

    @Test(arguments: ["Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"])
    func `a pace goes on through every change of the clocks`(name: String) throws {
        let zone = try TimeZoneBuilder.zone(name)
        let expression = try CronExpression("*/15 * * * *")
        var instant = Instant(seconds: 1_767_225_600)  // 2026-01-01
        let end = instant + .seconds(365 * 86_400)
        var count = 0
        while let next = expression.nextRun(after: instant, in: zone), next <= end {
            guard next - instant == .seconds(900) else {
                Issue.record("\(instant.iso8601()) to \(next.iso8601())")
                return
            }
            instant = next
            count += 1
        }
        #expect(count == 365 * 96)
    }

    @Test(arguments: ["Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "Europe/Dublin"])
    func `a daily time runs once a day all year, whatever the time`(name: String) throws {
        let zone = try TimeZoneBuilder.zone(name)
        for hour in 0...3 {
            for minute in [0, 15, 30, 59] {
                let expression = try CronExpression("\(minute) \(hour) * * *")
                var instant = try #require(zone.instant(iso8601: "2025-12-31 12:00:00"))
                for day in 0..<365 {
                    instant = try #require(expression.nextRun(after: instant, in: zone))
                    let number = zone.civilTime(at: instant).daysSinceEpoch
                    guard number == 20454 + day else {
                        Issue.record("\(hour):\(minute) \(instant.iso8601())")
                        return
                    }
                }
            }
        }
    }
}
