import AITBCConnectors
import ConnectorCore
import Testing

struct ClientPathTests {
    private static func url(_ call: (AITBCClient) async throws -> APIResponse) async throws -> String? {
        let transport = FakeTransport { _, _ in .success(.envelope) }
        _ = try await call(try AITBCClient.make(transport))
        return transport.requests.last?.url
    }

    @Test(arguments: [
        ("ord-1", "ord-1"), ("a/b", "a%2Fb"), ("../x", "..%2Fx"), ("50 %", "50%20%25"), ("a?b#c", "a%3Fb%23c"),
        ("...", "..."),
        ("é", "%C3%A9"),
    ])
    func `a component stays one, whatever it holds`(id: String, encoded: String) async throws {
        #expect(
            try await Self.url { try await $0.get(["orders", id]) } == "https://api.example.com/v1/orders/\(encoded)"
        )
        #expect(
            try await Self.url { try await $0.delete(["orders", id, "lines"]) }
                == "https://api.example.com/v1/orders/\(encoded)/lines"
        )
    }

    @Test(arguments: ["", ".", "..", "%2e%2E", "%2e"])
    func `a component that would lead elsewhere is refused, and nothing is sent`(id: String) async throws {
        let transport = FakeTransport { _, _ in .success(.envelope) }
        let client = try AITBCClient.make(transport)
        for call in [{ try await client.post(["orders", id]) }, { try await client.put(["orders", id]) }] {
            let error = await #expect(throws: ValidationError.self) { _ = try await call() }
            #expect(error?.code == "UNSAFE_PATH")
        }
        #expect(transport.requests.isEmpty)
    }

    @Test(arguments: ["orders/..", "orders/../secrets", "./orders", "orders/%2e%2e/x", "a/..\\b", "orders/.?x=1"])
    func `a path with dot segments is refused, and nothing is sent`(path: String) async throws {
        let transport = FakeTransport { _, _ in .success(.envelope) }
        let client = try AITBCClient.make(transport)
        let error = await #expect(throws: ValidationError.self) { try await client.delete(path) }
        #expect(error?.code == "UNSAFE_PATH" && transport.requests.isEmpty)
    }

    @Test(arguments: ["orders/a.b", "files/..hidden", "orders?path=../x", "v1.2/x", "orders/50%25"])
    func `dots elsewhere are no harm`(path: String) async throws {
        #expect(try await Self.url { try await $0.get(path) } == "https://api.example.com/v1/\(path)")
    }
}
