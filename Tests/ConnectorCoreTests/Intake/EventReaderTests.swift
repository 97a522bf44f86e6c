import ConnectorCore
import Testing

struct EventReaderTests {
    /// A connector `acme` with the streams `orders` (key `id`, cursor `at`) and `stock`.
    private func reader(_ change: (inout WebhookRule) -> Void = { _ in }) throws -> EventReader {
        let url = try #require(URLReference("https://a.example"))
        var orders = StreamDefinition(id: StreamID(connector: "acme", stream: "orders"), path: Template(literal: "/o"))
        orders.cursor = CursorRule(fields: [["at"]], format: .unix, order: .ascending)
        let stock = StreamDefinition(id: StreamID(connector: "acme", stream: "stock"), path: Template(literal: "/s"))
        var connector = ConnectorDefinition(name: "acme", baseURL: url, streams: [orders, stock])
        var rule = WebhookRule(
            scheme: .stripe(),
            version: WebhookRule.Version(field: ["created"], format: .unix),
            object: ["data", "object"],
            effects: [
                WebhookEffect("order.*", action: .upsert, stream: "orders"),
                WebhookEffect("order.gone", action: .delete, stream: "orders", syncs: ["stock"]),
                WebhookEffect("stock.*", syncs: ["stock"]),
            ]
        )
        change(&rule)
        connector.webhook = rule
        return try #require(EventReader(connector))
    }

    private static let made = """
        { "id": "evt_1", "type": "order.made", "created": 100,
          "data": { "object": { "id": "o_1", "at": 99, "total": 1.50 } } }
        """

    private func events(
        _ body: String,
        _ reader: EventReader,
        headers: TransportHeaders = [:],
        query: [(name: String, value: String)] = []
    ) throws -> [IncomingEvent] {
        try reader.events(in: Array(body.utf8), headers: headers, query: query)
    }

    private func waiting(_ body: String, type: String = "order.made") -> WaitingEvent {
        WaitingEvent(number: 7, id: "evt_1", type: type, at: Instant(seconds: 0), bytes: Array(body.utf8))
    }

