import ConnectorCore
import Testing

struct PagePositionTests {
    @Test(arguments: [
        PagePosition.first, .page(3), .offset(1_000), .after("\"a\\\"b\""), .after("12345678901234567890"),
        .token("t="),
        .link("https://api.example/v1?x=1&y=2"),
    ])
    func `every position survives the state file`(position: PagePosition) throws {
        let text = position.encoded.text
        #expect(PagePosition(encoded: try JSONValue(parsing: text)) == position)
    }

    @Test(arguments: ["null", "[]", "[\"page\"]", "[\"page\",\"x\"]", "[\"elsewhere\",1]", "[\"token\",3]"])
    func `what is no position is not taken for one`(text: String) throws {
        #expect(PagePosition(encoded: try JSONValue(parsing: text)) == nil)
    }
}
