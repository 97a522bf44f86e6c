import ConnectorCore
import ConnectorDaemon
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct StateInspectionTests {
    private let events = EventList()
    private let clocks = LeapingClocks()

    /// Runs until `looks` answers were given.
    private func looks(_ answers: [[String]], isIdle: @escaping @Sendable (Int) -> Bool = { _ in true }) async
        -> [Duration]
    {
        let asked = Mutex<[Duration]>([])
        let idleAsked = Mutex(0)
        let (done, post) = AsyncStream<Void>.makeStream()
        let clocks = clocks
        let inspection = StateInspection(
            clocks: clocks,
            events: events,
            isIdle: {
                isIdle(
                    idleAsked.withLock { count in
                        count += 1
                        return count
                    }
                )
            },
            damages: { () throws(StateError) in
                let number = asked.withLock { list in
                    list.append(clocks.waited)
                    return list.count
                }
                if number >= answers.count { post.finish() }
                return number <= answers.count ? answers[number - 1] : []
            }
        )
        let task = Task { await inspection.run() }
        for await _ in done {}
        task.cancel()
        await task.value
        return Array(asked.withLock { $0 }.prefix(answers.count))
    }

    @Test func `a state is looked at once a day, and one that is well is no news`() async {
        #expect(await looks([[], [], []]) == [1, 2, 3].map { StateInspection.pause * $0 })
        #expect(events.all.isEmpty)
    }

    @Test func `what is damaged is told, the first few by name`() async throws {
        _ = await looks([["shop/a: x", "shop/b: y", "shop/c: z", "shop/d: w", "shop/e: v"]])
        guard case .stateFailed(let error) = try #require(events.all.first) else { throw Unexpected() }
        #expect(error.code == .corrupt && "\(error)".contains("shop/a: x; shop/b: y; shop/c: z; and 2 more"))
    }

    @Test func `it waits until nothing runs, and not for ever`() async {
        #expect(await looks([[]]) { $0 > 3 } == [StateInspection.pause + .seconds(900)])
    }

    @Test func `a daemon that is never at rest is looked at all the same`() async {
        #expect(await looks([[]]) { _ in false } == [StateInspection.pause + StateInspection.patience])
    }

    private struct Unexpected: Error {}
}
