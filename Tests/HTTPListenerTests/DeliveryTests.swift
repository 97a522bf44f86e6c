import ConnectorCore
import HTTPListener
import Testing

/// The ways an answer can go wrong on purpose, seen from the other end of the socket.
struct DeliveryTests {
    private static let body = [UInt8](repeating: UInt8(ascii: "x"), count: 200_000)

    private func answer(
        _ delivery: ListenerResponse.Delivery,
        body: [UInt8] = body,
        stallTime: Duration = .seconds(60)
    ) async throws -> RawClient.Received {
        let configuration = ListenerConfiguration(limits: ListenerLimits(stallTime: stallTime))
        let listener = try HTTPListener(configuration: configuration) { _ in
            ListenerResponse(status: 200, body: body, delivery: delivery)
        }
        let received = await RawClient.get(listener.port, "/")
        await listener.stop(grace: .zero)
        return received
    }

    @Test func `a whole body arrives`() async throws {
        let received = try await answer(.whole)
        #expect(received.body.utf8.count == 200_000)
        #expect(received.end == .closed)
    }

    @Test func `an empty body arrives as such`() async throws {
        let received = try await answer(.whole, body: [])
        #expect(received.text.contains("Content-Length: 0"))
    }

    @Test func `a slow body arrives whole, with pauses`() async throws {
        let start = ContinuousClock.now
        let received = try await answer(.slow(chunk: 50_000, every: .milliseconds(20)))
        #expect(received.body.utf8.count == 200_000)
        #expect(ContinuousClock.now - start >= .milliseconds(60))
    }

    @Test func `a stalled body stops and stays open`() async throws {
        let listener = try HTTPListener(configuration: ListenerConfiguration()) { _ in
            ListenerResponse(status: 200, body: Self.body, delivery: .stall(afterBytes: 1000))
        }
        let client = try #require(RawClient(port: listener.port))
        client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        let received = await client.receive { RawClient.Received(bytes: $0, end: .enough).body.utf8.count >= 1000 }
        #expect(received.end == .enough)
        #expect(received.text.contains("Content-Length: 200000"))
        let rest = await client.receive(silence: 100)
        #expect(rest.bytes.isEmpty && rest.end == .silent)
        await listener.stop(grace: .zero)
    }

    @Test func `a stall ends after the stall time`() async throws {
        let received = try await answer(.stall(afterBytes: 10), stallTime: .milliseconds(20))
        #expect(received.end == .closed)
    }

    @Test(arguments: [0, 1000, 150_000])
    func `a reset breaks the body`(afterBytes: Int) async throws {
        let received = try await answer(.reset(afterBytes: afterBytes))
        #expect(received.end == .reset)
        #expect(received.body.utf8.count <= afterBytes)
    }

    @Test func `a truncated body ends in order, short of its promise`() async throws {
        let received = try await answer(.truncated(afterBytes: 1000))
        #expect(received.body.utf8.count == 1000)
        #expect(received.end == .closed)
        #expect(received.text.contains("Content-Length: 200000"))
    }

    @Test func `a hang-up brings not a byte`() async throws {
        let received = try await answer(.hangUp)
        #expect(received.bytes.isEmpty)
    }

    @Test func `stopping frees stalled and slow clients`() async throws {
        let listener = try HTTPListener(configuration: ListenerConfiguration()) { request in
            let delivery: ListenerResponse.Delivery =
                request.path == "/stall" ? .stall(afterBytes: 10) : .slow(chunk: 1, every: .seconds(60))
            return ListenerResponse(status: 200, body: Self.body, delivery: delivery)
        }
        let clients = ["/stall", "/slow"].compactMap { path -> RawClient? in
            let client = RawClient(port: listener.port)
            client?.send("GET \(path) HTTP/1.1\r\nHost: t\r\n\r\n")
            return client
        }
        for client in clients { _ = await client.receive { !$0.isEmpty } }
        await listener.stop(grace: .zero)
        for client in clients {
            let rest = await client.receive()
            #expect(rest.end != .silent)
        }
    }
}
