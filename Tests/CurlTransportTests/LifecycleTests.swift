import ConnectorCore
import CurlTransport
import Glibc
import Synchronization
import Testing

/// Cancelling, shutting down, pings and bounds.
@Suite struct LifecycleTests {
    /// A server that reads requests and never answers, and knows when its clients leave.
    private final class SilentServer: Sendable {
        let left = Mutex(0)

        func start() throws -> RawServer {
            try RawServer { [self] connection in
                _ = connection.readRequest()
                if connection.waitForClose() { left.withLock { $0 += 1 } }
            }
        }

        func waitUntilLeft(_ count: Int) async throws {
            try await until { left.withLock { $0 } >= count }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `cancelling the task closes the connection`() async throws {
        let silent = SilentServer()
        let server = try silent.start()
        let transport = try CurlTransport()
        let task = Task { await transport.attempt(TransportRequest(url: server.url())) }
        try await until { !server.requests.isEmpty }
        task.cancel()
        let error = await task.value.error
        #expect(error?.code == .cancelled)
        #expect(error?.mayHaveBeenSent == true)
        try await silent.waitUntilLeft(1)
        await transport.shutdown()
        server.stop()
    }

    @Test func `a task cancelled beforehand sends nothing`() async throws {
        let server = try RawServer { _ = $0.readRequest() }
        let transport = try CurlTransport()
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await transport.attempt(TransportRequest(url: server.url()))
        }
        let error = await task.value.error
        #expect(error?.code == .cancelled)
        #expect(error?.mayHaveBeenSent == false)
        await transport.shutdown()
        #expect(server.requests.isEmpty)
        server.stop()
    }

    @Test(.timeLimit(.minutes(5)))
    func `cancelling at any moment always ends the call`() async throws {
        let server = try RawServer { connection in
            while connection.readRequest() != nil { connection.answer(body: "x") }
        }
        let transport = try CurlTransport()
        for round in 0..<100 {
            let task = Task { await transport.attempt(TransportRequest(url: server.url(), limits: .make())) }
            for _ in 0..<round { await Task.yield() }
            task.cancel()
            let code = await task.value.error?.code
            #expect(code == nil || code == .cancelled)
        }
        await transport.shutdown()
        server.stop()
    }

    @Test(.timeLimit(.minutes(5)))
    func `shutdown fails what is in flight and what comes later`() async throws {
        let silent = SilentServer()
        let server = try silent.start()
        let transport = try CurlTransport()
        let tasks = (1...3).map { _ in Task { await transport.attempt(TransportRequest(url: server.url())) } }
        try await until { server.requests.count >= 3 }
        await transport.shutdown()
        for task in tasks { #expect(await task.value.error?.code == .cancelled) }
        try await silent.waitUntilLeft(3)
        let late = await transport.attempt(TransportRequest(url: server.url())).error
        #expect(late?.code == .cancelled)
        #expect(late?.mayHaveBeenSent == false)
        #expect(await transport.ping() == false)
        await transport.shutdown()
        server.stop()
    }

    @Test(.timeLimit(.minutes(5)))
    func `the thread ends with the last reference`() async throws {
        let silent = SilentServer()
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.answer()
            if connection.waitForClose() { silent.left.withLock { $0 += 1 } }
        }
        do {
            let transport = try CurlTransport()
            _ = try await transport.send(TransportRequest(url: server.url(), limits: .make()))
        }
        // Only the end of the thread closes the idle connection.
        try await silent.waitUntilLeft(1)
        server.stop()
    }

    @Test func `a ping returns once the thread has gone round`() async throws {
        let transport = try CurlTransport()
        for _ in 1...20 { #expect(await transport.ping(timeout: .seconds(60))) }
        await transport.shutdown()
    }

    @Test(.timeLimit(.minutes(5)))
    func `more requests than the bound are refused at once`() async throws {
        let silent = SilentServer()
        let server = try silent.start()
        var configuration = CurlTransport.Configuration()
        configuration.maximumInFlight = 2
        let transport = try CurlTransport(configuration: configuration)
        let tasks = (1...2).map { _ in Task { await transport.attempt(TransportRequest(url: server.url())) } }
        try await until { server.requests.count >= 2 }
        let third = await transport.attempt(TransportRequest(url: server.url())).error
        #expect(third?.code == .busy)
        #expect(third?.mayHaveBeenSent == false)
        tasks.forEach { $0.cancel() }
        for task in tasks { _ = await task.value }
        // The places are free again.
        let limits = TransportLimits.make(idle: .milliseconds(50))
        #expect(
            await transport.attempt(TransportRequest(url: server.url(), limits: limits)).error?.code == .idleTimeout
        )
        await transport.shutdown()
        server.stop()
    }

    @Test func `the body belongs to its receiver alone and may be large`() async throws {
        let size = 20 << 20
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            connection.write([UInt8](repeating: 0x61, count: size))
        }
        #expect(try result.get().body == [UInt8](repeating: 0x61, count: size))
    }
}
