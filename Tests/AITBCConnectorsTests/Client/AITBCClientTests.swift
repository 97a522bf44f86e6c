import AITBCConnectors
import ConnectorCore
import Testing

/// Against a transport that answers as the test says.
struct AITBCClientTests {
    private static let health = "https://api.example.com/v1/health"

    @Test func `connecting asks for the health once, however often and from how many tasks`() async throws {
        let transport = FakeTransport { _, _ in .success(.envelope) }
        let client = try AITBCClient.make(transport)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do { try await client.connect() } catch { Issue.record(error) }
                }
            }
        }
        try await client.connect()
        #expect(transport.requests.map(\.url) == [Self.health])
        #expect(transport.requests[0].method == "GET" && client.isConnected)
    }

    @Test func `a request connects first and bears what the specification asks for`() async throws {
        let transport = FakeTransport { _, _ in .success(.envelope) }
        let client = try AITBCClient.make(transport) {
            $0.enterpriseID = "ent-1"
            $0.tenantID = "ten-2"
            $0.region = "eu"
        }
        _ = try await client.post("/orders", body: ["amount": 5], options: .init(idempotencyKey: "k-1"))
        let request = try #require(transport.requests.last)
        #expect(transport.requests.count == 2)
        #expect(request.url == "https://api.example.com/v1/orders")
        #expect(request.headers["Accept"] == "application/json")
        #expect(request.headers["Content-Type"] == "application/json")
        #expect(request.headers["User-Agent"] == "AITBC-SDK/\(AITBCSDK.version)")
        #expect(request.headers["Authorization"] == "Bearer key-1")
        #expect(request.headers["X-Enterprise-ID"] == "ent-1")
        #expect(request.headers["X-Tenant-ID"] == "ten-2")
        #expect(request.headers["X-Region"] == "eu")
        #expect(request.headers["Idempotency-Key"] == "k-1")
        #expect(request.body.map { String(decoding: $0, as: UTF8.self) } == #"{"amount":5}"#)
    }

    @Test(
        arguments: [
            ("https://api.example.com", "orders"), ("https://api.example.com/", "/orders"),
            ("https://api.example.com//", "//orders"),
        ]
    )
    func `one slash stands between the parts of a URL`(base: String, path: String) async throws {
        let transport = FakeTransport { _, _ in .success(.envelope) }
        let client = try AITBCClient.make(transport, base: base)
        _ = try await client.get(path)
        #expect(transport.requests.last?.url == "https://api.example.com/v1/orders")
    }

    @Test func `the envelope is taken apart`() async throws {
        let transport = FakeTransport { request, _ in
            .success(
                .json(
                    #"{"success":true,"data":{"id":9007199254740993},"metadata":{"took":3}}"#,
                    ["X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "999"]
                )
            )
        }
        let answer = try await AITBCClient.make(transport).get("orders/1")
        #expect(answer.data["id"]?.int64 == 9_007_199_254_740_993)
        #expect(answer.metadata["took"]?.int64 == 3)
        #expect(answer.rateLimit.limit == 1000 && answer.rateLimit.remaining == 999)
    }

    @Test func `a success that is none is told without secrets and control characters`() async throws {
        let body = #"{"success":false,"error":"bad key-1\u001b[31m","error_code":"E key-1","details":{"k":"key-1"}}"#
        let transport = FakeTransport { request, _ in
            .success(request.url == Self.health ? .envelope : .json(body))
        }
        let client = try AITBCClient.make(transport)
        let error = await #expect(throws: APIError.self) { try await client.get("orders") }
        let told = "\(error.map(String.init(describing:)) ?? "") \(error?.code ?? "") \(error?.details.text ?? "")"
        #expect(told.contains("bad") && !told.contains("key-1") && !told.contains("\u{1B}"), "\(told)")
    }

    @Test func `a caller's own mistake does not rest the server`() async throws {
        let transport = FakeTransport { request, _ in
            request.headers["X-Note"] == nil
                ? .success(.envelope) : .failure(TransportError(.badRequest, "a line break", mayHaveBeenSent: false))
        }
        let client = try AITBCClient.make(transport)
        for _ in 0..<20 {
            await #expect(throws: APIError.self) {
                try await client.get("orders", options: .init(headers: ["X-Note": "a\nb"]))
            }
        }
        #expect(transport.requests.count == 21, "none of them is tried again")
        _ = try await client.get("orders")
    }

    @Test func `methods are those of the API, however they are spelled`() async throws {
        let transport = FakeTransport { request, _ in
            .success(request.method == "POST" ? .json("{}", status: 503) : .envelope)
        }
        let client = try AITBCClient.make(transport)
        await #expect(throws: APIError.self) { try await client.request("post", "orders") }
        #expect(transport.requests.map(\.method) == ["GET", "POST"])
        await #expect(throws: ValidationError.self) { try await client.request("BREW", "orders") }
    }

    @Test func `offsets that a server ignores end a list with an error`() async throws {
        let transport = FakeTransport { request, _ in
            .success(request.url == Self.health ? .envelope : .json(#"{"data":[{"id":1}],"has_more":true}"#))
        }
        let client = try AITBCClient.make(transport)
        var pages = 0
        let error = await #expect(throws: APIError.self) {
            for try await _ in client.pages("orders") { pages += 1 }
        }
        #expect(error?.code == "PAGING_LOOP" && pages == 1)
    }

    @Test func `a configuration prints no secret`() throws {
        var config = ConnectorConfig(baseURL: "https://api.example.com", apiKey: Secret("key-1"))
        config.authConfig = ["client_id": "id", "client_secret": "hush"]
        var dumped = ""
        dump(config, to: &dumped)
        dump(BasicAuth(username: "joe", password: Secret("hunter2")), to: &dumped)
        let printed = "\(config) \(String(reflecting: config)) \(dumped)"
        for secret in ["hush", "key-1", "hunter2", "am9lOmh1bnRlcjI"] { #expect(!printed.contains(secret)) }
        #expect(printed.contains("client_secret"))
    }

    @Test(arguments: [("https://api.example.com/metrics", true), ("https://other.example/metrics", false)])
    func `metrics bear our proof only on our own host`(endpoint: String, isProven: Bool) async throws {
        let transport = FakeTransport { _, _ in .success(.envelope) }
        let client = try AITBCClient.make(transport) { $0.metricsEndpoint = endpoint }
        try await client.connect()
        await client.disconnect()
        let push = try #require(transport.requests.last { $0.url == endpoint })
        #expect((push.headers["Authorization"] != nil) == isProven)
    }

    @Test func `tenants have rate limits of their own`() async throws {
        let limiter = RateLimiter(rate: 1)
        #expect(limiter.gate(of: "a") === limiter.gate(of: "a"))
        #expect(limiter.gate(of: "a") !== limiter.gate(of: "b"))
        #expect(limiter.gate(of: nil) !== limiter.gate(of: "a"))
    }

    @Test func `an error answer becomes the error of its kind with the server's code and details`() async throws {
        let body = #"{"success":false,"error":"No such order","error_code":"NOT_FOUND","details":{"id":"7"}}"#
        let table: [(status: Int, type: any AITBCError.Type)] = [
            (400, APIError.self), (401, AuthenticationError.self), (403, AuthenticationError.self),
            (404, APIError.self), (408, TimeoutError.self), (429, RateLimitError.self), (503, APIError.self),
        ]
        for (status, type) in table {
            let error = try await Self.failure(status: status, body: body)
            #expect(Swift.type(of: error) == type, "status \(status)")
            #expect(error.code == "NOT_FOUND" && error.statusCode == status)
            #expect(error.details == ["id": "7"] && error.request == "GET /v1/orders/7")
            #expect(error.message.contains("No such order") && error.hint != nil)
            #expect(!"\(error)".contains("secret=1"), "the query is not shown")
        }
    }

    @Test func `success false in a 200 answer is an error`() async throws {
        let error = try await Self.failure(status: 200, body: #"{"success":false,"error":"nope","error_code":"E1"}"#)
        #expect(error is APIError && error.code == "E1")
    }

    @Test(arguments: [("Retry-After", "0"), ("X-RateLimit-Remaining", "0")])
    func `a 403 that means too many requests is the error of that`(field: String, value: String) async throws {
        let error = try await Self.failure(status: 403, body: "{}", [field: value])
        #expect(error is RateLimitError && error.statusCode == 403)
    }

    private static func failure(
        status: Int,
        body: String,
        _ headers: TransportHeaders = [:]
    ) async throws -> any AITBCError {
        let transport = FakeTransport { request, _ in
            .success(request.url == health ? .envelope : .json(body, status: status, headers))
        }
        let client = try AITBCClient.make(transport) { $0.maxRetries = 0 }
        do {
            _ = try await client.get("orders/7", options: .init(query: [("secret", "1")]))
        } catch let error as any AITBCError {
            return error
        }
        throw ExpectedFailure()
    }

    private struct ExpectedFailure: Error {}

    @Test func `pages are followed to their end`() async throws {
        let transport = FakeTransport { request, _ in
            if request.url.hasSuffix("/health") { return .success(.envelope) }
            let isFirst = !request.url.contains("starting_after")
            return .success(
                .json(
                    isFirst
                        ? #"{"data":[{"id":1},{"id":2}],"has_more":true,"next_page":"c 2"}"#
                        : #"{"data":[{"id":3}],"has_more":false,"next_page":null}"#
                )
            )
        }
        let client = try AITBCClient.make(transport)
        var ids: [Int64] = []
        for try await item in client.pages("orders", limit: 2).items { ids.append(item["id"]?.int64 ?? 0) }
        #expect(ids == [1, 2, 3])
        #expect(
            transport.requests.map(\.url).dropFirst() == [
                "https://api.example.com/v1/orders?limit=2",
                "https://api.example.com/v1/orders?limit=2&starting_after=c%202",
            ]
        )
    }

    @Test func `a page that leads back to itself ends with an error`() async throws {
        let transport = FakeTransport { _, _ in .success(.json(#"{"data":[1],"has_more":true,"next_page":"a"}"#)) }
        let client = try AITBCClient.make(transport)
        await #expect(throws: APIError.self) {
            for try await _ in client.pages("orders") {}
        }
        #expect(transport.requests.count == 3)
    }

    @Test func `a write without a key is never sent twice once it may have arrived`() async throws {
        for (key, count) in [(nil, 1), ("k", 4)] as [(String?, Int)] {
            let transport = FakeTransport { request, _ in
                request.method == "GET"
                    ? .success(.envelope)
                    : .failure(TransportError(.connectionLost, "lost", mayHaveBeenSent: true))
            }
            let client = try AITBCClient.make(transport)
            await #expect(throws: APIError.self) {
                try await client.post("orders", body: [:], options: .init(idempotencyKey: key))
            }
            #expect(transport.requests.count { $0.method == "POST" } == count)
        }
    }

    @Test func `events tell of connecting and disconnecting`() async throws {
        let client = try AITBCClient.make(FakeTransport { _, _ in .success(.envelope) })
        var events = client.events.makeAsyncIterator()
        try await client.connect()
        await client.disconnect()
        #expect(await events.next() == .connected)
        #expect(await events.next() == .disconnected)
        #expect(!client.isConnected)
    }

    @Test func `a failed connection is an error and is tried again next time`() async throws {
        let transport = FakeTransport { _, number in
            number == 1 ? .success(.json("{}", status: 401)) : .success(.envelope)
        }
        let client = try AITBCClient.make(transport)
        await #expect(throws: AuthenticationError.self) { try await client.connect() }
        #expect(!client.isConnected)
        try await client.connect()
    }

    @Test func `any bytes give an answer or a typed error`() async throws {
        var generator = SeededGenerator(seed: 7)
        let seeds = [
            #"{"success":true,"data":[1,2],"has_more":true,"next_page":"x"}"#, #"{"data":null}"#, "", "<html>", "[1]",
        ]
        let bodies = (0..<2_000).map { _ in
            Self.mutated(Array(seeds.randomElement(using: &generator)!.utf8), &generator)
        }
        let statuses = (0..<2_000).map { _ in Int.random(in: 0...999, using: &generator) }
        let transport = FakeTransport { request, number in
            guard !request.url.hasSuffix("/health") else { return .success(.envelope) }
            let index = (number - 2) % bodies.count
            var headers: TransportHeaders = [:]
            // A number would make the client wait, as it should.
            let garbage = String(decoding: bodies[index].prefix(20), as: UTF8.self).filter { !$0.isNumber }
            for name in ["Retry-After", "X-RateLimit-Remaining", "X-RateLimit-Reset"] { headers.add(name, garbage) }
            return .success(
                TransportResponse(status: statuses[index] < 500 ? 200 : 400, headers: headers, body: bodies[index])
            )
        }
        let client = try AITBCClient.make(transport) { $0.maxRetries = 0 }
        for _ in bodies {
            do {
                _ = try await client.get("orders")
            } catch {
                #expect(error is any AITBCError)
            }
        }
    }

    private static func mutated(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            guard !bytes.isEmpty else { return bytes }
            let place = bytes.indices.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0...2, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}

extension TransportResponse {
    /// A success with nothing in it.
    static var envelope: TransportResponse { .json(#"{"success":true,"data":{},"metadata":{}}"#) }
}

extension AITBCClient {
    /// Retries wait a millisecond, so that they cost no time.
    static func make(
        _ transport: (any HTTPTransport)?,
        base: String = "https://api.example.com",
        change: (inout ConnectorConfig) -> Void = { _ in }
    ) throws -> AITBCClient {
        var config = ConnectorConfig(baseURL: base, apiKey: Secret("key-1"))
        config.retryBackoff = .milliseconds(1)
        change(&config)
        return try AITBCClient(config: config, transport: transport)
    }
}
