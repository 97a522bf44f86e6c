import AITBCConnectors
import ConnectorCore
import Testing

/// What becomes of failures on the client's way.
struct ClientFailureTests {
    private static func error(_ failure: TransportError, audit: MemoryAuditLog? = nil) async throws -> any AITBCError {
        let transport = FakeTransport { request, _ in
            request.url.hasSuffix("/health") ? .success(.envelope) : .failure(failure)
        }
        var config = ConnectorConfig(baseURL: "https://api.example.com", apiKey: Secret("key-1"))
        config.maxRetries = 0
        config.tenantID = "t-1"
        let client = try AITBCClient(config: config, transport: transport, auditLog: audit)
        do {
            _ = try await client.put("orders/4242424242424242", body: ["a": 1])
        } catch let error as any AITBCError {
            return error
        }
        throw CancellationError()
    }

    @Test(
        arguments: [
            (TransportError.Code.connectTimeout, true), (.idleTimeout, true), (.totalTimeout, true),
            (.couldNotConnect, false), (.nameNotResolved, false), (.tlsFailed, false), (.bodyTooLarge, false),
            (.insecureRefused, false), (.redirectRefused, false), (.badURL, false),
        ]
    )
    func `a transport's failure keeps its code, its cause and a hint`(code: TransportError.Code, isTimeout: Bool)
        async throws
    {
        let error = try await Self.error(TransportError(code, "it said no", mayHaveBeenSent: false))
        #expect((error is TimeoutError) == isTimeout && error.code == code.name && error.hint != nil)
        #expect(error.underlying is TransportError && "\(error)".contains("it said no"))
    }

    @Test(
        arguments: [
            (TransportError.Code.connectTimeout, "CONNECT_TIMEOUT"), (.badURL, "BAD_URL"), (.tlsFailed, "TLS_FAILED"),
            (.noRoom, "NO_ROOM"), (.other, "OTHER"),
        ]
    )
    func `codes are spelled in one way`(code: TransportError.Code, name: String) {
        #expect(code.name == name)
    }

