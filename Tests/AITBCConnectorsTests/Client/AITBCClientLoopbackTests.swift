import AITBCConnectors
import ConnectorCore
import HTTPListener
import Synchronization
import Testing

/// Through libcurl, against a server on loopback.
struct AITBCClientLoopbackTests {
    /// A server that answers health checks, and holds every other request until its connection goes.
    private static func silent() throws -> HTTPListener {
        try HTTPListener(configuration: ListenerConfiguration()) { request in
            var response = ListenerResponse(status: 200, body: Array(#"{"success":true,"data":{}}"#.utf8))
            if request.path != "/v1/health" { response.delivery = .stall(afterBytes: 0) }
            return response
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a server that never answers fails at the timeout, not later`() async throws {
        let server = try Self.silent()
        let client = try AITBCClient.make(nil, base: "http://127.0.0.1:\(server.port)") {
            $0.timeout = .milliseconds(500)
            $0.maxRetries = 0
        }
        // Beside tests that compute for long the check itself may be late; it is not what is measured here.
        while !client.isConnected {
            do { try await client.connect() } catch { #expect(error is TimeoutError) }
        }
        let began = ContinuousClock.now
        await #expect(throws: TimeoutError.self) { try await client.get("orders") }
        let took = ContinuousClock.now - began
        // Later would be the default, 30 s.
        #expect(took >= .milliseconds(500) && took < .seconds(25), "\(took)")
        await client.disconnect()
        await server.stop(grace: .zero)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a first request that connects obeys deadline and cancellation`() async throws {
        let server = try HTTPListener(configuration: ListenerConfiguration()) { _ in
            ListenerResponse(status: 200, body: Array("{}".utf8), delivery: .stall(afterBytes: 0))
        }
        let client = try AITBCClient.make(nil, base: "http://127.0.0.1:\(server.port)") { $0.timeout = .seconds(600) }
        let began = ContinuousClock.now
        let deadline = RequestOptions(deadline: .seconds(2))
        await #expect(throws: TimeoutError.self) { try await client.get("orders", options: deadline) }
        let hanging = Task { try await client.get("orders") }
        // The first one's connection is held there, too: nobody looks at a stalled one.
        while server.activeRequests < 2 { try await Task.sleep(for: .milliseconds(1)) }
        hanging.cancel()
        await #expect(throws: CancellationError.self) { try await hanging.value }
        // Far below the timeout.
        #expect(ContinuousClock.now - began < .seconds(200))
        #expect(!client.isConnected)
        await client.disconnect()
        await server.stop(grace: .zero)
    }

    @Test(.timeLimit(.minutes(5)))
    func `disconnecting ends the check and what is under way with an error, not as a cancellation`() async throws {
        let checking = try HTTPListener(configuration: ListenerConfiguration()) { _ in
            ListenerResponse(status: 200, body: Array("{}".utf8), delivery: .stall(afterBytes: 0))
        }
        let answering = try Self.silent()
        for server in [checking, answering] {
            let client = try AITBCClient.make(nil, base: "http://127.0.0.1:\(server.port)") {
                $0.timeout = .seconds(600)
            }
            if server === answering { try await client.connect() }
            let call = Task { try await client.get("orders") }
            while server.activeRequests < 1 { try await Task.sleep(for: .milliseconds(1)) }
            await client.disconnect()
            let error = await #expect(throws: APIError.self) { try await call.value }
            #expect(error?.code == "DISCONNECTED", "\(error?.description ?? "none")")
            await server.stop(grace: .zero)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `five hundred cancelled tasks free their connections`() async throws {
        let server = try Self.silent()
        let client = try AITBCClient.make(nil, base: "http://127.0.0.1:\(server.port)") {
            $0.timeout = .seconds(600)
            $0.maxConnections = 64
        }
        try await client.connect()
        let tasks = (0..<500).map { _ in Task { try await client.get("orders") } }
        // A quarter of the connections may lead to one host; the others wait.
        while server.activeRequests < 16 { try await Task.sleep(for: .milliseconds(1)) }
        let began = ContinuousClock.now
        for task in tasks { task.cancel() }
        for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
        // Asked for are 100 ms, on a calm machine.
        #expect(ContinuousClock.now - began < .seconds(10))
        await #expect(throws: Never.self) { try await client.get("health") }
        await client.disconnect()
        await server.stop(grace: .zero)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a cancelled task frees its connection for the next`() async throws {
        let server = try Self.silent()
        let client = try AITBCClient.make(nil, base: "http://127.0.0.1:\(server.port)") {
            $0.maxConnections = 1
            $0.maxRetries = 0
        }
        try await client.connect()
        let hanging = Task { try await client.get("orders") }
        while server.activeRequests == 0 { try await Task.sleep(for: .milliseconds(1)) }
        hanging.cancel()
        await #expect(throws: CancellationError.self) { try await hanging.value }
        let answer = try await client.get("health")
        #expect(answer.statusCode == 200)
        await client.disconnect()
        await server.stop(grace: .zero)
    }

    @Test(.timeLimit(.minutes(5)))
    func `the rate limit holds across tasks`() async throws {
        let count = Mutex(0)
        let server = try HTTPListener(configuration: ListenerConfiguration()) { _ in
            count.withLock { $0 += 1 }
            return ListenerResponse(status: 200, body: Array("{}".utf8))
        }
        let client = try AITBCClient.make(nil, base: "http://127.0.0.1:\(server.port)") {
            $0.rateLimit = 20
            $0.burstLimit = 5
        }
        let began = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<24 { group.addTask { _ = try await client.get("orders") } }
            try await group.waitForAll()
        }
        // 25 with the health check: 5 at once, 20 more at 20 a second.
        #expect(ContinuousClock.now - began >= .milliseconds(990))
        #expect(count.withLock { $0 } == 25)
        await client.disconnect()
        await server.stop(grace: .zero)
    }
}
