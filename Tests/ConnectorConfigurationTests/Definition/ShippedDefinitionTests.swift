import ConnectorConfiguration
import ConnectorCore
import Testing

/// The definitions that come with the program, read as a connector's file uses them.
struct ShippedDefinitionTests {
    private let stripe = Reading("{ definition: \"stripe\", api_key: { credential: \"key\" } }", Shipped.all)
    private let tryton = Reading(
        """
        { definition: "tryton", base_url: "https://erp.example", settings: { database: "main" },
          auth_config: { username: "sync", password: { credential: "key" } } }
        """,
        Shipped.all
    )

    @Test func `Stripe's reads without a word`() throws {
        #expect(stripe.lines == [])
        let connector = try #require(stripe.connector)
        #expect(connector.kind == .payment)
        #expect(connector.baseURL.text == "https://api.stripe.com/")
        #expect(connector.auth == .bearer(Secret("sk_test_0123")))
        #expect(connector.rateLimit == 20)
        #expect(connector.headers == [QueryTemplate("Stripe-Version", Template(literal: "2024-06-20"))])
        #expect(connector.checkPath == Template(literal: "/v1/balance"))
        #expect(connector.streams.count == 12)
        #expect(connector.streams.first?.id.stream == "events")
    }

    @Test func `Stripe's streams have the defaults merged in`() throws {
        let charges = try #require(stripe.stream("charges"))
        #expect(charges.records == ["data"])
        #expect(charges.key == [["id"]])
        #expect(charges.paging.style == .afterLast)
        #expect(charges.paging.sizeParameter == "limit")
        #expect(charges.paging.size == 100)
        #expect(charges.cursor?.order == .descending)
        #expect(charges.cursor?.lookback == 300_000_000_000)
        #expect(charges.cursor?.lower.map(\.name) == ["created[gte]"])
        #expect(stripe.stream("events")?.cursor?.lookback == 600_000_000_000)
        #expect(stripe.stream("events")?.cursor?.startsNow == true)
        #expect(stripe.stream("subscriptions")?.query == [QueryTemplate("status", Template(literal: "all"))])
    }

    @Test func `Stripe's event feed marks the streams it delivers into`() throws {
        let targets = Set(stripe.connector?.streams.filter(\.isFeedTarget).map(\.id.stream) ?? [])
        #expect(
            targets == [
                "charges", "refunds", "customers", "payment_intents", "invoices", "subscriptions", "products", "prices",
                "disputes", "payouts",
            ]
        )
        let events = try #require(stripe.stream("events"))
        #expect(Set(events.writes.map(\.stream)) == targets.union(["events"]))
    }

    @Test func `Tryton's reads without a word`() throws {
        #expect(tryton.lines == [])
        let connector = try #require(tryton.connector)
        #expect(connector.kind == .erp)
        #expect(
            connector.streams.map(\.id.stream) == ["parties", "addresses", "products", "sales", "invoices", "moves"]
        )
        #expect(connector.errors == ErrorRule(present: ["error"], message: [["error"]], code: [["error", "0"]]))
        guard case .session(let rule) = connector.auth else {
            Issue.record("no session login")
            return
        }
        #expect(rule.user == "sync")
        #expect(rule.returns == ["user": ["result", "0"], "token": ["result", "1"]])
    }

    @Test func `Tryton's streams walk by id and filter by date in the body`() throws {
        let sales = try #require(tryton.stream("sales"))
        #expect(sales.method == "POST")
        #expect(sales.records == ["result"])
        #expect(sales.paging.shortPage == .end)
        #expect(sales.cursor?.fields == [["write_date"], ["create_date"]])
        #expect(sales.cursor?.lookback == 900_000_000_000)
        #expect(sales.cursor?.filtersLower == true)
        #expect(sales.resync == .seconds(7 * 86_400))
        #expect(sales.schedule == .every(.seconds(300), jitter: .seconds(30)))
    }

    @Test func `Tryton's needs the name of the database, and says so for each stream`() {
        let file = """
            { definition: "tryton", base_url: "https://erp.example", streams: { sales: {} },
              auth_config: { username: "sync", password: { credential: "key" } } }
            """
        #expect(
            Reading(file, Shipped.all).lines == [
                "f:1:1: settings: has no \"database\", which stream sales needs; add settings: { database: … }",
                "f:1:1: settings: has no \"database\", which the login needs; add settings: { database: … }",
                "f:1:1: settings: has no \"database\", which the operations need; add settings: { database: … }",
            ]
        )
    }
}
