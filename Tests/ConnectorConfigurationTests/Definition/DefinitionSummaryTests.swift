import ConnectorConfiguration
import ConnectorCore
import Testing

struct DefinitionSummaryTests {
    private static let text = """
        { description: "A shop", kind: "payment", verified: "examples", api_version: "2", api_ends: "2027-07-01",
          environments: { production: "https://a.example", sandbox: "https://b.example" },
          required_settings: { shop: "its name" }, auth_type: "basic", rate_limit: 5,
          defaults: { cursor: { field: "at", lower: { since: "${cursor}" } }, paging: { style: "token" } },
          streams: {
            events: { path: "/events", feed: { object: "o", routes: { order: "orders" }, deletes: ["order.gone"] } },
            orders: { path: "/orders", model: "order", resync: { every: "7d" } },
            goods: { path: "/goods", body: {}, deleted: { field: "gone" } },
            lists: { path: "/lists", cursor: null, paging: null },
            logs: { path: "/logs", cursor: { lower: null } },
            none: null,
          },
          webhook: { on: { "order.*": { upsert: "orders" }, "order.gone": { delete: "orders" } } },
          operations: { b: { path: "/b" }, a: { path: "/a" } } }
        """

    private func summary() throws -> DefinitionSummary {
        let diagnostics = DiagnosticCollector()
        let value = try #require(JSON5Reader.read(Array(Self.text.utf8), file: "f", diagnostics: diagnostics))
        return DefinitionSummary("shop", value)
    }

    @Test func `what is known of a system`() throws {
        let summary = try summary()
        #expect(summary.description == "A shop")
        #expect(summary.verified == "examples")
        #expect(summary.apiEnds == "2027-07-01")
        #expect(summary.auth == "basic")
        #expect(summary.settings.map(\.name) == ["shop"])
        #expect(summary.environments == ["production", "sandbox"])
        #expect(summary.rateLimit == "5")
        #expect(summary.events == ["order.*", "order.gone"])
        #expect(summary.operations == ["a", "b"])
        #expect(summary.streams.map(\.name) == ["events", "orders", "goods", "lists", "logs"])
        #expect(
            summary.streams.map(\.request) == ["GET /events", "GET /orders", "POST /goods", "GET /lists", "GET /logs"]
        )
        #expect(summary.streams.map(\.paging) == ["token", "token", "token", "none", "token"])
    }

    @Test func `by what a sync finds what is new, and how deletions are seen`() throws {
        let streams = try summary().streams
        #expect(streams.map(\.cursor) == ["at", "at", "at", nil, "at, the list has no filter"])
        #expect(
            streams.map(\.deletions) == [
                "not seen", "by the stream events; by webhook, at once; by reading all, every 7d", "by the list itself",
                "at each reading", "not seen",
            ]
        )
    }

    @Test(arguments: Shipped.all.keys.sorted())
    func `each shipped definition says how it was verified, and what it is`(name: String) throws {
        let diagnostics = DiagnosticCollector()
        let text = try #require(Shipped.all[name])
        let value = try #require(JSON5Reader.read(Array(text.utf8), file: name, diagnostics: diagnostics))
        let summary = DefinitionSummary(name, value)
        #expect(!summary.description.isEmpty)
        #expect(value["verified"] != nil)
        #expect(summary.json["streams"]?.array?.count == summary.streams.count)
    }
}
