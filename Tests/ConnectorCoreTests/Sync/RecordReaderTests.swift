import ConnectorCore
import Testing

/// One stream whose records come three ways: by its own list, by a feed, and by a webhook.
private struct Ways {
    let things: StreamDefinition
    let feed: StreamDefinition
    let connector: ConnectorDefinition

    init(key: [[String]], comparison: StreamDefinition.Comparison) throws {
        let url = try #require(URLReference("https://a.example"))
        var things = StreamDefinition(id: StreamID(connector: "c", stream: "things"), path: Template(literal: "/t"))
        things.key = key
        things.comparison = comparison
        things.cursor = CursorRule(fields: [["at"]], format: .unix, order: .ascending)
        things.isFeedTarget = true
        var feed = StreamDefinition(id: StreamID(connector: "c", stream: "log"), path: Template(literal: "/log"))
        feed.feed = FeedRule(
            object: ["data"],
            key: ["data"] + key[0],
            type: ["type"],
            routes: ["thing": "things"],
            deletes: []
        )
        var connector = ConnectorDefinition(name: "c", baseURL: url, streams: [things, feed])
        connector.webhook = WebhookRule(
            scheme: .stripe(),
            object: ["data"],
            effects: [WebhookEffect("thing.*", action: .upsert, stream: "things")]
        )
        (self.things, self.feed, self.connector) = (things, feed, connector)
    }

    /// What of a record comes out, or the words why nothing does.
    struct Read: Equatable {
        var key: Hash128?
        var keyText: String?
        var content: Hash128?
        var line: String?
        var problem: String?
    }

    private func read(
        _ stream: StreamDefinition,
        _ element: String,
        _ identity: (RecordHead) -> (Hash128?, String?, Hash128?)
    ) throws -> Read {
        let reader = PageReader(stream, memory: .all, errors: ErrorRule(), targets: connector.streams)
        let page = try RecordSlicer.slice(Array("[\(element)]".utf8), plan: reader.plan)
        do throws(PageProblem) {
            let head = try reader.heads(page)[0]
            let (key, text, content) = identity(head)
            var lines: [UInt8] = []
            reader.append(Delivery(index: 0, stream: things.id), of: page, to: &lines, time: [])
            return Read(key: key, keyText: text, content: content, line: String(decoding: lines, as: UTF8.self))
        } catch {
            return Read(problem: error.problem)
        }
    }

    func byList(_ record: String) throws -> Read { try read(things, record) { ($0.key, $0.keyText, $0.content) } }

    func byFeed(_ record: String) throws -> Read {
        try read(feed, "{\"id\":1,\"type\":\"thing.made\",\"data\":\(record)}") {
            ($0.routed?.key, $0.routed?.keyText, $0.routed?.content)
        }
    }

    func byWebhook(_ record: String) throws -> Read {
        let reader = try #require(EventReader(connector))
        let bytes = Array(" {\"id\":\"e\",\"type\":\"thing.made\",\"data\":\(record)}".utf8)
        let event = WaitingEvent(number: 1, id: "e", type: "thing.made", at: Instant(seconds: 0), bytes: bytes)
        do throws(EventProblem) {
            guard let change = try reader.effect(of: event).change else { return Read(problem: "no change") }
            var lines: [UInt8] = []
            change.append(to: &lines, time: [])
            return Read(
                key: change.key,
                keyText: change.keyText,
                content: change.content,
                line: String(decoding: lines, as: UTF8.self)
            )
        } catch {
            return Read(problem: error.description)
        }
    }
}

struct RecordReaderTests {
    @Test(arguments: [
        "{\"id\":1,\"at\":5,\"n\":\"a\"}", "{ \"n\" : \"a\" , \"at\" : 5 , \"id\" : 1 }", "{\"id\":\"x\",\"at\":\"9\"}",
        "{\"id\":{\"a\":[1]},\"at\":5,\"n\":2}",
    ])
    func `a record is the same whichever way it comes`(record: String) throws {
        for key in [[["id"]], [["id"], ["at"]]] {
            for comparison in StreamDefinition.Comparison.allCases {
                let ways = try Ways(key: key, comparison: comparison)
                let read = try ways.byList(record)
                #expect(read.problem == nil && read.line?.isEmpty == false)
                #expect(try ways.byFeed(record) == read)
                #expect(try ways.byWebhook(record) == read)
            }
        }
    }

    @Test(arguments: ["{\"id\":null,\"at\":5}", "{\"at\":5}", "{\"id\":1,\"at\":5}"])
    func `a key that lacks a part is none, whichever way the record comes`(record: String) throws {
        let ways = try Ways(key: [["id"], ["n"]], comparison: .bytes)
        #expect(try ways.byList(record).problem == "has no id, n")
        #expect(try ways.byFeed(record).problem == "has no data.id, data.n")
        #expect(try ways.byWebhook(record).problem == "has no data.id, data.n")
    }

    @Test func `members in another order are the same where the stream compares them`() throws {
        let (one, other) = ("{\"id\":1,\"at\":5,\"n\":2}", "{\"n\":2,\"at\":5,\"id\":1}")
        let ways = try Ways(key: [["id"]], comparison: .members)
        let content = try ways.byList(one).content
        #expect(try ways.byList(other).content == content)
        #expect(try ways.byFeed(other).content == content)
        #expect(try ways.byWebhook(other).content == content)
    }
}
