import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// Retries and the circuit breaker are what the configuration says: neither more, nor less.
@Suite(.timeLimit(.minutes(5)))
struct RetryTests {
    /// Answers each path as often with the status as it says, and counts what came.
    private final class Stumbling: Sendable {
        private let seen = Mutex<[String: Int]>([:])
        let failures: Int
        let status: Int

        init(failures: Int, status: Int = 503) {
            (self.failures, self.status) = (failures, status)
        }

        var counts: [String: Int] { seen.withLock { $0.filter { !$0.key.hasSuffix("/health") } } }

        func answer(_ request: TransportRequest) -> TransportResponse {
            let number = seen.withLock { seen in
                seen[request.url, default: 0] += 1
                return seen[request.url, default: 0]
            }
            if request.url.hasSuffix("/health") { return .envelope }
            return number <= failures ? .json("{}", status: status) : .envelope
        }
    }

    /// Lets so many pass within a span, and refuses the others with 429.
    private final class Narrow: Sendable {
        private struct State {
            var start = ContinuousClock.now
            var passed = 0
            var counts: [String: Int] = [:]
        }

        private let state = Mutex(State())
        private let most: Int
        private let span: Duration
        private let headers: TransportHeaders

        init(most: Int, span: Duration, headers: TransportHeaders = [:]) {
            (self.most, self.span, self.headers) = (most, span, headers)
        }

        var counts: [String: Int] { state.withLock { $0.counts } }

        func answer(_ request: TransportRequest) -> TransportResponse {
            if request.url.hasSuffix("/health") { return .envelope }
            return state.withLock { state in
                let now = ContinuousClock.now
                if now - state.start >= span { (state.start, state.passed) = (now, 0) }
                state.counts[request.url, default: 0] += 1
                state.passed += 1
                return state.passed <= most ? .envelope : .json("{}", status: 429, headers)
            }
        }
    }

    private static func client(
        _ transport: any HTTPTransport,
        retries: Int = 3,
        change: (inout ConnectorConfig) -> Void = { _ in }
    ) throws -> AITBCClient {
        var config = ConnectorConfig(baseURL: "https://api.example.com", apiKey: Secret("key-1"))
        config.maxRetries = retries
        config.retryBackoff = .milliseconds(5)
        change(&config)
        return try AITBCClient(config: config, transport: transport)
    }

