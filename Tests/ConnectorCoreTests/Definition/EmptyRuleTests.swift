import ConnectorCore
import Testing

struct EmptyRuleTests {
    private static func stream(_ records: [String]) -> StreamDefinition {
        StreamDefinition(
            id: StreamID(connector: "c", stream: "s"),
            path: Template(literal: "/s"),
            records: records,
            paging: PagingRule(style: .token, parameter: "t", more: ["page", "more"], next: ["cursor"])
        )
    }

    @Test(
        arguments: [
            (["payments"], "{}", true), (["payments"], "{\"cursor\":\"x\"}", true),
            (["payments"], "{\"time\":1}", true), (["payments"], "{\"page\":{\"more\":false}}", true),
            (["payments"], "{\"errors\":[{\"code\":\"X\"}]}", false), (["payments"], "{\"error\":\"no\"}", false),
            (["payments"], "{\"refunds\":[]}", false), (["payments"], "[]", false), (["payments"], "1", false),
            (["q", "Invoice"], "{\"q\":{}}", true), (["q", "Invoice"], "{\"q\":{},\"time\":\"t\"}", true),
            (["q", "Invoice"], "{\"q\":{\"Bill\":[]}}", false), (["q", "Invoice"], "{\"q\":[]}", false),
            (["q", "Invoice"], "{\"fault\":{}}", false), (["q", "Invoice"], "{}", true), ([], "{}", false),
        ] as [([String], String, Bool)]
    )
    func `an answer without records means none where it holds nothing else`(
        records: [String],
        answer: String,
        isNone: Bool
    ) throws {
        let rule = EmptyRule(absent: true, beside: ["time"])
        #expect(rule.meansNone(try JSONValue(parsing: answer), Self.stream(records)) == isNone)
        #expect(!EmptyRule(nothing: true).meansNone(try JSONValue(parsing: answer), Self.stream(records)))
    }
}
