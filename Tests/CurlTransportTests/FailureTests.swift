import ConnectorCore
import CurlTransport
import Testing

/// Each way of getting no answer has its own code, and says whether the request may have left.
@Suite struct FailureTests {
    @Test func `a refused connection`() async throws {
        let server = try RawServer { _ in }
        server.stop()
        let transport = try CurlTransport()
        let error = await transport.attempt(TransportRequest(url: "http://127.0.0.1:1/", limits: .make())).error
        #expect(error?.code == .couldNotConnect)
        #expect(error?.mayHaveBeenSent == false)
    }

    @Test func `a name that does not exist`() async throws {
        let transport = try CurlTransport()
        // RFC 6761: "invalid." never resolves. Without any name server this takes no longer.
        let request = TransportRequest(url: "https://connector.invalid/", limits: .make(connect: .seconds(2)))
        let error = await transport.attempt(request).error
        #expect(error?.code == .nameNotResolved || error?.code == .connectTimeout)
        #expect(error?.mayHaveBeenSent == false)
    }

    @Test func `a TLS handshake that never comes is a connect timeout`() async throws {
        let (result, _) = try await exchange {
            TransportRequest(url: "https://127.0.0.1:\($0.port)/", limits: .make(connect: .milliseconds(1_500)))
        } _: {
            _ = $0.waitForClose()
        }
        #expect(result.error?.code == .connectTimeout)
        #expect(result.error?.mayHaveBeenSent == false)
    }

    @Test func `a server that does not speak TLS`() async throws {
        let (result, _) = try await exchange {
            TransportRequest(url: "https://127.0.0.1:\($0.port)/", limits: .make())
        } _: { connection in
            connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            _ = connection.waitForClose()
        }
        #expect(result.error?.code == .tlsFailed)
        #expect(result.error?.mayHaveBeenSent == false)
    }

    @Test func `silence before the answer is an idle timeout`() async throws {
        let (result, _) = try await exchange {
            TransportRequest(url: $0.url(), limits: .make(idle: .milliseconds(1_500)))
        } _: { connection in
            _ = connection.readRequest()
            _ = connection.waitForClose()
        }
        #expect(result.error?.code == .idleTimeout)
        #expect(result.error?.mayHaveBeenSent == true)
    }

    @Test func `silence in the middle of the body is an idle timeout`() async throws {
        let (result, _) = try await exchange {
            TransportRequest(url: $0.url(), limits: .make(idle: .milliseconds(1_500)))
        } _: { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            _ = connection.waitForClose()
        }
        #expect(result.error?.code == .idleTimeout)
    }

    @Test func `a server that takes no bytes of a large body is an idle timeout`() async throws {
        let (result, _) = try await exchange {
            let body = [UInt8](repeating: 0x78, count: 32 << 20)
            return TransportRequest(method: "POST", url: $0.url(), body: body, limits: .make(idle: .seconds(3)))
        } _: { connection in
            // Closing without reading is what the client's timeout must not wait for.
            connection.pauseUntilPeerCloses()
        }
        #expect(result.error?.code == .idleTimeout)
        #expect(result.error?.mayHaveBeenSent == true)
    }

    @Test func `a slow drip is not idle, but the total ends it`() async throws {
        let (result, _) = try await exchange {
            TransportRequest(url: $0.url(), limits: .make(idle: .seconds(4), total: .seconds(9)))
        } _: { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            connection.drip(every: 40)
        }
        #expect(result.error?.code == .totalTimeout)
        #expect(result.error?.mayHaveBeenSent == true)
    }