    /// How many of so many calls at once have an answer.
    private static func succeeded(_ client: AITBCClient, of calls: Int) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<calls {
                group.addTask { await (try? client.get("things/\(number)")) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test func `sixty calls one by one, each answered 503 once, all succeed, and each is sent twice`() async throws {
        let server = Stumbling(failures: 1)
        let client = try Self.client(FakeTransport { request, _ in .success(server.answer(request)) })
        for number in 0..<60 { _ = try await client.get("things/\(number)") }
        #expect(server.counts.count == 60 && server.counts.values.allSatisfy { $0 == 2 })
    }

    @Test(arguments: [(1, 3), (3, 3), (5, 5)])
    func `a hundred calls at once that fail as often as the policy allows all succeed`(failures: Int, retries: Int)
        async throws
    {
        let server = Stumbling(failures: failures)
        let client = try Self.client(FakeTransport { request, _ in .success(server.answer(request)) }, retries: retries)
        #expect(await Self.succeeded(client, of: 100) == 100)
        #expect(server.counts.count == 100 && server.counts.values.allSatisfy { $0 == failures + 1 })
    }

    @Test(arguments: [3, 5], [TransportHeaders(), ["Retry-After": "1"]])
    func `two hundred calls at once against a server that lets fifty a second pass all succeed`(
        retries: Int,
        headers: TransportHeaders
    ) async throws {
        let server = Narrow(most: 50, span: .seconds(1), headers: headers)
        let client = try Self.client(FakeTransport { request, _ in .success(server.answer(request)) }, retries: retries)
        _ = try await client.connect()
        #expect(await Self.succeeded(client, of: 200) == 200)
        #expect(server.counts.count == 200 && server.counts.values.allSatisfy { $0 <= retries + 1 })
    }

    @Test func `a budget that is set bounds the retries of all calls`() async throws {
        let server = Stumbling(failures: 1)
        let transport = FakeTransport { request, _ in .success(server.answer(request)) }
        let client = try Self.client(transport) { config in
            config.retryBudget = RetryBudget(share: 0, reserve: 7)
            config.circuitBreaker = nil
        }
        #expect(await Self.succeeded(client, of: 20) == 7)
        #expect(server.counts.values.reduce(0, +) == 27)
    }

    @Test func `a server is left alone after calls that failed, not after tries, and the last error is kept`()
        async throws
    {
        let server = Stumbling(failures: .max)
        let transport = FakeTransport { request, _ in .success(server.answer(request)) }
        let client = try Self.client(transport, retries: 2) { $0.circuitBreaker = CircuitBreaker(threshold: 3) }
        try await client.connect()
        for number in 0..<3 {
            let error = await #expect(throws: APIError.self) { try await client.get("things/\(number)") }
            #expect(error?.statusCode == 503 && error?.code == nil)
        }
        #expect(server.counts.values.reduce(0, +) == 9)
        let error = await #expect(throws: APIError.self) { try await client.get("things/last") }
        #expect(error?.code == "CIRCUIT_OPEN" && error?.retryAfter != nil && server.counts["things/last"] == nil)
        #expect((error?.underlying as? APIError)?.statusCode == 503)
        #expect(error?.message.contains("was not sent") == true && error?.message.contains("status 503") == true)
    }

    @Test func `an error says that something may have been done where any of the tries may have`() async throws {
        let transport = FakeTransport { request, number in
            if request.url.hasSuffix("/health") { return .success(.envelope) }
            return .failure(
                TransportError(number == 2 ? .connectionLost : .couldNotConnect, "no", mayHaveBeenSent: number == 2)
            )
        }
        let client = try Self.client(transport)
        try await client.connect()
        let options = RequestOptions(idempotencyKey: "k")
        let error = await #expect(throws: APIError.self) { try await client.post("charges", options: options) }
        #expect(transport.requests.count == 5 && error?.code == "COULD_NOT_CONNECT" && error?.mayHaveBeenSent == true)
    }

    @Test func `calls that a deadline cuts count, too, and who finds out asks once`() async throws {
        let server = Stumbling(failures: .max)
        let transport = FakeTransport { request, _ in .success(server.answer(request)) }
        let breaker = CircuitBreaker(threshold: 2, coolDown: .milliseconds(1), ceiling: .milliseconds(1))
        let client = try Self.client(transport) { config in
            config.circuitBreaker = breaker
            config.retryBackoff = .seconds(600)
        }
        try await client.connect()
        for number in 0..<2 {
            let options = RequestOptions(deadline: .milliseconds(200))
            await #expect(throws: TimeoutError.self) { try await client.get("things/\(number)", options: options) }
        }
        try await Task.sleep(for: .milliseconds(20))
        let error = await #expect(throws: APIError.self) { try await client.get("things/probe") }
        #expect(error?.statusCode == 503)
        #expect(server.counts.values.reduce(0, +) == 3)
    }

    @Test func `without a breaker every call is sent`() async throws {
        let server = Stumbling(failures: .max)
        let transport = FakeTransport { request, _ in .success(server.answer(request)) }
        let client = try Self.client(transport, retries: 0) { $0.circuitBreaker = nil }
        try await client.connect()
        #expect(await Self.succeeded(client, of: 40) == 0)
        #expect(server.counts.count == 40)
    }

    @Test func `a refusal is an answer: it opens no breaker`() async throws {
        let server = Stumbling(failures: .max, status: 404)
        let transport = FakeTransport { request, _ in .success(server.answer(request)) }
        let client = try Self.client(transport) { $0.circuitBreaker = CircuitBreaker(threshold: 1) }
        try await client.connect()
        for number in 0..<5 { await #expect(throws: APIError.self) { try await client.get("things/\(number)") } }
        #expect(server.counts.count == 5)
    }

    @Test func `a server that is down is no reason to leave another one of the account alone`() async throws {
        let server = Stumbling(failures: .max)
        let transport = FakeTransport { request, _ in
            .success(request.url.contains("good") ? .envelope : server.answer(request))
        }
        let limiter = RateLimiter(rate: nil, circuitBreaker: CircuitBreaker(threshold: 1))
        func client(_ host: String) throws -> AITBCClient {
            var config = ConnectorConfig(baseURL: "https://\(host).example.com", apiKey: Secret("key-1"))
            config.maxRetries = 0
            return try AITBCClient(config: config, transport: transport, rateLimiter: limiter)
        }
        let (bad, good) = (try client("bad"), try client("good"))
        for client in [bad, good] { try await client.connect() }
        await #expect(throws: APIError.self) { try await bad.get("x") }
        let error = await #expect(throws: APIError.self) { try await bad.get("x") }
        #expect(error?.code == "CIRCUIT_OPEN")
        _ = try await good.get("x")
    }

    @Test func `the policy is one value, too`() {
        var config = ConnectorConfig(baseURL: "https://api.example.com", apiKey: Secret("key-1"))
        #expect(config.retryPolicy == RetryPolicy() && config.retryBudget == nil)
        #expect(config.circuitBreaker == CircuitBreaker())
        config.retryPolicy = RetryPolicy(maxRetries: 7, backoff: Backoff(base: .seconds(2), ceiling: .seconds(9)))
        #expect(config.maxRetries == 7 && config.retryBackoff == .seconds(2) && config.retryCeiling == .seconds(9))
    }
}
