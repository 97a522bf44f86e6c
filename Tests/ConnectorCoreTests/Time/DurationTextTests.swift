import ConnectorCore
import Testing

struct DurationTextTests {
    @Test(arguments: [
        ("90s", Duration.seconds(90)), ("90", .seconds(90)), ("5m", .seconds(300)), ("1h30m", .seconds(5400)),
        ("1h 30m", .seconds(5400)), ("250ms", .milliseconds(250)), ("7d", .seconds(604_800)),
        ("2w", .seconds(1_209_600)),
        ("1.5h", .seconds(5400)), ("0.25", .milliseconds(250)), ("1.5s", .milliseconds(1500)), ("0", .zero),
        ("0s", .zero),
        ("1m0.5s", .milliseconds(60_500)), ("1H", .seconds(3600)), ("3us", .microseconds(3)), ("7ns", .nanoseconds(7)),
    ])
    func `durations are read`(text: String, expected: Duration) {
        #expect(Duration(text: text) == expected)
    }

    @Test(arguments: [
        "", " ", "s", "-5s", "+5s", "5x", "1h30", "30m1h", "1m1m", "5 m", "5m ", " 5m", "1h  30m", "1.s", ".5s", "1e3s",
        "99999999999999999999s", "9999999999w", "5 minutes", "1,5s",
    ])
    func `what is not one is none`(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test(arguments: [
        (Duration.seconds(5400), "1h30m"), (.zero, "0s"), (.milliseconds(250), "250ms"), (.seconds(604_800), "7d"),
        (.milliseconds(1500), "1s500ms"), (.seconds(-90), "-1m30s"), (.seconds(86_461), "1d1m1s"),
    ])
    func `the short form leaves nothing out`(duration: Duration, text: String) {
        #expect(duration.shortText == text)
    }

    @Test func `the short form is read back`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<1000 {
            let duration = Duration.nanoseconds(Int64.random(in: 0 ... .max, using: &generator))
            #expect(Duration(text: duration.shortText) == duration)
        }
    }

    @Test(arguments: [
        (Duration.seconds(125), "2 min 5 s"), (.seconds(120), "2 min"), (.seconds(100_000), "1 d 3 h"), (.zero, "0 s"),
        (.milliseconds(2540), "2.5 s"), (.seconds(2), "2 s"), (.milliseconds(250), "250 ms"),
        (.microseconds(9), "under 1 ms"),
        (.seconds(86_430), "1 d"), (.seconds(5430), "1 h 30 min"), (.seconds(-60), "-1 min"),
    ])
    func `the friendly form names the two greatest units`(duration: Duration, text: String) {
        #expect(duration.friendlyText == text)
    }
}