    @Test func `the total covers the wait for a free connection, and then nothing was sent`() async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            _ = connection.waitForClose()
        }
        var configuration = CurlTransport.Configuration()
        configuration.maximumConnectionsPerHost = 1
        let transport = try CurlTransport(configuration: configuration)
        let first = Task { await transport.attempt(TransportRequest(url: server.url(), limits: .make())) }
        try await until { !server.requests.isEmpty }
        let limits = TransportLimits.make(
            connect: .milliseconds(50),
            idle: .milliseconds(50),
            total: .milliseconds(500)
        )
        let second = await transport.attempt(TransportRequest(url: server.url(), limits: limits))
        #expect(second.error?.code == .totalTimeout)
        #expect(second.error?.mayHaveBeenSent == false)
        first.cancel()
        #expect(await first.value.error?.code == .cancelled)
        await transport.shutdown()
        server.stop()
    }

    @Test func `a reset in the middle of the body`() async throws {
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            connection.resetOnClose()
        }
        #expect(result.error?.code == .connectionLost)
        #expect(result.error?.mayHaveBeenSent == true)
    }

    @Test func `a body shorter than promised`() async throws {
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        }
        #expect(result.error?.code == .connectionLost)
    }

    @Test func `a close without an answer`() async throws {
        let (result, requests) = try await exchange { _ = $0.readRequest() }
        #expect(result.error?.code == .connectionLost)
        #expect(result.error?.mayHaveBeenSent == true)
        #expect(requests.count == 1)
    }

    @Test func `an answer that is not HTTP`() async throws {
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            connection.write("220 smtp ready\r\n")
        }
        #expect(result.error != nil)
        #expect(result.error?.mayHaveBeenSent == true)
    }

    @Test(arguments: [("POST", 1), ("PUT", 1), ("DELETE", 1), ("PATCH", 1), ("GET", 2)])
    func `a write on a connection that dies is never repeated`(method: String, copies: Int) async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.answer(body: "\(connection.number)")
            _ = connection.readRequest()
        }
        let transport = try CurlTransport()
        _ = try await transport.send(TransportRequest(url: server.url("/first"), limits: .make()))
        let second = await transport.attempt(
            TransportRequest(method: method, url: server.url("/second"), limits: .make())
        )
        #expect(server.requests.count { $0.line.contains("/second") } == copies)
        // On a machine that stood still for seconds the write gets a connection of its own, and an answer.
        let wasFresh = (try? second.get()).map { String(decoding: $0.body, as: UTF8.self) == "2" } ?? false
        if method == "GET" || !wasFresh {
            #expect(second.error?.code == (method == "GET" ? nil : .connectionLost))
            #expect(second.error?.mayHaveBeenSent == (method == "GET" ? nil : true))
        }
        await transport.shutdown()
        server.stop()
    }

    @Test(arguments: [
        "Content-Length: 101\r\n\r\n", "\r\n", "Transfer-Encoding: chunked\r\n\r\n65\r\n",
    ])
    func `a body over the limit is stopped at once`(head: String) async throws {
        let (result, _) = try await exchange {
            TransportRequest(url: $0.url(), limits: .make(body: 100))
        } _: { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\n\(head)" + String(repeating: "x", count: 101))
            _ = connection.waitForClose()
        }
        #expect(result.error?.code == .bodyTooLarge)
        #expect(result.error?.mayHaveBeenSent == true)
    }

    /// Has room for so many bytes.
    private struct Room: BodyMeter {
        let bytes: Int

        func holds(_ bytes: Int) -> Bool { bytes <= self.bytes }
    }

    @Test(arguments: [(99, false), (100, true)])
    func `a body that finds no more room is stopped`(room: Int, passes: Bool) async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + String(repeating: "x", count: 100))
            _ = connection.waitForClose()
        }
        let transport = try CurlTransport()
        let request = TransportRequest(url: server.url(), limits: .make())
        let result: Result<TransportResponse, TransportError>
        do throws(TransportError) {
            result = .success(try await transport.send(request, meter: Room(bytes: room)))
        } catch {
            result = .failure(error)
        }
        #expect(result.error?.code == (passes ? nil : .noRoom))
        #expect((try? result.get().body.count) == (passes ? 100 : nil))
        await transport.shutdown()
        server.stop()
    }

    @Test func `the length alone is enough to refuse a body`() async throws {
        let (result, _) = try await exchange {
            TransportRequest(url: $0.url(), limits: .make(body: 100))
        } _: { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
            _ = connection.waitForClose()
        }
        #expect(result.error?.code == .bodyTooLarge)
    }

    @Test func `a body exactly at the limit is fine`() async throws {
        let (result, _) = try await exchange {
            TransportRequest(url: $0.url(), limits: .make(body: 5))
        } _: { connection in
            _ = connection.readRequest()
            connection.answer(body: "12345")
        }
        #expect(try result.get().text == "12345")
    }

    @Test(arguments: [(300, 1), (3, 90_000)])
    func `giant headers are stopped`(count: Int, size: Int) async throws {
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            let field = "X: " + String(repeating: "y", count: size) + "\r\n"
            connection.write("HTTP/1.1 200 OK\r\n" + String(repeating: field, count: count) + "\r\n")
            _ = connection.waitForClose()
        }
        #expect(result.error?.code == .other)
        #expect(result.error?.message.contains("header fields") == true)
    }
}

/// Refused before a socket is opened.
@Suite struct RefusalTests {
    @Test(arguments: [
        ("http://example.test/", TransportError.Code.insecureRefused), ("ftp://127.0.0.1/", .badURL),
        ("http://u:p@127.0.0.1/", .badURL), ("nonsense", .badURL),
    ])
    func `an address we do not go to`(url: String, code: TransportError.Code) async throws {
        let error = try await CurlTransport().attempt(TransportRequest(url: url)).error
        #expect(error?.code == code)
        #expect(error?.mayHaveBeenSent == false)
    }

    @Test(arguments: [
        TransportRequest(method: "GET / HTTP/1.1\r\nX", url: "http://127.0.0.1:1/"),
        TransportRequest(method: "", url: "http://127.0.0.1:1/"),
        TransportRequest(url: "http://127.0.0.1:1/", headers: ["X": "a\r\nY: b"]),
        TransportRequest(url: "http://127.0.0.1:1/", headers: ["X\r\nY": "b"]),
        TransportRequest(url: "http://127.0.0.1:1/", headers: ["content-length": "3"]),
    ])
    func `a request that would say more than it shows`(request: TransportRequest) async throws {
        let error = try await CurlTransport().attempt(request).error
        #expect(error?.code == .badRequest)
        #expect(error?.mayHaveBeenSent == false)
    }
}
