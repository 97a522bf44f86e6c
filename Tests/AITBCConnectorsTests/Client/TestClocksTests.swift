import AITBCConnectors
import ConnectorCore
import Testing

struct TestClocksTests {
    @Test(.timeLimit(.minutes(1)))
    func `an hour of waiting takes no time, and is known`() async throws {
        let clocks = TestClocks()
        let transport = FakeTransport { _, _ in .success(.json("{}", status: 429, ["Retry-After": "3600"])) }
        let config = ConnectorConfig(baseURL: "https://api.example.com", apiKey: Secret("key-1"))
        let client = try AITBCClient(config: config, transport: transport, clocks: clocks)
        await #expect(throws: RateLimitError.self) { try await client.connect() }
        #expect(transport.requests.count == 4 && clocks.waited >= .seconds(3 * 3600))
        #expect(clocks.now == Instant(seconds: 1_800_000_000) + clocks.waited)
        clocks.advance(by: .seconds(1))
        #expect(clocks.monotonic == MonotonicInstant(nanoseconds: 0) + clocks.waited)
    }
}