    @Test func `an event is kept as its sender wrote it, without white space`() throws {
        let found = try events(Self.made, reader())
        #expect(found.count == 1)
        #expect(found.first?.id == "evt_1")
        #expect(found.first?.type == "order.made")
        #expect(found.first?.stream == .events(of: "acme", into: "orders"))
        #expect(
            found.first.map { String(decoding: $0.bytes, as: UTF8.self) }
                == #"{"id":"evt_1","type":"order.made","created":100,"data":{"object":{"id":"o_1","at":99,"total":1.50}}}"#
        )
    }

    @Test(arguments: ["\n ", "\u{FEFF}", "\u{FEFF}\r\n"])
    func `what stands before a body's first token is no part of its event`(front: String) throws {
        let found = try events(front + #"{"id":"e","type":"order.a"}"#, reader())
        #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == [#"{"id":"e","type":"order.a"}"#])
    }

    @Test(arguments: ["\n ", "\u{FEFF}", "\u{FEFF}\r\n"])
    func `what stands before an event's first token is no part of the object that it is`(front: String) throws {
        let reader = try reader { $0.object = [] }
        let change = try #require(try reader.effect(of: waiting(front + #"{"id":1}"#)).change)
        #expect(String(decoding: change.object, as: UTF8.self) == #"{"id":1}"#)
        #expect(change.content == ContentHash.hash(Array(#"{"id":1}"#.utf8)))
    }

    @Test func `where the event is the object, its id with another body is another event`() throws {
        let reader = try reader { ($0.object, $0.type) = ([], [.text("order.made")]) }
        let one = try events("{\"id\":7,\"at\":1}", reader).map(\.id)
        #expect(try events("{\"id\":7,\"at\":2}", reader).map(\.id) != one)
        #expect(try events("{\"id\":7,\"at\":1}", reader).map(\.id) == one)
    }

    @Test func `events that only trigger a sync wait apart, those that do nothing are left out`() throws {
        #expect(
            try events(#"{"id":"e","type":"stock.low"}"#, reader()).map(\.stream) == [.events(of: "acme", into: nil)]
        )
        #expect(try events(#"{"id":"e","type":"ping"}"#, reader()) == [])
    }

    @Test func `a body may carry several`() throws {
        let reader = try reader { $0.events = ["events"] }
        let found = try events(
            #"{"events":[{"id":"1","type":"order.a"},{"id":2,"type":"ping"},{"id":"3","type":"stock.b"}]}"#,
            reader
        )
        #expect(found.map(\.id) == ["1", "3"])
        #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) }.first == #"{"id":"1","type":"order.a"}"#)
    }

    @Test func `id and type may stand in headers, in the query, or be said`() throws {
        let reader = try reader { rule in
            rule.id = [.header("X-Id"), .path(["n"])]
            rule.type = [.text("order"), .query("kind")]
        }
        let found = try events(#"{"n":5}"#, reader, headers: ["X-Id": "a"], query: [("kind", "made")])
        #expect(found.map(\.id) == ["a.5"])
        #expect(found.map(\.type) == ["order.made"])
    }

    @Test func `where the sender gives no id there is none`() throws {
        #expect(try events(#"{"type":"order.a"}"#, reader { $0.id = [] }).map(\.id) == [nil])
    }

    @Test(arguments: [
        (#"{"type":"order.a"}"#, "has no text at id"), (#"{"id":"","type":"order.a"}"#, "has no text at id"),
        (#"{"id":null,"type":"order.a"}"#, "has no text at id"), (#"{"id":"e"}"#, "has no text at type"),
        (#"{"id":{"a":1},"type":"order.a"}"#, "has no text at id"), ("[]", "is not the JSON it should be"),
        (#"{"id":"e","type":"order.a""#, "is not the JSON it should be"), ("", "is not the JSON it should be"),
        ("null", "holds no event"),
        (#"{"id":"e","type":"order.a"}}"#, "is not the JSON it should be"),
    ])
    func `a body without id or type is refused, since its event would be lost`(body: String, problem: String) throws {
        let reader = try reader()
        let error = #expect(throws: EventProblem.self) { try events(body, reader) }
        #expect(error?.description.hasPrefix(problem) == true, "\(String(describing: error))")
    }

    @Test func `what strangers may fill is bounded`() throws {
        let reader = try reader { $0.events = ["events"] }
        let long = String(repeating: "x", count: 513)
        #expect(throws: EventProblem("has an id or type of over 512 bytes")) {
            try events(#"{"events":[{"id":"\#(long)","type":"order.a"}]}"#, reader)
        }
        let many = Array(repeating: #"{"id":"1","type":"ping"}"#, count: 5_001).joined(separator: ",")
        #expect(throws: EventProblem("holds 5001 events, more than 5000")) {
            try events("{\"events\":[\(many)]}", reader)
        }
    }

    @Test func `a missing header or query parameter is named`() throws {
        let header = try reader { $0.id = [.header("X-Id")] }
        #expect(throws: EventProblem("comes without header X-Id")) { try events(Self.made, header) }
        let query = try reader { $0.type = [.query("kind")] }
        #expect(throws: EventProblem("comes without the query parameter kind")) { try events(Self.made, query) }
    }

    @Test func `a change carries the object, its key, its cursor and how new it is`() throws {
        let (change, syncs) = try reader().effect(of: waiting(Self.made))
        let found = try #require(change)
        #expect(syncs == [])
        #expect(found.target == StreamID(connector: "acme", stream: "orders"))
        #expect(found.action == .upsert)
        #expect(found.keyText == "\"o_1\"")
        #expect(found.cursor == 99_000_000_000)
        #expect(found.version == 100_000_000_000)
        #expect(String(decoding: found.object, as: UTF8.self) == #"{"id":"o_1","at":99,"total":1.50}"#)
    }

    @Test func `the same object compares equal, however its event is written`() throws {
        let other =
            #"{"data":{"object":{"id":"o_1","at":99,"total":1.50}},"type":"order.changed","id":"evt_2","created":5}"#
        let reader = try reader()
        #expect(
            try reader.effect(of: waiting(Self.made)).change?.content
                == reader.effect(of: waiting(other)).change?.content
        )
    }

    @Test func `an event may delete and trigger at once`() throws {
        let (change, syncs) = try reader().effect(of: waiting(Self.made, type: "order.gone"))
        #expect(change?.action == .delete)
        #expect(syncs == [StreamID(connector: "acme", stream: "stock")])
    }

    @Test func `keys of several fields are an array`() throws {
        let reader = try reader {
            $0.effects = [WebhookEffect("*", action: .upsert, stream: "orders", key: [["id"], ["at"]])]
        }
        #expect(try reader.effect(of: waiting(Self.made)).change?.keyText == "[\"o_1\",99]")
    }

    @Test func `a type that does nothing any more does nothing`() throws {
        let (change, syncs) = try reader().effect(of: waiting(Self.made, type: "ping"))
        #expect(change == nil)
        #expect(syncs == [])
    }

    @Test(arguments: [
        (#"{"data":{}}"#, "carries no object at data.object"),
        ("null", "holds no event"),
        (#"{"data":{"object":[]}}"#, "carries no object at data.object"),
        (#"{"data":{"object":{"id":null}}}"#, "has no data.object.id"), ("{", "can't be read: "),
    ])
    func `an event that can't be applied says why`(body: String, problem: String) throws {
        let reader = try reader()
        let error = #expect(throws: EventProblem.self) { try reader.effect(of: waiting(body)) }
        #expect(error?.description.hasPrefix(problem) == true, "\(String(describing: error))")
    }
}
