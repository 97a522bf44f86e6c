import ConnectorCore
import Testing

/// Where lists end, and where they only seem to.
struct ListEndTests {
    private let numbered = PagingRule(style: .page, size: 2)

    private func machine(_ paging: PagingRule, _ change: (inout StreamEvidence) -> Void = { _ in }) -> SyncMachine {
        var evidence = Machine.proven
        evidence.largestPage = 2
        change(&evidence)
        return Machine.make(Machine.plan(nil, paging: paging), evidence: evidence)
    }

    /// A full page of records `first` and the one after it.
    private func full(_ machine: inout SyncMachine, from first: UInt64, more: Bool? = nil) -> [SyncAction] {
        let records = [Machine.head(first), Machine.head(first + 1)]
        let facts = PageFacts(count: 2, lastField: String(first + 1), more: more)
        let actions = machine.pageArrived(PageHeads(records: records, facts: facts), now: Instant(seconds: 1_000))
        return actions + machine.written()
    }

    private func single(_ machine: inout SyncMachine, _ number: UInt64) -> [SyncAction] {
        let facts = PageFacts(count: 1, lastField: String(number))
        let page = PageHeads(records: [Machine.head(number)], facts: facts)
        return machine.pageArrived(page, now: Instant(seconds: 1_000)) + machine.written()
    }

    private func empty(_ machine: inout SyncMachine) -> [SyncAction] {
        machine.pageArrived(PageHeads(records: [], facts: PageFacts(count: 0)), now: Instant(seconds: 1_000))
    }

    private func refused(_ machine: inout SyncMachine, _ status: Int) -> [SyncAction] {
        let failure = SyncFailure(status == 404 ? .gone : .refused, "no", hint: "", status: status)
        return machine.fetchFailed(failure, verdict: .giveUp(.wouldFailAgain))
    }

    /// What the run failed with, once everything under way is durable.
    private func ending(_ machine: inout SyncMachine) -> String? {
        for _ in 0..<3 { _ = machine.flushed([:]) + machine.committed() }
        return machine.run.error
    }

    @Test func `an empty page behind a full one is asked for twice`() {
        var machine = machine(numbered)
        _ = machine.start()
        _ = full(&machine, from: 1)
        #expect(empty(&machine).request?.position == .page(2))
        #expect(empty(&machine).writes == [])
    }

    @Test func `a page that was empty once is told, and nothing is lost`() {
        var machine = machine(numbered)
        _ = machine.start()
        _ = full(&machine, from: 1)
        _ = empty(&machine)
        let actions = full(&machine, from: 3)
        #expect(actions.first == .note(.blip))
        #expect(actions.writes == [0, 1])
    }

    @Test(arguments: [404, 416])
    func `a refusal behind a full page has the page before read again`(status: Int) {
        var machine = machine(numbered)
        _ = machine.start()
        _ = full(&machine, from: 1)
        #expect(refused(&machine, status).request?.position == .page(2))
        #expect(refused(&machine, status).request?.position == .first)
        let actions = full(&machine, from: 1)
        #expect(actions.contains(.note(.doubt(Doubt(.endByError)))))
        #expect(actions.writes == [])
    }

    @Test func `a refusal in the middle of a list that shifted begins it again`() {
        var machine = machine(numbered)
        _ = machine.start()
        _ = full(&machine, from: 1)
        _ = refused(&machine, 404)
        _ = refused(&machine, 404)
        #expect(full(&machine, from: 7).request?.position != nil)
        #expect(machine.evidence.doubts.isEmpty)
    }

    @Test func `the last page again is asked for twice, then the list's end`() {
        var machine = machine(numbered)
        _ = machine.start()
        _ = full(&machine, from: 1)
        _ = full(&machine, from: 3)
        #expect(full(&machine, from: 3).request?.position == .page(3))
        #expect(full(&machine, from: 3).request?.position == .page(4))
        #expect(empty(&machine).writes == [])
    }

