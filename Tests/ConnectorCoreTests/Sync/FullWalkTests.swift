import ConnectorCore
import Testing

struct FullWalkTests {
    private let positions = [Machine.stream: SinkPosition("1")]

    @Test func `a record is deleted only when two walks in a row did not see it`() {
        var machine = Machine.make(Machine.plan(nil), state: StreamState(generation: 3))
        #expect(machine.start().request == PageRequest(position: .first))
        _ = machine.page(Machine.head(1, known: Machine.record(1, generation: 3)))
        #expect(machine.written(0).checkpoint?.state.generation == 3)
        #expect(machine.committed() == [.findUnseen(generation: 3, limit: 500)])
        #expect(machine.unseenFound([], since: 3) == [.findUnseen(generation: 4, limit: 1)])
        let missing = Machine.record(2, generation: 3)
        #expect(machine.unseenFound([missing], since: 4).checkpoint?.state.generation == 4)
        #expect(machine.committed().request == PageRequest(position: .first))
        _ = machine.page(Machine.head(1, known: Machine.record(1, generation: 4)))
        _ = machine.written(0)
        #expect(machine.committed() == [.findUnseen(generation: 4, limit: 500)])
        #expect(machine.unseenFound([missing], since: 4) == [.writeDeletes([missing])])
        #expect(machine.written() == [.flush])
        #expect(machine.flushed(positions).checkpoint?.forget == [Machine.stream: [missing.key]])
        #expect(machine.committed() == [.findUnseen(generation: 4, limit: 500)])
        #expect(machine.unseenFound([], since: 4) == [.findUnseen(generation: 5, limit: 1)])
        #expect(machine.unseenFound([], since: 5).checkpoint?.run.deletes == 1)
        guard case .succeeded = machine.committed().outcome else {
            Issue.record("the run did not succeed")
            return
        }
    }

    @Test func `a resync has no bounds, since what they leave out would look deleted`() {
        var plan = Machine.plan(Machine.cursor(.descending, upper: true))
        plan.resync = .seconds(60)
        var machine = Machine.make(plan, state: StreamState(cursor: 5 * Machine.second))
        #expect(machine.start().request == PageRequest(position: .first))
    }

    @Test func `a resync waits until it is due`() {
        var plan = Machine.plan(Machine.cursor(.ascending))
        plan.resync = .seconds(60)
        let state = StreamState(cursor: 5 * Machine.second, lastFullWalk: Instant(seconds: 941))
        var early = Machine.make(plan, state: state, now: 1_000)
        #expect(early.start().request?.lower == 5 * Machine.second)
        var due = Machine.make(plan, state: state, now: 1_001)
        #expect(due.start().request?.lower == nil)
    }
}
