import ConnectorCore
import Glibc
import HTTPListener
import Synchronization
import Testing

struct HTTPListenerTests {
    /// Starts a listener, runs the body, and always stops.
    private func listening(
        _ configuration: ListenerConfiguration = ListenerConfiguration(),
        handler: @escaping HTTPListener.Handler,
        _ body: (HTTPListener) async throws -> Void
    ) async throws {
        let listener = try HTTPListener(configuration: configuration, handler: handler)
        do {
            try await body(listener)
        } catch {
            await listener.stop(grace: .zero)
            throw error
        }
        await listener.stop(grace: .zero)
        #expect(listener.activeRequests == 0)
    }

    private static let echo: HTTPListener.Handler = { request in
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
        return .text(200, "\(request.method) \(request.path) [\(query)] \(request.peer) \(request.body.count)")
    }

    @Test func `a free port is taken and told`() async throws {
        try await listening(handler: Self.echo) { #expect($0.port > 0) }
    }

    @Test func `a port in use is refused with a hint`() async throws {
        try await listening(handler: Self.echo) { first in
            let error = #expect(throws: ListenerError.self) {
                try HTTPListener(
                    configuration: ListenerConfiguration(address: .loopback(port: first.port)),
                    handler: Self.echo
                )
            }
            #expect(error?.code == .addressInUse)
            #expect(error?.message.contains("in use") == true)
        }
    }