    @Test func `a page in the middle that is the one before it is no end: the list is begun again, once`() {
        var machine = machine(numbered)
        _ = machine.start()
        for isAgain in [false, true] {
            _ = full(&machine, from: 1)
            for _ in 0..<3 { _ = full(&machine, from: 3) }
            let actions = full(&machine, from: 7)
            #expect(isAgain || actions.request?.position == .first)
        }
        #expect(ending(&machine)?.contains("middle of the list") == true)
    }

    @Test func `a first page that comes again is asked for half of it, also where positions were seen to count`() {
        var machine = machine(numbered)
        _ = machine.start()
        _ = full(&machine, from: 1)
        _ = full(&machine, from: 1)
        #expect(full(&machine, from: 1).request?.size == 1)
        _ = full(&machine, from: 1)
        #expect(ending(&machine)?.contains("paging.parameter") == true)
    }

    @Test func `two pages of which the last one comes again are told by its second half`() {
        var machine = machine(numbered) { $0.pagesDiffer = false }
        _ = machine.start()
        for first in [1, 3, 3] as [UInt64] { _ = full(&machine, from: first) }
        let half = full(&machine, from: 3).request
        #expect(half?.position == .page(4) && half?.size == 1)
        let first = single(&machine, 4).request
        #expect(first?.position == .first && first?.size == 1)
        #expect(single(&machine, 1).request?.position == .page(4))
        #expect(full(&machine, from: 3).writes == [])
        #expect(ending(&machine) == nil)
    }

    @Test func `a first page that changed once as a whole, on a server that ignores positions, is told`() {
        var machine = machine(numbered) { $0.pagesDiffer = false }
        _ = machine.start()
        for first in [1, 3, 3, 3] as [UInt64] { _ = full(&machine, from: first) }
        _ = single(&machine, 3)
        #expect(ending(&machine)?.contains("paging.parameter") == true)
    }

    @Test func `two pages of a server that ignores the size are asked past`() {
        var machine = machine(numbered) { $0.pagesDiffer = false }
        _ = machine.start()
        for first in [1, 3, 3, 3] as [UInt64] { _ = full(&machine, from: first) }
        #expect(full(&machine, from: 3).request?.position == .page(4))
        #expect(full(&machine, from: 3).writes == [])
        #expect(ending(&machine) == nil)
    }

    @Test func `a server that always answers with its first page is not believed`() {
        var paging = numbered
        paging.style = .offset
        var machine = machine(paging) { $0.pagesDiffer = false }
        _ = machine.start()
        _ = full(&machine, from: 1)
        _ = full(&machine, from: 1)
        #expect(full(&machine, from: 1).request?.position == .offset(1))
        _ = full(&machine, from: 1)
        #expect(ending(&machine)?.contains("paging.parameter") == true)
    }

    @Test func `an end that nobody has proven is asked beyond`() {
        var paging = numbered
        paging.more = ["more"]
        var machine = machine(paging) { $0.declaredEnd = .unknown }
        _ = machine.start()
        #expect(full(&machine, from: 1, more: false).request?.position == .page(2))
        #expect(full(&machine, from: 3, more: false).request?.position == .page(3))
        #expect(empty(&machine).writes == [])
    }

    @Test(arguments: [false, true])
    func `a word that was broken by a list that grew is taken back by a reading that it held in`(isBroken: Bool) {
        var machine = machine(PagingRule(style: .token, more: ["more"])) { evidence in
            evidence.declaredEnd = .broken
            evidence.doubts = [Doubt(.declaredEnd)]
        }
        _ = machine.start()
        // What stands behind a page that called itself the last one is shorter, as filtered pages are.
        for (number, isSaid) in [(1, true), (3, !isBroken), (5, true), (7, false)] {
            let first = UInt64(number)
            let records = number == 5 ? [Machine.head(first)] : [Machine.head(first), Machine.head(first + 1)]
            let facts = PageFacts(count: records.count, more: isSaid, next: "after \(number)")
            let page = PageHeads(records: records, facts: facts)
            _ = machine.pageArrived(page, now: Instant(seconds: 1_000)) + machine.written()
        }
        for _ in 1...2 { _ = empty(&machine) }
        #expect(machine.evidence.declaredEnd == (isBroken ? .broken : .unknown))
        #expect(machine.evidence.doubts.isEmpty == !isBroken)
    }

