import AITBCConnectors
import ConnectorCore
import Testing

struct IdempotencyTests {
    private static let charge = #"{"id":"ch_1","amount":5,"currency":"chf","status":"succeeded","created":1767225600}"#

    @Test func `a charge whose answer was lost is asked for again under the same key`() async throws {
        let transport = FakeTransport { _, number in number < 3 ? .failure(.lost) : .success(.json(Self.charge)) }
        let stripe = try StripeConnector.make(transport)
        let charge = try await stripe.createCharge(amount: 5, currency: "chf", source: "tok_visa")
        #expect(charge.id == "ch_1")
        let keys = transport.requests.map { $0.headers["Idempotency-Key"] }
        #expect(keys.count == 3)
        #expect(Set(keys).count == 1)
        #expect(keys.first??.utf8.count == 36)
        #expect(Set(transport.requests.map(\.bodyText)).count == 1)
    }

    @Test func `a repetition that comes while the first is still worked on waits for its answer`() async throws {
        let busy = #"{"error":{"code":"idempotency_key_in_use","message":"in use","type":"idempotency_error"}}"#
        let transport = FakeTransport { _, number in
            switch number {
            case 1: .failure(.lost)
            case 2: .success(.json(busy, status: 409))
            default: .success(.json(Self.charge))
            }
        }
        let charge = try await StripeConnector.make(transport)
            .createCharge(amount: 5, currency: "chf", source: "tok_visa")
        #expect(charge.id == "ch_1")
        #expect(Set(transport.requests.map { $0.headers["Idempotency-Key"] }).count == 1)
    }

    @Test func `two charges without a key of the caller's bear different ones`() async throws {
        let transport = FakeTransport { _, _ in .success(.json(Self.charge)) }
        let stripe = try StripeConnector.make(transport)
        for _ in 0..<2 { _ = try await stripe.createCharge(amount: 5, currency: "chf", source: "tok_visa") }
        #expect(Set(transport.requests.compactMap { $0.headers["Idempotency-Key"] }).count == 2)
    }

    @Test(arguments: ["", "  ", "a\nb"])
    func `a blank key is refused before anything is sent`(key: String) async throws {
        let transport = FakeTransport { _, _ in .success(.json("{}")) }
        await #expect(throws: ValidationError.self) {
            try await StripeConnector.make(transport).createRefund(charge: "ch_1", idempotencyKey: key)
        }
        let client = try AITBCClient.make(transport)
        await #expect(throws: ValidationError.self) {
            try await client.post("x", options: RequestOptions(idempotencyKey: key))
        }
        #expect(transport.requests.isEmpty)
    }

    @Test func `the caller's key is the one that is sent`() async throws {
        let transport = FakeTransport { _, _ in .success(.json(Self.charge)) }
        let stripe = try StripeConnector.make(transport)
        _ = try await stripe.createCharge(amount: 5, currency: "chf", source: "tok_visa", idempotencyKey: "order-7")
        #expect(transport.requests.map { $0.headers["Idempotency-Key"] } == ["order-7"])
    }

    private static let failures: [Result<TransportResponse, TransportError>] = [
        .failure(.lost), .failure(TransportError(.idleTimeout, "silence", mayHaveBeenSent: true)),
        .failure(TransportError(.totalTimeout, "too long", mayHaveBeenSent: true)),
        .success(.json("{}", status: 500)), .success(.json("{}", status: 502)), .success(.json("{}", status: 503)),
        .success(.json("{}", status: 504)), .success(.json("{}", status: 408)),
        .success(.json("{}", status: 425)), .success(.json("{}", status: 429)), .success(.json("{}", status: 401)),
    ]

    @Test(arguments: failures.indices, ["POST", "PATCH"])
    func `a write without a key is never sent twice`(failure: Int, method: String) async throws {
        let transport = FakeTransport { _, _ in Self.failures[failure] }
        let engine = try ConnectorEngine.make("{ add: { method: \"\(method)\", path: \"/a\" } }", transport: transport)
        let result = await DefinedERPConnector(engine).executeOperation("add", data: [:])
        #expect(!result.success)
        #expect(transport.requests.count == 1)
    }

    @Test func `an error names the key, so that asking again is no second charge`() async throws {
        let silence = TransportError(.idleTimeout, "silence", mayHaveBeenSent: true)
        let transport = FakeTransport { _, _ in .failure(silence) }
        let stripe = try StripeConnector.make(transport)
        let error = await #expect(throws: TimeoutError.self) {
            try await stripe.createCharge(amount: 5, currency: "chf", source: "tok_visa")
        }
        let sent = Set(transport.requests.map { $0.headers["Idempotency-Key"] })
        #expect(sent.count == 1 && error?.idempotencyKey == sent.first ?? nil)
    }

    @Test func `a variant that bears no key is not said to bear one`() async throws {
        let transport = FakeTransport { _, _ in .success(.json(#"{"id":"sub_1"}"#)) }
        let stripe = try StripeConnector.make(transport)
        for (atEnd, bears) in [(true, true), (false, false)] {
            let data: JSONValue = ["subscription": "sub_1", "at_period_end": .bool(atEnd)]
            let result = await stripe.executeOperation("cancel_subscription", data: data, idempotencyKey: "k")
            #expect((result.metadata["idempotency_key"] != nil) == bears)
            #expect((transport.requests.last?.headers["Idempotency-Key"] == "k") == bears)
        }
    }

    @Test(arguments: ["PUT", "DELETE", "GET"])
    func `other methods are repeated`(method: String) async throws {
        let transport = FakeTransport { _, number in number < 3 ? .failure(.lost) : .success(.json("{}")) }
        let engine = try ConnectorEngine.make("{ go: { method: \"\(method)\", path: \"/a\" } }", transport: transport)
        let result = await DefinedERPConnector(engine).executeOperation("go", data: [:])
        #expect(result.success, "\(result.error ?? "")")
        #expect(transport.requests.count == 3)
    }

    @Test func `a write that never reached the server is repeated without a key`() async throws {
        let transport = FakeTransport { _, number in number < 3 ? .failure(.refused) : .success(.json("{}")) }
        let engine = try ConnectorEngine.make("{ add: { path: \"/a\" } }", transport: transport)
        let result = await DefinedERPConnector(engine).executeOperation("add", data: [:])
        #expect(result.success, "\(result.error ?? "")")
        #expect(transport.requests.count == 3)
    }

    @Test func `a key for an operation that has no header for it makes nothing repeatable`() async throws {
        let transport = FakeTransport { _, _ in .failure(.lost) }
        let engine = try ConnectorEngine.make("{ add: { path: \"/a\" } }", transport: transport)
        let result = await DefinedERPConnector(engine).executeOperation("add", data: [:], idempotencyKey: "k")
        #expect(!result.success)
        #expect(transport.requests.count == 1)
    }
}
