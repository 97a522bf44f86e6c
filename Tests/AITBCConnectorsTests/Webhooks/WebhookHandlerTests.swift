import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// Signatures made elsewhere (Python's hmac) over the same bytes.
struct WebhookHandlerTests {
    private static let secret = Secret("whsec_test")
    private static let now = Instant(seconds: 1_800_000_000)
    private static let body = Array(
        #"{"id":"evt_1","type":"charge.succeeded","created":1800000000,"data":{"object":{"id":"ch_1","amount":500}}}"#
            .utf8
    )
    private static let stripeSignature =
        "3e099850a709e33d6c864b453e5e94d6ed61417a261e9d665f963cbe0fa2745f"

    private static func handler(
        _ scheme: WebhookScheme = .stripe(),
        fields: WebhookFields = .stripe,
        secrets: [Secret] = [secret],
        at instant: Instant = now
    ) async throws -> WebhookHandler {
        let handler = WebhookHandler(WebhookOptions(scheme: scheme, fields: fields)) { instant }
        try await handler.setup(endpoint: "/webhooks/shop", secrets: secrets)
        return handler
    }

    private static func header(_ signature: String = stripeSignature, time: Int = 1_800_000_000) -> TransportHeaders {
        ["Stripe-Signature": "t=\(time),v1=\(signature)"]
    }

    @Test(
        arguments: [
            (WebhookAlgorithm.sha256, "5a808584e2a2a5d267a6da21333abd94ed35cdb4b6798ee9adfb1570be5f352f"),
            (
                .sha384,
                "c125ad538de8bef51db30461a5a69777c7f8e6d6309aeb5fa8361159fe0e7b1feb67dbec10ca4756e6b0a4889372bbd4"
            ),
            (
                .sha512,
                "c1c099804eca35778c86efe3dbb356c37039a05294697986c759e8718769405ae7a10c66901ec48e6b165ab5fc73af5e30c13e5a392128aeb8459a56d96a19c0"
            ),
        ]
    )
    func `a plain digest of the payload is verified in either case`(algorithm: WebhookAlgorithm, digest: String)
        async throws
    {
        let handler = try await Self.handler(.hmac(WebhookSignature()))
        #expect(handler.verify(payload: Self.body, signature: digest, algorithm: algorithm))
        #expect(handler.verify(payload: Self.body, signature: digest.uppercased(), algorithm: algorithm))
        #expect(!handler.verify(payload: Self.body + [0x20], signature: digest, algorithm: algorithm))
        #expect(!handler.verify(payload: Self.body, signature: nil, algorithm: algorithm))
        #expect(!handler.verify(payload: Self.body, signature: "", algorithm: algorithm))
    }

