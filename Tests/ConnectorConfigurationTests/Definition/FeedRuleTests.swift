import ConnectorConfiguration
import ConnectorCore
import Testing

struct FeedRuleTests {
    private static let definition = """
        { base_url: "https://a.example", auth_type: "none", streams: {
          events: { path: "/e", feed: { object: "data.object", routes: { charge: "charges", "a.b": "others" },
            deletes: ["charge.gone"] } },
          charges: { path: "/c" }, others: { path: "/o" }, plain: { path: "/p" } } }
        """

    @Test(arguments: [
        ("charge.made", "charges"), ("charge.a.b", nil), ("a.b.c", "others"), ("charge", "charges"), ("", nil),
        (".x", nil),
    ])
    func `an event's type says where it leads, with its last word or without`(type: String, stream: String?) {
        let rule = FeedRule(object: [], key: [], type: [], routes: ["charge": "charges", "a.b": "others"], deletes: [])
        #expect(rule.stream(forType: type) == stream)
    }

    @Test func `key and type have their usual places`() throws {
        let reading = Reading("{ definition: \"d\" }", ["d": Self.definition])
        #expect(reading.lines == [])
        let feed = try #require(reading.stream("events")?.feed)
        #expect(feed.object == ["data", "object"])
        #expect(feed.key == ["data", "object", "id"])
        #expect(feed.type == ["type"])
        #expect(feed.deletes == ["charge.gone"])
    }

    @Test func `streams that a feed delivers into are marked`() {
        let reading = Reading("{ definition: \"d\" }", ["d": Self.definition])
        #expect(reading.connector?.streams.filter(\.isFeedTarget).map(\.id.stream) == ["charges", "others"])
        #expect(reading.stream("events")?.writes.map(\.stream) == ["events", "charges", "others"])
        #expect(reading.stream("plain")?.writes.map(\.stream) == ["plain"])
    }

    @Test func `events of streams that were not chosen lead nowhere`() {
        let reading = Reading("{ definition: \"d\", streams: { events: {}, charges: {} } }", ["d": Self.definition])
        #expect(reading.stream("events")?.writes.map(\.stream) == ["events", "charges"])
        #expect(reading.stream("events")?.feed?.stream(forType: "a.b.c") == nil)
    }

    @Test func `a feed says what it misses`() {
        #expect(
            Reading.stream("{ path: \"/e\", feed: { routes: {} } }").lines == [
                "f:2:21: streams.s.feed.object: is missing; add object with the path of the record"
            ]
        )
    }
}