    @Test func `a write that may have been done says so in its hint, one behind a failed check that it was not sent`()
        async throws
    {
        let lost = FakeTransport { request, _ in
            request.url.hasSuffix("/health") ? .success(.envelope) : .failure(.lost)
        }
        let error = await #expect(throws: APIError.self) { try await AITBCClient.make(lost).post("x", body: 1) }
        #expect(error?.mayHaveBeenSent == true && error?.hint?.contains("may have been done") == true)
        let down = FakeTransport { _, _ in .success(.json("{}", status: 503)) }
        let unsent = await #expect(throws: APIError.self) {
            try await AITBCClient.make(down) { $0.maxRetries = 0 }.post("x", body: 1)
        }
        #expect(unsent?.mayHaveBeenSent == false)
        let options = RequestOptions(deadline: .zero)
        await #expect(throws: TimeoutError.self) {
            try await AITBCClient.make(lost).post("x", body: 1, options: options)
        }
    }

    @Test func `elements of a list that is none are an error, not none`() async throws {
        let client = try AITBCClient.make(FakeTransport { _, _ in .success(.json("{\"data\":{\"items\":[]}}")) })
        let error = await #expect(throws: APIError.self) { for try await _ in client.pages("x").items {} }
        #expect(error?.code == "BAD_ANSWER")
    }

    @Test(arguments: [false, true])
    func `a call whose connection was closed says so, and is no cancellation`(isSent: Bool) async throws {
        let error = try await Self.error(TransportError(.cancelled, "closed", mayHaveBeenSent: isSent))
        #expect(error is APIError && error.code == "DISCONNECTED" && error.mayHaveBeenSent == isSent)
    }

    @Test func `a list whose connection was closed says so, and is no cancellation`() async throws {
        let transport = FakeTransport { _, _ in .failure(TransportError(.cancelled, "closed", mayHaveBeenSent: true)) }
        var charges = try StripeConnector.make(transport).charges().makeAsyncIterator()
        let error = await #expect(throws: SyncError.self) { try await charges.next() }
        #expect(error?.code == "DISCONNECTED" && transport.requests.count == 1)
    }

    @Test(arguments: [false, true])
    func `an error says whether the other side may have acted, with which key, and nothing of a daemon`(isSent: Bool)
        async throws
    {
        let transport = FakeTransport { request, _ in
            request.url.hasSuffix("/health")
                ? .success(.envelope)
                : .failure(TransportError(isSent ? .connectionLost : .couldNotConnect, "no", mayHaveBeenSent: isSent))
        }
        let client = try AITBCClient.make(transport) { $0.maxRetries = 0 }
        let options = RequestOptions(idempotencyKey: "order-7")
        let error = await #expect(throws: APIError.self) { try await client.post("orders", body: 1, options: options) }
        #expect(error?.mayHaveBeenSent == isSent && error?.idempotencyKey == "order-7")
        for word in ["sync", "definition", "credential", "reload", "max_response_bytes", "stream"] {
            #expect(error?.description.contains(word) == false)
        }
    }

    @Test func `an answer that can't be read keeps the key that it was asked with`() async throws {
        let client = try AITBCClient.make(
            FakeTransport { request, _ in
                .success(request.url.hasSuffix("/health") ? .envelope : .json("<html>"))
            }
        )
        let options = RequestOptions(idempotencyKey: "order-7")
        let error = await #expect(throws: APIError.self) { try await client.post("orders", body: 1, options: options) }
        #expect(error?.idempotencyKey == "order-7" && error?.mayHaveBeenSent == true)
    }

    @Test func `a write is audited without card numbers, successful or not`() async throws {
        let log = MemoryAuditLog(capacity: 2)
        for _ in 0..<3 {
            _ = try await Self.error(TransportError(.connectionLost, "lost", mayHaveBeenSent: true), audit: log)
        }
        let records = await log.records
        let record = try #require(records.last)
        #expect(records.count == 2 && record.outcome == "unknown" && record.tenant == "t-1")
        #expect(record.operation.hasPrefix("PUT /v1/orders/") && !record.operation.contains("4242424242424242"))
        #expect(record.actor == "https://api.example.com" && record.errorCode == "CONNECTION_LOST")
    }

    @Test(.timeLimit(.minutes(5)))
    func `a deadline bounds retries and waits`() async throws {
        let transport = FakeTransport { request, _ in
            .success(request.url.hasSuffix("/health") ? .envelope : .json("{}", status: 503, ["Retry-After": "3600"]))
        }
        let client = try AITBCClient.make(transport)
        let error = await #expect(throws: TimeoutError.self) {
            try await client.get("x", options: .init(deadline: .seconds(1)))
        }
        #expect(error?.code == "DEADLINE")
    }

    @Test func `a server that fails without end is left alone, and the error says so`() async throws {
        let transport = FakeTransport { request, _ in
            .success(request.url.hasSuffix("/health") ? .envelope : .json("{}", status: 503))
        }
        let client = try AITBCClient.make(transport) { $0.maxRetries = 0 }
        var codes: Set<String?> = []
        for _ in 0..<30 {
            do {
                _ = try await client.get("x")
            } catch let error as any AITBCError {
                codes.insert(error.code)
            }
        }
        #expect(codes.contains("CIRCUIT_OPEN") && transport.requests.count < 31)
    }

    @Test func `an answer of another shape is an error with its path`() async throws {
        let client = try AITBCClient.make(FakeTransport { _, _ in .success(.json(#"{"data":{"amount":"x"}}"#)) })
        let answer = try await client.get("balance")
        #expect(throws: APIError.self) { try answer.decode(Balance.Amount.self) }
        #expect(try answer.decode(JSONValue.self)["amount"] == "x")
    }

    @Test func `metrics count requests by method and status`() async throws {
        let client = try AITBCClient.make(FakeTransport { _, _ in .success(.envelope) })
        _ = try await client.delete("x")
        let text = try #require(client.metrics?.prometheusText)
        #expect(text.contains(#"requests_total{method="DELETE",status="200"} 1"#))
        let without = try AITBCClient.make(nil) { $0.enableMetrics = false }
        #expect(without.metrics == nil)
    }

    @Test func `metrics go to their endpoint, the last ones before the client closes`() async throws {
        for status in [204, 500] {
            let transport = FakeTransport { request, _ in
                request.url.hasSuffix("/push") ? .success(.json("{}", status: status)) : .success(.envelope)
            }
            let client = try AITBCClient.make(transport) { $0.metricsEndpoint = "https://metrics.example/push" }
            _ = try await client.get("x")
            await client.disconnect()
            let request = try #require(transport.requests.last)
            #expect(request.url == "https://metrics.example/push" && request.method == "POST")
            let document = try JSONValue(parsing: request.body ?? [])
            #expect(document["metrics"]?.array?.contains { $0["name"] == "requests_total" } == true)
            #expect(!client.isConnected)
        }
    }

    @Test func `clients that share a limiter share its limit`() async throws {
        let limiter = RateLimiter(rate: 1_000, burst: 1_000)
        let transport = FakeTransport { _, _ in .success(.envelope) }
        let config = ConnectorConfig(baseURL: "https://api.example.com", apiKey: Secret("k"))
        for _ in 0..<2 { try await AITBCClient(config: config, transport: transport, rateLimiter: limiter).connect() }
        #expect(transport.requests.count == 2)
    }
}