    @Test func `without a secret nothing is believed`() async throws {
        let handler = try await Self.handler(secrets: [])
        #expect(
            !handler.verify(
                payload: Self.body,
                signature: "5a808584e2a2a5d267a6da21333abd94ed35cdb4b6798ee9adfb1570be5f352f"
            )
        )
        await #expect(throws: WebhookError.self) {
            try await handler.handle(payload: Self.body, headers: Self.header())
        }
        let fresh = WebhookHandler()
        await #expect(throws: WebhookError.self) { try await fresh.handle(payload: Self.body, headers: Self.header()) }
    }

    @Test func `a Stripe event is verified, handled once, and told again as a duplicate`() async throws {
        let handler = try await Self.handler()
        let seen = Mutex<[WebhookEvent]>([])
        handler.addHandler("charge.succeeded") { event in seen.withLock { $0.append(event) } }
        handler.addHandler("*") { event in seen.withLock { $0.append(event) } }
        handler.addHandler("other") { _ in Issue.record("this is not its type") }
        let answer = try await handler.handle(payload: Self.body, headers: Self.header())
        #expect(answer.status == .processed && answer.eventID == "evt_1")
        #expect(answer.json["status"] == "processed" && answer.json["event_id"] == "evt_1")
        let event = try #require(seen.withLock { $0.first })
        #expect(event.type == "charge.succeeded" && event.timestamp == Self.now && event.source == "/webhooks/shop")
        #expect(event.data["object"]?["id"] == "ch_1")
        let again = try await handler.handle(payload: Self.body, headers: Self.header())
        #expect(again.events.first?.isDuplicate == true && seen.withLock { $0.count } == 2)
    }

    @Test func `a rolled secret is accepted beside the new one`() async throws {
        let handler = try await Self.handler(secrets: [Secret("whsec_new"), Self.secret])
        #expect(try await handler.handle(payload: Self.body, headers: Self.header()).status == .ignored)
    }

    @Test func `what is not right in every bit and in time is refused`() async throws {
        let flipped = "0" + Self.stripeSignature.dropFirst()
        let cases: [(TransportHeaders, [UInt8], Instant)] = [
            (Self.header(flipped == Self.stripeSignature ? "1" + flipped.dropFirst() : flipped), Self.body, Self.now),
            (["Stripe-Signature": "t=1800000000"], Self.body, Self.now),
            (["Stripe-Signature": "t=1800000000,v0=\(Self.stripeSignature)"], Self.body, Self.now),
            ([:], Self.body, Self.now), (["Stripe-Signature": ""], Self.body, Self.now),
            (Self.header(), Array(Self.body.dropLast()), Self.now),
            (Self.header(time: 1_800_000_001), Self.body, Self.now),
            (Self.header(), Self.body, Self.now + .seconds(301)), (Self.header(), Self.body, Self.now - .seconds(301)),
        ]
        for (headers, body, instant) in cases {
            let handler = try await Self.handler(at: instant)
            await #expect(throws: WebhookError.self) { try await handler.handle(payload: body, headers: headers) }
        }
        let late = try await Self.handler(at: Self.now + .seconds(300))
        _ = try await late.handle(payload: Self.body, headers: Self.header())
        let other = try await Self.handler(secrets: [Secret("another")])
        await #expect(throws: WebhookError.self) { try await other.handle(payload: Self.body, headers: Self.header()) }
    }

    @Test func `Square signs the notification URL and the body, in base64`() async throws {
        let body = Array(
            #"{"event_id":"e1","type":"payment.created","created_at":"2027-01-15T08:00:00Z","data":{}}"#.utf8
        )
        let handler = try await Self.handler(.square(notificationURL: "https://example.com/hook"), fields: .square)
        let headers: TransportHeaders = [
            "x-square-hmacsha256-signature": "EqJt89R5fJfu5ymOckbeGMssrMlYpWgSaojacMN/FUc="
        ]
        #expect(try await handler.handle(payload: body, headers: headers).eventID == "e1")
        let elsewhere = try await Self.handler(.square(notificationURL: "https://example.com/other"), fields: .square)
        await #expect(throws: WebhookError.self) { try await elsewhere.handle(payload: body, headers: headers) }
    }

    @Test func `GoCardless sends several events in one body`() async throws {
        let body = Array(
            #"{"events":[{"id":"EV1","resource_type":"payments","action":"confirmed","created_at":"2027-01-15T08:00:00Z"},{"id":"EV2","resource_type":"mandates","action":"created","created_at":"2027-01-15T08:00:00Z"}]}"#
                .utf8
        )
        let handler = try await Self.handler(.goCardless, fields: .goCardless)
        let types = Mutex<[String]>([])
        handler.addHandler("*") { event in types.withLock { $0.append(event.type) } }
        let answer = try await handler.handle(
            payload: body,
            headers: ["Webhook-Signature": "480e43f7f34e8223f8156664bc4693793dfc5cfd2f2031babf3be6de188c4068"]
        )
        #expect(answer.events.map(\.eventID) == ["EV1", "EV2"])
        #expect(types.withLock { $0 } == ["payments.confirmed", "mandates.created"])
    }

    private struct Broken: Error {}

    @Test func `a handler that fails makes the event failed or partial, and is called again`() async throws {
        let handler = try await Self.handler()
        let calls = Mutex(0)
        let broken = handler.addHandler("*") { _ in
            let count = calls.withLock { calls in
                calls += 1
                return calls
            }
            if count == 1 { throw Broken() }
        }
        #expect(try await handler.handle(payload: Self.body, headers: Self.header()).status == .failed)
        #expect(try await handler.handle(payload: Self.body, headers: Self.header()).status == .processed)
        #expect(handler.removeHandler(broken) && !handler.removeHandler(broken))
        handler.addHandler("x") { _ in }
        #expect(handler.removeHandlers(for: "x") == 1)
        await handler.cleanup()
        await #expect(throws: WebhookError.self) {
            try await handler.handle(payload: Self.body, headers: Self.header())
        }
    }

    @Test func `a queue takes events instead of the handlers`() async throws {
        let kept = Mutex<[WebhookEvent]>([])
        var options = WebhookOptions(scheme: .stripe(), fields: .stripe)
        options.queue = { event in kept.withLock { $0.append(event) } }
        let handler = WebhookHandler(options) { Self.now }
        try await handler.setup(endpoint: "/x", secret: Self.secret)
        #expect(try await handler.handle(payload: Self.body, headers: Self.header()).status == .queued)
        let event = try #require(kept.withLock { $0.first })
        #expect(WebhookEvent(json: event.json) == event)
        #expect(await handler.process(event).status == .ignored)
    }

    @Test func `ten thousand mutations are refused and crash nothing`() async throws {
        let handler = try await Self.handler()
        var generator = SeededGenerator(seed: 9)
        let value = "t=1800000000,v1=\(Self.stripeSignature)"
        for _ in 0..<10_000 {
            var body = Self.body
            var header = Array(value.utf8)
            if Bool.random(using: &generator) {
                let place = body.indices.randomElement(using: &generator) ?? 0
                body[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            } else {
                let place = header.indices.randomElement(using: &generator) ?? 0
                header[place] = UInt8.random(in: 0x21...0x7E, using: &generator)
            }
            let text = String(decoding: header, as: UTF8.self)
            guard body != Self.body || text.lowercased() != value.lowercased() else { continue }
            #expect(throws: WebhookError.self) {
                try handler.verify(payload: body, headers: ["Stripe-Signature": text], at: Self.now)
            }
        }
    }

    @Test func `a setup that makes no sense is refused`() async throws {
        let handler = WebhookHandler(WebhookOptions(allowsUnsigned: true))
        await #expect(throws: ConfigurationError.self) { try await handler.setup(endpoint: "/x", secret: Secret("")) }
        await #expect(throws: ConfigurationError.self) { try await handler.setup(endpoint: "https://example.com/x") }
        try await handler.setup(endpoint: "http://127.0.0.1/x")
        #expect(try await handler.handle(payload: Self.body).status == .ignored)
    }
}
