import ConnectorCore
import Testing

struct LinkHeaderTests {
    @Test(arguments: [
        ("<https://a/?p=2>; rel=\"next\"", "https://a/?p=2"),
        ("<u>; rel=next", "u"),
        ("<u>;rel=NEXT", "u"),
        ("<u>; REL=\"prev next\"", "u"),
        ("<u> ;\trel = \"next\"", "u"),
        ("<p>; rel=\"prev\", <n>; rel=\"next\"", "n"),
        ("<n,;x>; rel=\"next\"", "n,;x"),
        ("<p>; title=\"a, <b>; rel=next\"; rel=\"prev\", <n>; rel=\"next\"", "n"),
        ("<p>; title=\"x; rel=next\", <n>; rel=next", "n"),
        ("<n>; title=\"last\"; rel=\"next\"; rel=\"prev\"", "n"),
        ("<>; rel=next", ""),
    ])
    func `the target of the relation is found`(value: String, target: String) {
        #expect(LinkHeader.target(["Link": value], relation: "next") == target)
    }

    @Test(arguments: [
        "", "<u>", "<u>; rel=\"nextish\"", "<u>; rel=\"prev\"; rel=\"next\"", "<u; rel=next", "u; rel=next", "<u>; rel",
        "<u>; xrel=next", "<u>; rel=\"", ",,,", "<u>; title=\"rel=next",
    ])
    func `no target where no link has the relation`(value: String) {
        #expect(LinkHeader.target(["Link": value], relation: "next") == nil)
    }

    @Test func `the field may come several times, under any spelling`() {
        #expect(LinkHeader.target(["link": "<p>; rel=prev", "LINK": "<n>; rel=next"], relation: "next") == "n")
        #expect(LinkHeader.target(["X-Link": "<n>; rel=next"], relation: "next") == nil)
    }
}
