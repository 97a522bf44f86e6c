import ConnectorCore
import Testing

struct SyncMachineTests {
    private let positions = [Machine.stream: SinkPosition("1")]

    @Test func `a run reads, writes, makes durable, closes and ends`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)))
        #expect(machine.start() == [.fetch(PageRequest(position: .first))])
        #expect(machine.page(Machine.head(1, at: 10)) == [.write([Delivery(index: 0, stream: Machine.stream)])])
        #expect(machine.written() == [.flush])
        let commit = machine.flushed(positions).checkpoint
        #expect(commit?.state.cursor == 10 * Machine.second)
        #expect(commit?.sinkPositions == positions)
        var tie = Machine.record(1, at: 10)
        tie.keyText = nil
        #expect(commit?.remember == [Machine.stream: [tie]])
        #expect(machine.committed() == [.fetch(PageRequest(position: .first, lower: 10 * Machine.second))])
        #expect(machine.page(Machine.head(1, at: 10)) == [.write([])])
        #expect(machine.written(0).checkpoint?.run.outcome == .succeeded)
        guard case .succeeded(let run) = machine.committed().outcome else {
            Issue.record("the run did not succeed")
            return
        }
        #expect(run.records == 1)
        #expect(run.pages == 2)
    }

    @Test func `the next page is fetched while this one is written`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)))
        _ = machine.start()
        let actions = machine.page(Machine.head(1, at: 10), next: "t")
        #expect(actions.request == PageRequest(position: .after("t")).asking)
        #expect(actions.writes == [0])
    }

    @Test func `a failed fetch is waited for as the verdict says, or ends the run`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)))
        _ = machine.start()
        let failure = SyncFailure(.transient, "connection lost", hint: "")
        #expect(machine.fetchFailed(failure, verdict: .retry(after: .seconds(2))) == [.wait(.seconds(2))])
        #expect(machine.attempt == 2)
        #expect(machine.waited() == [.fetch(PageRequest(position: .first))])
        #expect(machine.fetchFailed(failure, verdict: .giveUp(.attemptsUsed)).checkpoint?.run.outcome == .failed)
        guard case .failed(_, let reported) = machine.committed().outcome else {
            Issue.record("the run did not fail")
            return
        }
        #expect(reported == failure)
    }

    @Test func `a failed run keeps what it has written`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)))
        _ = machine.start()
        _ = machine.page(Machine.head(1, at: 10), next: "t")
        #expect(machine.fetchFailed(SyncFailure(.refused, "no", hint: ""), verdict: .giveUp(.wouldFailAgain)) == [])
        #expect(machine.written() == [.flush])
        #expect(machine.flushed(positions).checkpoint?.state.cursor == 10 * Machine.second)
    }

    @Test func `a broken sink or state ends the run at once`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)))
        _ = machine.start()
        let failure = SyncFailure(.transient, "disk full", hint: "free space", isLocal: true)
        let actions = machine.failed(failure)
        #expect(actions.first == .cancelFetch)
        #expect(actions.outcome != nil)
        #expect(machine.failed(failure).isEmpty)
        #expect(machine.stop().isEmpty)
    }

    @Test func `a stop saves the position and ends as interrupted`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.descending, upper: true)))
        _ = machine.start()
        _ = machine.page(Machine.head(2, at: 20), next: "t")
        #expect(machine.stop() == [.cancelFetch])
        #expect(machine.written() == [.flush])
        let state = machine.flushed(positions).checkpoint?.state
        #expect(state?.cursor == nil)
        #expect(state?.walk.flatMap(WalkPosition.init(encoded:))?.position == .after("t"))
        guard case .interrupted = machine.committed().outcome else {
            Issue.record("the run was not interrupted")
            return
        }
    }

    @Test func `a descending walk resumes at its page and is followed by a closing one`() {
        let walk = WalkPosition(kind: .incremental, upper: 30, position: .after("t"), highest: 20, lowest: 20)
        let state = StreamState(walk: walk.encoded)
        var machine = Machine.make(Machine.plan(Machine.cursor(.descending, upper: true)), state: state)
        #expect(machine.start().request == PageRequest(position: .after("t"), upper: 30).asking)
        _ = machine.page()
        #expect(machine.written(0).checkpoint?.state.cursor == 20)
        #expect(machine.committed().request != nil)
    }

    @Test func `the cursor stays behind the walk's beginning`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)))
        _ = machine.start()
        _ = machine.page(Machine.head(1, at: 10), Machine.head(2, at: 1_000_000))
        _ = machine.written()
        #expect(machine.flushed(positions).checkpoint?.state.cursor == 10 * Machine.second)
    }

    @Test func `a record is skipped only with the same content`() {
        let ties = [Machine.record(1, at: 10), Machine.record(2, at: 10)]
        let state = StreamState(cursor: 10 * Machine.second)
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)), state: state, ties: ties)
        #expect(machine.start().request?.lower == 10 * Machine.second)
        #expect(machine.page(Machine.head(1, at: 10), Machine.head(2, at: 10, content: 2)).writes == [1])
    }

    @Test func `the lookback reaches behind the cursor`() {
        let state = StreamState(cursor: 100 * Machine.second)
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending, lookback: 30)), state: state)
        #expect(machine.start().request?.lower == 70 * Machine.second)
    }

    @Test func `since begins where a person says`() {
        let state = StreamState(cursor: 100 * Machine.second)
        let options = SyncOptions(since: 7 * Machine.second)
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)), state: state, options: options)
        #expect(machine.start().request?.lower == 7 * Machine.second)
    }

    @Test func `a since beyond the cursor leaves that where it is`() {
        let state = StreamState(cursor: 100 * Machine.second)
        let options = SyncOptions(since: 200 * Machine.second)
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)), state: state, options: options)
        _ = machine.start()
        _ = machine.page(Machine.head(1, at: 300))
        _ = machine.written()
        #expect(machine.flushed(positions).checkpoint?.state.cursor == 100 * Machine.second)
    }

    @Test func `an event log begins now, less what clocks may differ`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending, startsNow: true)), now: 100_000)
        #expect(machine.start().request?.lower == (100_000 - 86_400) * Machine.second)
    }

    @Test func `a page seen before is asked for again, then the walk begins anew, then the run fails`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.none)))
        _ = machine.start()
        _ = machine.page(Machine.head(1, at: 10), next: "a")
        _ = machine.written()
        #expect(machine.page(Machine.head(1, at: 10), next: "b").request?.position == .after("a"))
        let lost = SyncFailure(.positionLost, "gone", hint: "")
        for position in [PagePosition.after("a"), .first, .first] {
            #expect(machine.fetchFailed(lost, verdict: .giveUp(.wouldFailAgain)).request?.position == position)
        }
        #expect(machine.fetchFailed(lost, verdict: .giveUp(.wouldFailAgain)) == [.flush])
    }

    @Test func `newest first, a lost walk begins again behind what it has read`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.descending, upper: true)))
        _ = machine.start()
        _ = machine.page(Machine.head(2, at: 20), next: "a")
        _ = machine.written()
        let lost = SyncFailure(.positionLost, "gone", hint: "")
        #expect(machine.fetchFailed(lost, verdict: .giveUp(.wouldFailAgain)).request?.position == .after("a"))
        let request = machine.fetchFailed(lost, verdict: .giveUp(.wouldFailAgain)).request
        #expect(request == PageRequest(position: .first, upper: 21 * Machine.second))
    }

    @Test func `more ties than are held in memory go over to remembering every record`() {
        var limits = SyncLimits()
        limits.ties = 1
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)), limits: limits)
        _ = machine.start()
        #expect(machine.page(Machine.head(1, at: 10), Machine.head(2, at: 10)).writes == [0, 1])
        #expect(machine.remembersAll)
    }

    @Test func `a checkpoint is due by bytes, by time or by records`() {
        var limits = SyncLimits()
        limits.checkpointBytes = 10
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)), limits: limits)
        _ = machine.start()
        _ = machine.page(Machine.head(1, at: 10), next: "a")
        #expect(machine.written(9, at: 1).isEmpty)
        _ = machine.page(Machine.head(2, at: 11), next: "b")
        #expect(machine.written(1, at: 2) == [.flush])
        _ = machine.page(Machine.head(3, at: 12), next: "c")
        #expect(machine.written(50, at: 500).isEmpty)
    }

    // MARK: Evidence

    @Test func `disorder within a page is noticed, and the cursor that relied on it begins anew`() {
        let state = StreamState(cursor: 5 * Machine.second)
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)), state: state)
        _ = machine.start()
        _ = machine.page(Machine.head(1, at: 10), Machine.head(2, at: 20), next: "20")
        #expect(machine.written(1, at: 500) == [.flush])
        #expect(machine.flushed(positions).checkpoint?.state.cursor == 20 * Machine.second)
        _ = machine.committed()
        let actions = machine.page(Machine.head(3, at: 30), Machine.head(4, at: 25), next: "25")
        #expect(actions.first == .note(.doubt(Doubt(.order))))
        #expect(machine.written(1, at: 1_000) == [.flush])
        #expect(machine.flushed(positions).checkpoint?.state.cursor == nil)
        #expect(machine.remembersAll)
    }

    @Test func `before an order is proven, the cursor waits for the walk's end`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)), evidence: StreamEvidence())
        _ = machine.start()
        _ = machine.page(Machine.head(1, at: 10), next: "10")
        #expect(machine.written(1, at: 500) == [.flush])
        #expect(machine.flushed(positions).checkpoint?.state.cursor == nil)
    }

    @Test(arguments: [(2_000, false), (900, true)])
    func `what came before a record of the future while the list was read breaks no order`(last: Int64, isBroken: Bool)
    {
        let paging = PagingRule(style: .page, parameter: "page", more: ["more"])
        var evidence = Machine.proven
        evidence.order = .unknown
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending), paging: paging), evidence: evidence)
        _ = machine.start()
        _ = machine.page(Machine.head(1, at: 10), Machine.head(2, at: last), next: "a") + machine.written()
        _ = machine.page(Machine.head(3, at: 800), Machine.head(4, at: 810)) + machine.written()
        #expect((machine.evidence.order == .broken) == isBroken)
    }

    @Test(arguments: [2, 3])
    func `a walk of several pages with enough records one behind the other proves an order`(rises: Int) {
        var limits = SyncLimits()
        limits.rises = rises
        let plan = Machine.plan(Machine.cursor(.ascending))
        var machine = Machine.make(plan, evidence: StreamEvidence(), limits: limits)
        _ = machine.start()
        _ = machine.page(Machine.head(1, at: 10), Machine.head(2, at: 11), next: "11")
        _ = machine.written()
        _ = machine.page(Machine.head(3, at: 20))
        _ = machine.written()
        for _ in 0..<3 { _ = machine.flushed(positions) + machine.committed() }
        #expect(machine.evidence.order == (rises == 2 ? .held : .unknown))
    }

    @Test(arguments: [PagingRule(style: .page, parameter: "page", more: ["more"]), Machine.keyset])
    func `what is left of a list that may have shifted proves no order`(paging: PagingRule) {
        var limits = SyncLimits()
        limits.rises = 2
        let plan = Machine.plan(Machine.cursor(.ascending), paging: paging)
        var first = Machine.make(plan, evidence: StreamEvidence(), limits: limits)
        _ = first.start()
        _ = first.page(Machine.head(1, at: 10), Machine.head(2, at: 11), next: "11")
        _ = first.written() + first.stop()
        let state = first.flushed(positions).checkpoint?.state
        #expect(state?.walk != nil)
        var machine = Machine.make(plan, state: state, evidence: StreamEvidence(), limits: limits)
        #expect(machine.start().request?.position != .first && machine.evidence.order == .unknown)
        _ = machine.page(Machine.head(3, at: 20), Machine.head(4, at: 21), next: "21")
        _ = machine.written()
        _ = machine.page(Machine.head(5, at: 30))
        _ = machine.written()
        for _ in 0..<3 { _ = machine.flushed(positions) + machine.committed() }
        #expect(machine.evidence.order == (plan.mayShift ? .unknown : .held))
    }

    @Test func `a cursor ahead of every clock is reached behind`() {
        var evidence = Machine.proven
        evidence.pass(cursor: 400 * Machine.second)
        evidence.pass(cursor: 90_000 * Machine.second)
        let state = StreamState(cursor: 90_000 * Machine.second)
        let plan = Machine.plan(Machine.cursor(.ascending))
        var machine = Machine.make(plan, state: state, evidence: evidence, now: 1_000)
        _ = machine.start()
        let actions = machine.page(Machine.head(9, at: 90_000))
        #expect(actions.first == .note(.doubt(Doubt(.clockWentBack))))
        #expect(actions.request?.lower == 400 * Machine.second)
    }

    @Test func `what two runs saw after the lookback has passed is final`() {
        var evidence = Machine.proven
        (evidence.candidate, evidence.candidateSince) = (500 * Machine.second, Instant(seconds: 500))
        let state = StreamState(cursor: 500 * Machine.second)
        let plan = Machine.plan(Machine.cursor(.ascending, lookback: 100))
        var machine = Machine.make(plan, state: state, evidence: evidence, now: 1_000)
        #expect(machine.start().request?.lower == 400 * Machine.second)
        _ = machine.page()
        var saved = machine.written(0).checkpoint?.state
        #expect(StreamEvidence(encoded: saved?.evidence).final == nil)
        // One answer may be an old one.
        var next = Machine.make(plan, state: saved, now: 1_000)
        #expect(next.start().request?.lower == 400 * Machine.second)
        _ = next.page()
        saved = next.written(0).checkpoint?.state
        #expect(StreamEvidence(encoded: saved?.evidence).final == 500 * Machine.second)
        var last = Machine.make(plan, state: saved, now: 1_200)
        #expect(last.start().request?.lower == 500 * Machine.second)
    }

    @Test func `a key that stands for several records delivers each content once`() {
        var machine = Machine.make(Machine.plan(nil))
        _ = machine.start()
        let twins = [Machine.head(1, content: 1), Machine.head(1, content: 2)]
        #expect(machine.page(twins[0], twins[1], Machine.head(2)).writes == [0, 1, 2])
        _ = machine.written()
        let remembered = machine.flushed(positions).checkpoint?.remember[Machine.stream] ?? []
        #expect(remembered.contains { $0.key == twins[0].key && $0.content == .several && $0.keyText == nil })
        let known = Dictionary(remembered.map { ($0.key, $0) }) { first, _ in first }
        var next = Machine.make(Machine.plan(nil), state: StreamState(generation: 1))
        _ = next.start()
        let again = twins.map { head in
            var head = head
            head.known = known[head.key]
            head.knownVariant = known[head.key.variant(head.content)]
            return head
        }
        #expect(next.page(again[0], again[1]).writes == [])
    }

    @Test func `a key of several records that come on pages of their own is known by its turns, with ties, too`() {
        let plan = Machine.plan(Machine.cursor(.ascending, lookback: 100))
        let (cursor, stored) = (500 * Machine.second, Machine.head(1, content: 2))
        let tie = DeliveredRecord(key: stored.key, content: stored.content, cursor: cursor)
        var machine = Machine.make(plan, state: StreamState(cursor: cursor), ties: [tie])
        _ = machine.start()
        #expect(machine.page(Machine.head(1, at: 500, content: 1), next: "a").writes == [0])
        _ = machine.written()
        #expect(machine.page(Machine.head(1, at: 500, content: 2), next: "b").writes == [0])
        _ = machine.written()
        #expect(machine.page(Machine.head(1, at: 500, content: 1), Machine.head(2, at: 501)).writes == [1])
    }

    @Test(arguments: [(CursorRule.Order.descending, 500, true), (.ascending, 500, true), (.ascending, 999_999, false)])
    func `a key that comes twice in a reading stands for several records, unless it may have changed meanwhile`(
        order: CursorRule.Order,
        second: Int64,
        isSeveral: Bool
    ) {
        let (now, first) = (Int64(1_000_000), order == .descending ? second + 1 : second - 1)
        let plan = Machine.plan(Machine.cursor(order, upper: order == .descending))
        var machine = Machine.make(plan, evidence: Machine.proven, now: now)
        _ = machine.start()
        let page = [Machine.head(1, at: first, content: 1), Machine.head(2, at: first)]
        _ = machine.page(page[0], page[1], next: "a", now: now) + machine.written()
        _ = machine.page(Machine.head(4, at: first), next: "b", now: now) + machine.written()
        let twin = Machine.head(1, at: second, content: 2)
        #expect(machine.page(twin, Machine.head(3, at: second), now: now).writes == [0, 1])
        _ = machine.written()
        // The query that closes the walk shows what lies at the cursor.
        for _ in 0..<3 { _ = machine.flushed(positions) + machine.committed() }
        let closing = order == .descending ? page + [Machine.head(4, at: first)] : [twin, Machine.head(3, at: second)]
        let facts = PageFacts(count: closing.count, more: false)
        let closed = machine.pageArrived(PageHeads(records: closing, facts: facts), now: Instant(seconds: now))
        #expect(closed.writes == [])
        _ = machine.written()
        for _ in 0..<3 { _ = machine.flushed(positions) + machine.committed() }
        #expect(machine.run.outcome == .succeeded && machine.evidence.doubts(.duplicateKeys) == isSeveral)
    }

    @Test func `a doubted position is settled by two runs that see the same two pages`() {
        var evidence = Machine.proven
        evidence.pagesDiffer = false
        evidence.doubts = [Doubt(.positionUnproven)]
        var doubts: [Int] = []
        for _ in 1...2 {
            var machine = Machine.make(Machine.plan(nil), evidence: evidence)
            _ = machine.start()
            _ = machine.page(Machine.head(1), Machine.head(2), next: "a")
            _ = machine.written()
            _ = machine.page(Machine.head(3))
            evidence = machine.evidence
            doubts.append(evidence.doubts.count)
        }
        #expect(doubts == [1, 0] && evidence.pagesDiffer)
    }

    @Test func `a record without a readable cursor value is delivered, and a page without any fails the first run`() {
        var machine = Machine.make(Machine.plan(Machine.cursor(.ascending)), evidence: StreamEvidence())
        _ = machine.start()
        #expect(machine.page(Machine.head(1, at: 10), Machine.head(2)).writes == [0, 1])
        var none = Machine.make(Machine.plan(Machine.cursor(.ascending)), evidence: StreamEvidence())
        _ = none.start()
        #expect(none.page(Machine.head(1), Machine.head(2)).checkpoint?.run.error?.contains("cursor.field") == true)
    }
}

extension PageRequest {
    /// Behind the first page there may be nothing.
    fileprivate var asking: PageRequest {
        var request = self
        request.mayBeNothing = true
        return request
    }
}
