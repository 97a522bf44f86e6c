import ConnectorCore
import ConnectorDaemon
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct HealthReporterTests {
    @Test func `the watchdog is fed only while every part answers`() async {
        let events = EventList()
        let pings = Mutex(0)
        let (fed, post) = AsyncStream<Int>.makeStream()
        let parts = [
            HealthReporter.Part("the store") { true },
            HealthReporter.Part("the supervisor") {
                pings.withLock { count in
                    count += 1
                    return count != 2
                }
            },
        ]
        let reporter = HealthReporter(parts: parts, interval: .milliseconds(1), clocks: StillClocks(), events: events) {
            post.yield(pings.withLock { $0 })
        }
        let task = Task { await reporter.run() }
        var feeds: [Int] = []
        for await ping in fed {
            feeds.append(ping)
            if feeds.count == 2 { break }
        }
        task.cancel()
        await task.value
        #expect(feeds == [1, 3])
        #expect(events.all == [.unresponsive("the supervisor")])
    }

    @Test func `a part that gives no answer in time is named`() async {
        let events = EventList()
        let part = HealthReporter.Part("the state writer") {
            _ = await FakeTransport.hang()
            return true
        }
        let (fed, post) = AsyncStream<Void>.makeStream()
        let clocks = LeapingClocks()
        let reporter = HealthReporter(parts: [part], interval: .seconds(15), clocks: clocks, events: events) {
            post.yield()
        }
        let task = Task { await reporter.run() }
        while events.all.isEmpty { await Task.yield() }
        task.cancel()
        await task.value
        post.finish()
        #expect(events.all.allSatisfy { $0 == .unresponsive("the state writer") })
        #expect(clocks.waited >= HealthReporter.Part.patience)
        #expect(await fed.reduce(0) { count, _ in count + 1 } == 0)
    }

    @Test func `a part that hangs starves the watchdog`() async {
        let (asked, post) = AsyncStream<Void>.makeStream()
        let feeds = Mutex(0)
        let part = HealthReporter.Part("the supervisor") {
            post.yield()
            _ = await FakeTransport.hang()
            return false
        }
        let reporter = HealthReporter(parts: [part], interval: .zero, clocks: StillClocks(), events: EventList()) {
            feeds.withLock { $0 += 1 }
        }
        let task = Task { await reporter.run() }
        for await _ in asked { break }
        #expect(feeds.withLock { $0 } == 0)
        task.cancel()
        await task.value
        #expect(feeds.withLock { $0 } == 0)
    }
}
