import ConnectorCore
import Testing

struct PagingRuleTests {
    private func next(
        _ rule: PagingRule,
        after position: PagePosition = .first,
        _ facts: PageFacts,
        _ sight: ListSight = ListSight()
    ) throws -> PagePosition? {
        let base = try #require(URLReference("https://api.example/v1/list?limit=2"))
        return try rule.step(after: position, facts, sight, base: base).next
    }

    @Test func `a whole list has no second page`() throws {
        #expect(try next(PagingRule(style: .none), PageFacts(count: 100)) == nil)
    }

    @Test func `a whole list that names a next page is none`() throws {
        #expect(throws: WalkError.undeclaredPages) {
            try next(PagingRule(style: .none), PageFacts(count: 100, next: "x"))
        }
    }

    @Test(arguments: [Int64(0), 1])
    func `pages count from the first one's number`(first: Int64) throws {
        let rule = PagingRule(style: .page, first: first)
        #expect(try next(rule, PageFacts(count: 2)) == .page(first + 1))
        #expect(try next(rule, after: .page(7), PageFacts(count: 2)) == .page(8))
        #expect(try next(rule, after: .page(7), PageFacts(count: 0)) == nil)
    }

    @Test func `an offset moves by what came, not by what was asked for`() throws {
        let rule = PagingRule(style: .offset, size: 100)
        #expect(try next(rule, PageFacts(count: 50)) == .offset(50))
        #expect(try next(rule, after: .offset(50), PageFacts(count: 20)) == .offset(70))
    }

    @Test func `a short page ends the list only where the server is known to fill its pages`() throws {
        #expect(try next(PagingRule(style: .page, size: 3, shortPage: .end), PageFacts(count: 2)) == nil)
        #expect(try next(PagingRule(style: .page, size: 3, shortPage: .end), PageFacts(count: 3)) == .page(2))
        #expect(try next(PagingRule(style: .page, size: 3), PageFacts(count: 2)) == .page(2))
    }

    @Test func `a boolean decides where there is one`() throws {
        let rule = PagingRule(style: .page, size: 3, more: ["more"], shortPage: .end)
        #expect(try next(rule, PageFacts(count: 1, more: true)) == .page(2))
        #expect(try next(rule, PageFacts(count: 3, more: false)) == nil)
        // It says nothing: asked on until a page is empty.
        #expect(try next(rule, PageFacts(count: 3, more: nil)) == .page(2))
    }

    @Test func `a keyset goes on after the last record`() throws {
        let rule = PagingRule(style: .afterLast, field: ["id"])
        #expect(try next(rule, PageFacts(count: 2, lastField: "\"b\"")) == .after("\"b\""))
        #expect(try next(rule, after: .after("\"b\""), PageFacts(count: 0)) == nil)
    }

    @Test func `a keyset needs its field`() {
        #expect(throws: WalkError.missingField("data.id")) {
            try next(PagingRule(style: .afterLast, field: ["data", "id"]), PageFacts(count: 2))
        }
    }

    @Test func `an empty page that promises more has nothing to go on from`() {
        #expect(throws: WalkError.emptyPageWithMore) {
            try next(PagingRule(style: .afterLast, more: ["more"]), PageFacts(count: 0, more: true))
        }
    }

    @Test func `a position that does not move is an error`() {
        #expect(throws: WalkError.positionStandsStill) {
            try next(PagingRule(style: .token), after: .token("t"), PageFacts(count: 2, next: "t"))
        }
        #expect(throws: WalkError.positionStandsStill) {
            try next(PagingRule(style: .offset, more: ["more"]), after: .offset(4), PageFacts(count: 0, more: true))
        }
    }

    @Test func `a token may lead on from an empty page`() throws {
        let rule = PagingRule(style: .token)
        #expect(try next(rule, PageFacts(count: 0, next: "t")) == .token("t"))
        #expect(try next(rule, PageFacts(count: 2)) == nil)
        #expect(try next(rule, PageFacts(count: 2, more: false, next: "t")) == nil)
    }

    @Test(arguments: [
        ("https://api.example/v1/list?page=2", "https://api.example/v1/list?page=2"),
        ("https://api.example:443/v1/list?page=2", "https://api.example/v1/list?page=2"),
        ("/other?page=2", "https://api.example/other?page=2"),
        ("?page=2", "https://api.example/v1/list?page=2"),
        ("more", "https://api.example/v1/more"),
    ])
    func `a link is seen from the list's own address`(link: String, resolved: String) throws {
        for style in [PagingRule.Style.link, .linkHeader] {
            #expect(try next(PagingRule(style: style), PageFacts(count: 1, next: link)) == .link(resolved))
        }
    }

    @Test(arguments: [
        "https://evil.example/x", "http://api.example/v1/list", "https://api.example:8443/", "//evil.example/",
    ])
    func `a link to another origin is refused`(link: String) {
        #expect(throws: WalkError.self) {
            try next(PagingRule(style: .link), PageFacts(count: 1, next: link))
        }
    }

    @Test(arguments: [
        (PagingRule.Style.none, false), (.afterLast, false), (.token, true), (.link, true), (.linkHeader, true),
        (.page, true), (.offset, true),
    ])
    func `only keysets are sure not to shift`(style: PagingRule.Style, shifts: Bool) {
        #expect(PagingRule(style: style).mayShift == shifts)
    }

    private func step(_ rule: PagingRule, _ facts: PageFacts, _ sight: ListSight) throws -> PageStep {
        let base = try #require(URLReference("https://api.example/v1/list?limit=2"))
        return try rule.step(after: .first, facts, sight, base: base)
    }

    @Test func `an end that nothing has proven is worth a request beyond it`() throws {
        let rule = PagingRule(style: .page, more: ["more"])
        let facts = PageFacts(count: 3, more: false)
        #expect(try step(rule, facts, ListSight(believesEnd: nil)) == .unprovenEnd(beyond: .page(2)))
        #expect(try step(rule, facts, ListSight(believesEnd: true)) == .end)
        #expect(try step(rule, facts, ListSight(believesEnd: false)) == .next(.page(2)))
    }

    @Test func `a short page ends the list only where a longer one came before`() throws {
        let rule = PagingRule(style: .page, size: 100, shortPage: .end)
        #expect(try step(rule, PageFacts(count: 50), ListSight(largestPage: 50)) == .unprovenEnd(beyond: .page(2)))
        #expect(try step(rule, PageFacts(count: 50), ListSight(largestPage: 100)) == .end)
    }

    @Test func `evidence of more wins over evidence of the end`() throws {
        let rule = PagingRule(style: .page, size: 10, more: ["more"], shortPage: .end)
        let sight = ListSight(countBefore: 0)
        #expect(try next(rule, PageFacts(count: 5, more: false, total: 9), sight) == .page(2))
        #expect(try next(rule, PageFacts(count: 5, more: false, pages: 2), sight) == .page(2))
        #expect(try next(rule, PageFacts(count: 5, more: false, total: 5, pages: 1), sight) == nil)
    }

    @Test func `a total tells the end of numbers and offsets`() throws {
        let offsets = PagingRule(style: .offset)
        #expect(try next(offsets, after: .offset(8), PageFacts(count: 2, total: 10)) == nil)
        #expect(try next(offsets, after: .offset(8), PageFacts(count: 2, total: 11)) == .offset(10))
    }

    @Test func `a promise without a way on is a mistake of the definition`() {
        #expect(throws: WalkError.moreWithoutNext) {
            try next(PagingRule(style: .token), PageFacts(count: 2, more: true))
        }
        #expect(throws: WalkError.moreWithoutNext) {
            try next(PagingRule(style: .none), PageFacts(count: 2, total: 3), ListSight(countBefore: 0))
        }
    }

    @Test func `what is no yes or no is named`() {
        #expect(throws: WalkError.unreadableMore) {
            try next(PagingRule(style: .page), PageFacts(count: 2, isMoreUnreadable: true))
        }
    }
}