    @Test func `a host that is a name is refused`() {
        let error = #expect(throws: ListenerError.self) {
            try HTTPListener(
                configuration: ListenerConfiguration(address: .tcp(host: "localhost", port: 0)),
                handler: Self.echo
            )
        }
        #expect(error?.code == .addressInvalid)
    }

    @Test func `the handler sees method, path, query in order, peer and body`() async throws {
        try await listening(handler: Self.echo) { listener in
            let answer = await RawClient.ask(
                listener.port,
                "PUT /a%20b/c?x=1&y=a+b%26&x=2 HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
            )
            #expect(answer.status == 200)
            #expect(answer.body == "PUT /a b/c [x=1,y=a b&,x=2] 127.0.0.1 5\n")
        }
    }

    @Test func `the raw target and repeated fields are kept`() async throws {
        let handler: HTTPListener.Handler = { request in
            .text(200, request.target + " " + request.headers.all("x-a").joined(separator: "|"))
        }
        try await listening(handler: handler) { listener in
            let answer = await RawClient.ask(
                listener.port,
                "GET /a%2Fb?q=%zz HTTP/1.1\r\nHost: t\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\n\r\n"
            )
            #expect(answer.body == "/a%2Fb?q=%zz 1|2\n")
        }
    }

    @Test func `HEAD promises the length and sends no body`() async throws {
        try await listening(handler: { _ in .text(200, "hello") }) { listener in
            let answer = await RawClient.ask(
                listener.port,
                "HEAD / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"
            )
            #expect(answer.text.contains("Content-Length: 6"))
            #expect(answer.body.isEmpty)
        }
    }

    @Test func `a connection serves several requests`() async throws {
        let handler: HTTPListener.Handler = { .text(200, "<\($0.path)>") }
        try await listening(handler: handler) { listener in
            let client = try #require(RawClient(port: listener.port))
            for path in ["/1", "/2", "/3"] {
                client.send("GET \(path) HTTP/1.1\r\nHost: t\r\n\r\n")
                let answer = await client.receive { String(decoding: $0, as: UTF8.self).hasSuffix("<\(path)>\n") }
                #expect(answer.end == .enough)
            }
        }
    }

    @Test func `our Date replaces the library's, and a false Content-Length is left out`() async throws {
        let handler: HTTPListener.Handler = { _ in
            ListenerResponse(
                status: 200,
                headers: ["Date": "Thu, 01 Jan 1970 00:00:00 GMT", "content-length": "99"],
                body: Array("ab".utf8)
            )
        }
        try await listening(handler: handler) { listener in
            let answer = await RawClient.get(listener.port, "/")
            #expect(answer.text.split(separator: "Date:").count == 2)
            #expect(answer.text.contains("Date: Thu, 01 Jan 1970"))
            #expect(answer.text.contains("Content-Length: 2\r\n"))
        }
    }

    @Test(arguments: [(1000, 200), (1001, 413)])
    func `a body is taken up to the limit`(bytes: Int, status: Int) async throws {
        let configuration = ListenerConfiguration(limits: ListenerLimits(bodyBytes: 1000))
        try await listening(configuration, handler: Self.echo) { listener in
            let body = String(repeating: "x", count: bytes)
            let fields = "Host: t\r\nConnection: close\r\n"
            let plain = await RawClient.ask(
                listener.port,
                "POST / HTTP/1.1\r\n\(fields)Content-Length: \(bytes)\r\n\r\n\(body)"
            )
            #expect(plain.status == status)
            let chunked = await RawClient.ask(
                listener.port,
                "POST / HTTP/1.1\r\n\(fields)Transfer-Encoding: chunked\r\n\r\n"
                    + "\(String(bytes, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
            )
            #expect(chunked.status == status)
        }
    }

    @Test func `an endless chunked body is cut off`() async throws {
        let configuration = ListenerConfiguration(limits: ListenerLimits(bodyBytes: 1000))
        try await listening(configuration, handler: Self.echo) { listener in
            let piece = "400\r\n" + String(repeating: "x", count: 1024) + "\r\n"
            let answer = await RawClient.ask(
                listener.port,
                "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: piece, count: 64)
            )
            #expect(answer.end != .silent)
            #expect(answer.status != 200)
        }
    }

    @Test func `header fields beyond the memory limit are refused`() async throws {
        let configuration = ListenerConfiguration(limits: ListenerLimits(headerBytes: 4096))
        try await listening(configuration, handler: Self.echo) { listener in
            let field = String(repeating: "x", count: 8192)
            let answer = await RawClient.ask(listener.port, "GET / HTTP/1.1\r\nHost: t\r\nX: \(field)\r\n\r\n")
            #expect(answer.status == nil || [413, 431].contains(answer.status))
        }
    }

    @Test func `connections beyond the limit of one peer are closed`() async throws {
        let configuration = ListenerConfiguration(limits: ListenerLimits(connectionsPerPeer: 1))
        try await listening(configuration, handler: Self.echo) { listener in
            let first = try #require(RawClient(port: listener.port))
            first.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            let held = await first.receive { !$0.isEmpty }
            #expect(held.status == 200)
            let second = await RawClient.get(listener.port, "/")
            #expect(second.bytes.isEmpty)
        }
    }

    @Test func `an idle connection is closed`() async throws {
        let configuration = ListenerConfiguration(limits: ListenerLimits(idleSeconds: 1))
        try await listening(configuration, handler: Self.echo) { listener in
            let client = try #require(RawClient(port: listener.port))
            let answer = await client.receive()
            #expect(answer.end == .closed)
        }
    }

    @Test func `many waiting handlers hold nobody up`() async throws {
        let gate = Gate()
        let handler: HTTPListener.Handler = { request in
            if request.path == "/wait" { await gate.wait() }
            return .text(200, request.path)
        }
        try await listening(handler: handler) { listener in
            let clients = (0..<100).compactMap { _ in RawClient(port: listener.port) }
            for client in clients { client.send("GET /wait HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n") }
            await gate.waitUntil(100)
            let quick = await RawClient.get(listener.port, "/quick")
            #expect(quick.body == "/quick\n")
            gate.open()
            for client in clients {
                let answer = await client.receive()
                #expect(answer.body == "/wait\n")
            }
        }
    }

    @Test func `stop waits for a request under way`() async throws {
        let gate = Gate()
        let listener = try HTTPListener(configuration: ListenerConfiguration()) { _ in
            await gate.wait()
            return .text(200, "done")
        }
        async let answer = RawClient.get(listener.port, "/")
        await gate.waitUntil(1)
        async let stopped: Void = listener.stop(grace: .seconds(30))
        gate.open()
        await stopped
        #expect(await answer.body == "done\n")
        #expect(RawClient(port: listener.port) == nil)
    }

    @Test func `stop answers what comes on a kept connection, and says that it closes`() async throws {
        let gate = Gate()
        let listener = try HTTPListener(configuration: ListenerConfiguration()) { request in
            if request.path == "/wait" { await gate.wait() }
            return .text(200, "done")
        }
        let kept = try #require(RawClient(port: listener.port))
        kept.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        let first = await kept.receive { $0.suffix(5).elementsEqual("done\n".utf8) }
        #expect(first.end == .enough && !first.text.contains("Connection: close"))
        async let other = RawClient.get(listener.port, "/wait")
        await gate.waitUntil(1)
        async let stopped: Void = listener.stop(grace: .seconds(30))
        // It takes no new connection any more.
        while RawClient(port: listener.port) != nil { await Task.yield() }
        kept.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        let last = await kept.receive()
        #expect(last.status == 200 && last.end == .closed && last.text.contains("Connection: close"))
        gate.open()
        await stopped
        #expect(await other.body == "done\n")
    }

    @Test func `stop answers 503 for handlers that outlast the grace and cancels them`() async throws {
        let gate = Gate()
        let cancelled = Gate()
        let listener = try HTTPListener(configuration: ListenerConfiguration()) { _ in
            await withTaskCancellationHandler {
                await gate.wait()
            } onCancel: {
                cancelled.open()
            }
            return .text(200, "late")
        }
        async let answer = RawClient.get(listener.port, "/")
        await gate.waitUntil(1)
        await listener.stop(grace: .zero)
        await cancelled.wait()
        let end = await answer
        #expect(end.status == 503 || end.bytes.isEmpty)
        gate.open()
        await listener.stop()
    }
}

/// Lets handlers wait until a test says go, and a test until handlers wait.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrived = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watcher: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let ready: [CheckedContinuation<Void, Never>] = state.withLock { state in
                state.arrived += 1
                var ready: [CheckedContinuation<Void, Never>] = []
                if state.isOpen { ready.append(continuation) } else { state.waiting.append(continuation) }
                if let watcher = state.watcher, state.arrived >= watcher.count {
                    ready.append(watcher.continuation)
                    state.watcher = nil
                }
                return ready
            }
            for continuation in ready { continuation.resume() }
        }
    }

    func waitUntil(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.arrived < count { state.watcher = (count, continuation) }
                return state.arrived >= count
            }
            if isThere { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
