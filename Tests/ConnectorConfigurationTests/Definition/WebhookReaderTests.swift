import ConnectorConfiguration
import ConnectorCore
import Testing

struct WebhookReaderTests {
    private static let definition = """
        { base_url: "https://a.example", auth_type: "none",
          webhook: { signature: "shopify", version: { field: "at", format: "unix" },
            on: { "order.*": { upsert: "orders" }, "stock.*": { sync: "stock" } } },
          streams: { orders: { path: "/o" }, stock: { path: "/s" } } }
        """

    /// A connector with the streams `orders` and `stock` whose webhook has these members, which begin in line 2.
    private func read(_ members: String) -> (rule: WebhookRule?, lines: [String]) {
        let reading = Reading(
            """
            { base_url: "https://a.example", auth_type: "none", streams: { orders: { path: "/o" }, stock: { path: "/s" } }, webhook: {
            \(members) } }
            """
        )
        return (reading.connector?.webhook, reading.lines)
    }

    private static let secret = "signature: \"shopify\", secret: { credential: \"key\" }"

    @Test func `a connector has the definition's webhook when its file asks for it`() throws {
        let without = Reading("{ definition: \"d\" }", ["d": Self.definition])
        #expect(without.lines == [])
        #expect(without.connector?.webhook == nil)
        let with = Reading(
            "{ definition: \"d\", webhook: { secret: { credential: \"key\" } } }",
            ["d": Self.definition]
        )
        #expect(with.lines == [])
        let rule = try #require(with.connector?.webhook)
        #expect(rule.scheme == .shopify)
        #expect(rule.secrets == [Secret("sk_test_0123")])
        #expect(rule.version == WebhookRule.Version(field: ["at"], format: .unix))
        #expect(rule.remember == .seconds(8 * 86_400))
        #expect(Set(rule.effects.map(\.types)) == ["order.*", "stock.*"])
        #expect(with.connector?.streams.filter(\.isFeedTarget).map(\.id.stream) == ["orders"])
    }

    @Test func `effects on streams that were not chosen lead nowhere`() {
        let reading = Reading(
            "{ definition: \"d\", streams: { orders: {} }, webhook: { secret: { credential: \"key\" } } }",
            ["d": Self.definition]
        )
        #expect(reading.lines == [])
        #expect(reading.connector?.webhook?.effects.map(\.types) == ["order.*"])
    }

    @Test func `every key is read`() throws {
        let reading = read(
            """
            signature: "token", header: "X-Token", secrets: [{ credential: "key" }, { credential: "key" }],
            events: "events", id: [{ header: "X-Id" }, "n"], type: [{ text: "stock" }, { query: "kind" }],
            object: "data.object", remember: "30d", streams: ["visits"], handshake: "validationToken",
            on: { "visit": { upsert: "visits", key: ["a", "b.c"] }, "gone": { delete: "orders", key: "n" },
              "stock.*": { sync: ["stock", "orders"] } }
            """
        )
        #expect(reading.lines == [])
        let rule = try #require(reading.rule)
        #expect(rule.secrets.count == 2)
        #expect(rule.events == ["events"])
        #expect(rule.id == [.header("X-Id"), .path(["n"])])
        #expect(rule.type == [.text("stock"), .query("kind")])
        #expect(rule.object == ["data", "object"])
        #expect(rule.remember == .seconds(30 * 86_400))
        #expect(rule.streams == ["visits"])
        #expect(rule.handshake == "validationToken")
        #expect(
            rule.effects == [
                WebhookEffect("visit", action: .upsert, stream: "visits", key: [["a"], ["b", "c"]]),
                WebhookEffect("gone", action: .delete, stream: "orders", key: [["n"]]),
                WebhookEffect("stock.*", syncs: ["stock", "orders"]),
            ]
        )
    }

    @Test func `an id that the sender does not give is written as an empty array`() {
        #expect(read("\(Self.secret), id: [], on: { a: { sync: \"stock\" } }").rule?.id == [])
    }

    @Test func `a connector may live from events alone`() {
        let reading = Reading(
            """
            { base_url: "https://a.example", auth_type: "none", webhook: { \(Self.secret), streams: ["visits"],
              on: { "*": { upsert: "visits" } } } }
            """
        )
        #expect(reading.lines == [])
        #expect(reading.connector?.streams == [])
    }

    @Test func `whoever is believed without proof says so`() {
        let reading = read("signature: \"none\", on: { a: { sync: \"stock\" } }")
        #expect(reading.lines == [])
        #expect(reading.rule?.allowsUnsigned == true)
    }

    @Test(arguments: [
        (
            "signature: \"shopify\", on: { a: { sync: \"stock\" } }",
            "secret: is missing; write the signing secret that the sender shows: { credential: \"NAME\" }"
        ),
        (
            "\(secret), secrets: [{ credential: \"key\" }], on: { a: { sync: \"stock\" } }",
            "secrets: stands beside `secret`; keep one of the two"
        ),
        (secret, "on: is missing; say what events do: on: { \"customer.*\": { upsert: \"customers\" } }"),
        (
            "\(secret), on: { a: {} }",
            "on.a.upsert: is missing; write upsert, delete or sync with the streams concerned"
        ),
        (
            "\(secret), on: { a: { upsert: \"orders\", delete: \"orders\" } }",
            "on.a.delete: stands beside `upsert`; keep one of the two"
        ),
        (
            "\(secret), on: { a: { upsert: \"order\" } }",
            "on.a.upsert: there is no stream \"order\"; did you mean \"orders\"?"
        ),
        (
            "\(secret), on: { a: { sync: \"zzzzzzz\" } }",
            "on.a.sync: there is no stream \"zzzzzzz\"; name one of streams, or add it to webhook.streams"
        ),
        (
            "\(secret), streams: [\"orders\"], on: { a: { sync: \"stock\" } }",
            "streams: \"orders\" is a list already; name only what no list fills"
        ),
        ("\(secret), streams: [\"o/o\"], on: { a: { sync: \"stock\" } }", "streams: \"o/o\" can't be a stream's name"),
        (
            "\(secret), id: { header: \"a\", query: \"b\" }, on: { a: { sync: \"stock\" } }",
            "id: names 2 places; write a path, { header: … }, { query: … } or { text: … }"
        ),
        ("\(secret), remember: \"1s\", on: { a: { sync: \"stock\" } }", "remember"),
        ("\(secret), sceret: 1, on: { a: { sync: \"stock\" } }", "sceret"),
    ])
    func `a mistake is told with what helps`(members: String, line: String) {
        let reading = read(members)
        #expect(reading.lines.count == 1, "\(reading.lines)")
        #expect(reading.lines.first?.contains("webhook.\(line)") == true, "\(reading.lines)")
    }
}
