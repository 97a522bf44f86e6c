import AITBCConnectors
import ConnectorCore
import ConnectorCrypto
import Synchronization
import Testing

private func signature(_ parts: [String], _ secret: String) -> String {
    HexText.text(HMACKey(Array(secret.utf8), .sha256).digest(parts.map { Array($0.utf8) }))
}

/// AITBC's own events, and those of a connector's system.
struct ConnectorWebhookTests {
    @Test func `an event of AITBC's is verified and read whole`() async throws {
        let body =
            #"{"id":"evt_1","type":"order.paid","source":"aitbc-eu","timestamp":"2026-11-30T08:00:00Z","data":{"n":7}}"#
        let seen = Mutex<[WebhookEvent]>([])
        let handler = WebhookHandler(.aitbc)
        handler.addHandler("order.paid") { event in seen.withLock { $0.append(event) } }
        try await handler.setup(endpoint: "/webhooks/aitbc", secret: Secret("whsec_0123456789"))
        let proof = signature([body], "whsec_0123456789")
        let answer = try await handler.handle(payload: Array(body.utf8), headers: ["X-Signature": proof])
        #expect(answer.json == ["status": "processed", "event_id": "evt_1"])
        let event = try #require(seen.withLock { $0 }.first)
        #expect(event.source == "aitbc-eu" && event.data == ["n": 7] && event.signature == proof)
        #expect(event.timestamp == Instant(iso8601: "2026-11-30T08:00:00Z"))
        #expect(event.json == (try JSONValueEncoder().encode(event)))
        await #expect(throws: WebhookError.self) {
            try await handler.handle(payload: Array((body + " ").utf8), headers: ["X-Signature": proof])
        }
    }

    @Test func `a connector takes its system's events, each once`() async throws {
        let clocks = TestClocks(now: Instant(seconds: 1_800_000_000))
        let stripe = try StripeConnector(
            apiKey: Secret("sk_test_0123456789"),
            settings: ["webhook": ["secret": "whsec_0123456789"]],
            transport: FakeTransport { _, _ in .failure(.lost) },
            clocks: clocks
        )
        let seen = Mutex<[WebhookEvent]>([])
        try stripe.addWebhookHandler("charge.succeeded") { event in seen.withLock { $0.append(event) } }
        #expect(stripe.lastActivity == nil)
        let body =
            #"{"id":"evt_1","type":"charge.succeeded","created":1799999990,"data":{"object":{"id":"ch_1","amount":5}}}"#
        let proof = "t=1800000000,v1=" + signature(["1800000000.", body], "whsec_0123456789")
        for status in ["processed", "ignored"] {
            let answer = try await stripe.handleWebhook(payload: Array(body.utf8), headers: ["Stripe-Signature": proof])
            #expect(answer.json["status"]?.string == status)
        }
        let event = try #require(seen.withLock { $0 }.first)
        #expect(seen.withLock { $0.count } == 1 && event.source == "stripe" && event.data["amount"] == 5)
        #expect(event.timestamp == Instant(seconds: 1_799_999_990))
        #expect(stripe.lastActivity == clocks.now)
        let error = await #expect(throws: WebhookError.self) {
            try await stripe.handleWebhook(payload: Array(body.utf8), headers: ["Stripe-Signature": "t=1,v1=00"])
        }
        #expect(error?.code == "WEBHOOK_SIGNATURE_MISMATCH")
    }

    @Test(arguments: [
        (#"id: "id""#, ["processed", "ignored", "processed", "ignored"]),
        // The object's own key: the same with another body is news.
        (#"id: "order.id""#, ["processed", "ignored", "processed", "ignored"]),
        // No name at all: nothing tells a repetition from news.
        ("id: []", ["processed", "processed", "processed", "processed"]),
    ])
    func `what comes again is known by what its sender says of it`(id: String, statuses: [String]) async throws {
        let engine = try ConnectorEngine(
            name: "erp",
            definition: """
                { kind: "erp", streams: { orders: { path: "/o" } }, webhook: { signature: "token", header: "X-Token", \(id),
                  type: "type", object: "order", on: { "*": { upsert: "orders" } } } }
                """,
            settings: [
                "base_url": "https://api.example", "auth_type": "none", "webhook": ["secret": "token-0123456789"],
            ],
            transport: FakeTransport { _, _ in .failure(.lost) }
        )
        let erp = DefinedERPConnector(engine)
        try erp.addWebhookHandler("*") { _ in }
        var found: [String] = []
        for (event, state) in [(1, "a"), (1, "a"), (2, "b"), (2, "b")] {
            let body = #"{"id":"\#(event)","type":"order","order":{"id":7,"state":"\#(state)"}}"#
            let answer = try await erp.handleWebhook(
                payload: Array(body.utf8),
                headers: ["X-Token": "token-0123456789"]
            )
            found.append(answer.json["status"]?.string ?? "")
        }
        #expect(found == statuses)
    }

    @Test func `a connector without webhook settings says so instead of waiting for events`() async throws {
        let stripe = try StripeConnector.make(FakeTransport { _, _ in .failure(.lost) })
        let error = #expect(throws: WebhookError.self) { try stripe.addWebhookHandler("*") { _ in } }
        #expect(error?.code == "WEBHOOK_NOT_SET_UP" && error?.message.contains("stripe") == true)
        await #expect(throws: WebhookError.self) { try await stripe.handleWebhook(payload: [], headers: [:]) }
    }

    @Test(arguments: [
        (#"{"webhook_type":"invoice"}"#, "there is no text at `doc.name`"), ("<xml>", "it is no JSON"),
        (#"{"doc":{"name":"x"}}"#, "there is no text at the header X-Topic"),
    ])
    func `a body without the id or type that a definition names is no event`(body: String, problem: String) async throws
    {
        let more = """
            streams: { invoices: { path: "/i" } }, webhook: { signature: "token", header: "X-Token", id: "doc.name",
              type: { header: "X-Topic" }, on: { "*": { upsert: "invoices" } } }
            """
        let engine = try ConnectorEngine(
            name: "erp",
            definition: "{ kind: \"erp\", \(more) }",
            settings: [
                "base_url": "https://api.example", "auth_type": "none", "webhook": ["secret": "token-0123456789"],
            ],
            transport: FakeTransport { _, _ in .failure(.lost) }
        )
        let erp = DefinedERPConnector(engine)
        let error = await #expect(throws: WebhookError.self) {
            try await erp.handleWebhook(payload: Array(body.utf8), headers: ["X-Token": "token-0123456789"])
        }
        #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
    }
}
