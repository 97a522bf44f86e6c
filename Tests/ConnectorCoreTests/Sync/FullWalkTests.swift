import ConnectorCore
import Testing

struct FullWalkTests {
    private let positions = [Machine.stream: SinkPosition("1")]

    private let missing = Machine.record(2, generation: 3)

    /// A run that reads record 1 only; what follows the reading.
    private func read(_ machine: inout SyncMachine, generation: Int64 = 3, now: Int64 = 1_000) -> [SyncAction] {
        _ = machine.start()
        _ = machine.page(Machine.head(1, known: Machine.record(1, generation: generation)), now: now)
        _ = machine.written(0)
        return machine.committed()
    }

    /// The state of a stream that lacked record 2 in a run that began at second 900.
    private func state(isEmpty: Bool = false, generation: Int64 = 4) -> StreamState {
        var evidence = Machine.proven
        evidence.missing = StreamEvidence.Missing(
            generation: generation,
            since: Instant(seconds: 900),
            isEmpty: isEmpty
        )
        return StreamState(generation: generation, evidence: evidence.encoded)
    }

    @Test func `what a run lacks for the first time is noted, not deleted`() {
        var machine = Machine.make(Machine.plan(nil), state: StreamState(generation: 3))
        #expect(read(&machine) == [.findUnseen(generation: 4, limit: 1)])
        let checkpoint = machine.unseenFound([missing], since: 4).checkpoint
        #expect(checkpoint?.state.generation == 4)
        #expect(checkpoint?.run.outcome == .succeeded)
        let evidence = StreamEvidence(encoded: checkpoint?.state.evidence)
        #expect(evidence.missing == .init(generation: 4, since: Instant(seconds: 1_000)))
    }

    @Test func `a list that may shift is read once more before anything is missing`() {
        let plan = Machine.plan(nil, paging: PagingRule(style: .page, more: ["more"]))
        var machine = Machine.make(plan, state: StreamState(generation: 3))
        _ = read(&machine)
        _ = machine.unseenFound([missing], since: 4)
        #expect(machine.committed().request?.position == .first)
    }

    @Test func `a later run that lacks it too deletes it`() {
        var machine = Machine.make(Machine.plan(nil), state: state())
        #expect(read(&machine, generation: 4) == [.countUnseen(generation: 4)])
        #expect(machine.unseenCounted(1, of: 2) == [.findUnseen(generation: 4, limit: 500)])
        #expect(machine.unseenFound([missing], since: 4) == [.writeDeletes([missing])])
        #expect(machine.written() == [.flush])
        #expect(machine.flushed(positions).checkpoint?.forget == [Machine.stream: [missing.key]])
        #expect(machine.committed() == [.findUnseen(generation: 4, limit: 500)])
        #expect(machine.unseenFound([], since: 4) == [.findUnseen(generation: 5, limit: 1)])
        let checkpoint = machine.unseenFound([], since: 5).checkpoint
        #expect(checkpoint?.run.deletes == 1)
        #expect(StreamEvidence(encoded: checkpoint?.state.evidence).missing == nil)
    }

    @Test func `a run right after the first one confirms nothing`() {
        var machine = Machine.make(Machine.plan(nil), state: state(), now: 930)
        #expect(read(&machine, generation: 4, now: 930) == [.findUnseen(generation: 5, limit: 1)])
        let checkpoint = machine.unseenFound([missing], since: 5).checkpoint
        #expect(StreamEvidence(encoded: checkpoint?.state.evidence).missing?.generation == 4)
    }

    @Test func `an empty reading confirms nothing, and proves nothing missing`() {
        var empty = Machine.make(Machine.plan(nil), state: state())
        _ = empty.start()
        #expect(empty.page().request?.position == .first)
        _ = empty.page()
        _ = empty.written(0)
        #expect(empty.committed() == [.countUnseen(generation: 4)])
        let held = empty.unseenCounted(1, of: 2)
        #expect(held == [.note(.doubt(Doubt(.deletesHeld, count: 1))), .findUnseen(generation: 5, limit: 1)])
        var after = Machine.make(Machine.plan(nil), state: state(isEmpty: true))
        #expect(read(&after, generation: 4) == [.findUnseen(generation: 5, limit: 1)])
        let checkpoint = after.unseenFound([missing], since: 5).checkpoint
        #expect(StreamEvidence(encoded: checkpoint?.state.evidence).missing?.generation == 5)
    }

    @Test func `too many at once are held, until a person accepts`() {
        var machine = Machine.make(Machine.plan(nil), state: state())
        _ = read(&machine, generation: 4)
        let held = machine.unseenCounted(1_000, of: 2_000)
        #expect(held == [.note(.doubt(Doubt(.deletesHeld, count: 1_000))), .findUnseen(generation: 5, limit: 1)])
        var accepted = Machine.make(Machine.plan(nil), state: state(), options: SyncOptions(acceptsDeletes: true))
        _ = read(&accepted, generation: 4)
        #expect(accepted.unseenCounted(1_000, of: 2_000) == [.findUnseen(generation: 4, limit: 500)])
    }

    @Test func `few of few are no mass, and many of very many are none`() {
        let rule = DeleteRule()
        #expect(!rule.holds(10, of: 10))
        #expect(rule.holds(11, of: 50))
        #expect(!rule.holds(11, of: 55))
        #expect(!rule.holds(200, of: 1_000))
        #expect(rule.holds(201, of: 1_000))
    }

    @Test func `a stream with a resync reads everything again to confirm`() {
        var plan = Machine.plan(Machine.cursor(.ascending))
        plan.resync = .seconds(86_400)
        var row = state()
        (row.cursor, row.lastFullWalk) = (500 * Machine.second, Instant(seconds: 900))
        var machine = Machine.make(plan, state: row)
        #expect(machine.start().request?.lower == nil)
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
