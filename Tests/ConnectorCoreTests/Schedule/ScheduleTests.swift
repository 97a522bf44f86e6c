import ConnectorCore
import Testing

struct ScheduleTests {
    private func mono(_ seconds: Int64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
    }

    private func next(
        _ schedule: Schedule,
        after slot: Schedule.Slot?,
        wall: Int64 = 0,
        monotonic: Int64
    ) -> Schedule.Run? {
        var generator = SeededGenerator(seed: 5)
        let wall = Instant(seconds: wall)
        return schedule.next(after: slot, wall: wall, monotonic: mono(monotonic), using: &generator)
    }

    @Test func `an interval begins at once and counts from its own slots`() {
        let schedule = Schedule.every(.seconds(300), jitter: .zero)
        #expect(next(schedule, after: nil, monotonic: 7)?.due == mono(7))
        #expect(next(schedule, after: .interval(mono(7)), monotonic: 20)?.due == mono(307))
        #expect(next(schedule, after: .interval(mono(307)), monotonic: 308)?.due == mono(607))
    }

    @Test(arguments: [(1000, 1000), (1001, 1000), (1299, 1000), (1300, 1300), (999, 700), (50_000, 49_900)])
    func `slots that passed are made up for once, then it is on the grid`(now: Int64, slot: Int64) {
        let schedule = Schedule.every(.seconds(300), jitter: .zero)
        let run = next(schedule, after: .interval(mono(100)), monotonic: now)
        #expect(run == Schedule.Run(slot: .interval(mono(slot)), due: mono(slot)))
        let following = next(schedule, after: run?.slot, monotonic: now)
        #expect(following?.due == mono(slot + 300))
    }

    @Test func `a year of intervals with jitter does not drift`() throws {
        var generator = SeededGenerator(seed: 30)
        let schedule = Schedule.every(.seconds(300), jitter: .seconds(30))
        var slot: Schedule.Slot = .interval(mono(0))
        var late: Duration = .zero
        for index in 1...Int64(105_120) {
            let now = mono(index * 300 - 200)
            let run = try #require(
                schedule.next(after: slot, wall: Instant(seconds: 0), monotonic: now, using: &generator)
            )
            guard run.slot == .interval(mono(index * 300)) else {
                Issue.record("slot \(index): \(run)")
                return
            }
            late = max(late, run.due - mono(index * 300))
            slot = run.slot
        }
        #expect(late > .seconds(29) && late <= .seconds(30))
    }

    @Test func `an interval of nothing is a second`() {
        let run = next(.every(.zero, jitter: .seconds(-1)), after: .interval(mono(1)), monotonic: 1)
        #expect(run?.due == mono(2))
    }

    @Test func `cron is due by the wall clock`() throws {
        let schedule = Schedule.cron(try CronExpression("@hourly"), .utc)
        let run = next(schedule, after: nil, wall: 3000, monotonic: 50)
        #expect(run == Schedule.Run(slot: .cron(Instant(seconds: 3600)), due: mono(650)))
        let following = next(schedule, after: run?.slot, wall: 3601, monotonic: 651)
        #expect(following?.slot == .cron(Instant(seconds: 7200)))
    }

    @Test func `cron runs that passed are made up for once`() throws {
        let schedule = Schedule.cron(try CronExpression("@hourly"), .utc)
        let run = next(schedule, after: .cron(Instant(seconds: 3600)), wall: 20_000, monotonic: 9)
        #expect(run?.due == mono(9))
        let following = next(schedule, after: run?.slot, wall: 20_000, monotonic: 9)
        #expect(following?.slot == .cron(Instant(seconds: 21_600)))
    }

    @Test func `a clock set back a little runs nothing twice, set back far it counts anew`() throws {
        let schedule = Schedule.cron(try CronExpression("@hourly"), .utc)
        let done = Schedule.Slot.cron(Instant(seconds: 7200))
        #expect(next(schedule, after: done, wall: 7100, monotonic: 0)?.slot == .cron(Instant(seconds: 10_800)))
        #expect(next(schedule, after: done, wall: 100, monotonic: 0)?.slot == .cron(Instant(seconds: 3600)))
    }

    @Test func `a cron run is read anew when the wall clock moves`() {
        let run = Schedule.Run(slot: .cron(Instant(seconds: 3600)), due: mono(600))
        #expect(Schedule.refreshed(run, wall: Instant(seconds: 3500), monotonic: mono(10)).due == mono(110))
        #expect(Schedule.refreshed(run, wall: Instant(seconds: 9999), monotonic: mono(10)).due == mono(10))
        let interval = Schedule.Run(slot: .interval(mono(1)), due: mono(2))
        #expect(Schedule.refreshed(interval, wall: Instant(seconds: 0), monotonic: mono(9)) == interval)
    }
}
