import ConnectorCore
import Testing

struct PagingRuleTests {
    private func next(
        _ rule: PagingRule,
        after position: PagePosition = .first,
        _ facts: PageFacts
    ) throws -> PagePosition? {
        let base = try #require(URLReference("https://api.example/v1/list?limit=2"))
        return try rule.position(after: position, facts, base: base)
    }

    @Test func `a whole list has no second page`() throws {
        #expect(try next(PagingRule(style: .none), PageFacts(count: 100, more: true, next: "x")) == nil)
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
        #expect(try next(rule, PageFacts(count: 3, more: nil)) == nil)
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
        (PagingRule.Style.none, false), (.afterLast, false), (.token, false), (.link, false), (.page, true),
        (.offset, true),
    ])
    func `numbers drift, keysets stay`(style: PagingRule.Style, drifts: Bool) {
        #expect(PagingRule(style: style).drifts == drifts)
    }

    @Test func `links that are told to follow the cursor drift`() {
        #expect(PagingRule(style: .link, anchor: .cursor).drifts)
    }
}