    @Test func `page 1 that repeats page 0 is passed over where a list is declared to begin at 0`() {
        var paging = numbered
        paging.first = 0
        var machine = machine(paging)
        _ = machine.start()
        _ = full(&machine, from: 1)
        #expect(full(&machine, from: 1).request?.position == .page(2))
        #expect(full(&machine, from: 3).writes == [0, 1])
    }

    @Test func `only where there may be no page a bare none may be one`() {
        var counted = machine(numbered)
        #expect(counted.start().request?.mayBeNothing == false)
        #expect(full(&counted, from: 1).request?.mayBeNothing == true)
        var named = machine(PagingRule(style: .token, more: ["more"])) { $0.declaredEnd = .unknown }
        _ = named.start()
        for (number, isSaid) in [(1, true), (3, false)] {
            let first = UInt64(number)
            let facts = PageFacts(count: 2, more: isSaid, next: "after \(number)")
            let page = PageHeads(records: [Machine.head(first), Machine.head(first + 1)], facts: facts)
            let actions = named.pageArrived(page, now: Instant(seconds: 1_000)) + named.written()
            #expect(actions.request?.mayBeNothing == true)
        }
    }

    @Test func `what is foreseen of a page is what is then asked for`() {
        var machine = machine(numbered)
        _ = machine.start()
        let page = PageHeads(records: [Machine.head(1), Machine.head(2)], facts: PageFacts(count: 2, lastField: "2"))
        let foreseen = machine.foresee(page)
        #expect(foreseen?.position == .page(2))
        #expect(machine.pageArrived(page, now: Instant(seconds: 1_000)).request == foreseen)
    }

    @Test func `a page before the first one that has other records shows a wrong first page`() {
        var machine = machine(numbered) { $0.hasNoPageBefore = false }
        #expect(machine.start().request?.position == .page(0))
        #expect(full(&machine, from: 1).request?.position == .first)
        _ = full(&machine, from: 3)
        #expect(ending(&machine)?.contains("first: 0") == true)
    }

    @Test func `a page before the first one, and nothing on that, shows a wrong first page`() {
        var machine = machine(numbered) { $0.hasNoPageBefore = false }
        _ = machine.start()
        _ = full(&machine, from: 1)
        _ = empty(&machine)
        _ = empty(&machine)
        #expect(ending(&machine)?.contains("first: 0") == true)
    }

    @Test(arguments: [false, true])
    func `without a page before the first one, twice, nothing is wrong`(wasAsked: Bool) {
        var machine = machine(numbered) { ($0.hasNoPageBefore, $0.sawNoPageBefore) = (false, wasAsked) }
        _ = machine.start()
        #expect(refused(&machine, 404).request?.position == .first)
        #expect(full(&machine, from: 1).writes == [0, 1])
        #expect(machine.evidence.hasNoPageBefore == wasAsked)
    }

    @Test func `a full page without a next one is asked for smaller, once`() {
        var machine = machine(PagingRule(style: .link, size: 2)) { $0.declaredEnd = .unknown }
        _ = machine.start()
        #expect(full(&machine, from: 1).request == PageRequest(position: .first, size: 1))
        let facts = PageFacts(count: 1, next: "https://api.example/list?page=2")
        let small = PageHeads(records: [Machine.head(1)], facts: facts)
        let again = machine.pageArrived(small, now: Instant(seconds: 1_000))
        #expect(again.request == PageRequest(position: .first))
        #expect(full(&machine, from: 1).writes == [0, 1])
    }
}
