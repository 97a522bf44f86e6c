import ConnectorCore
import CurlTransport
import Testing

/// What goes out and what comes back when all is well.
@Suite struct ExchangeTests {
    @Test func `status, fields and body come back`() async throws {
        let (result, requests) = try await exchange { connection in
            _ = connection.readRequest()
            connection.answer("201 Created", ["Set-Cookie: a=1", "Set-Cookie: b=2"], body: "hello")
        }
        let response = try result.get()
        #expect(response.status == 201)
        #expect(response.text == "hello")
        #expect(response.headers.all("set-cookie") == ["a=1", "b=2"])
        let request = try #require(requests.first)
        #expect(request.line == "GET / HTTP/1.1")
        #expect(request.has("User-Agent: aitbc-connectord"))
        #expect(request.has("gzip"))
        #expect(!request.has("Content-Type"))
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
    func `a write carries its body and nothing it was not given`(method: String) async throws {
        let (result, requests) = try await exchange {
            TransportRequest(method: method, url: $0.url("/p"), body: Array("{\"a\":1}".utf8), limits: .make())
        } _: { connection in
            _ = connection.readRequest()
            connection.answer(body: "ok")
        }
        #expect(try result.get().text == "ok")
        let request = try #require(requests.first)
        #expect(request.line == "\(method) /p HTTP/1.1")
        #expect(String(decoding: request.body, as: UTF8.self) == "{\"a\":1}")
        #expect(!request.has("Content-Type"))
        #expect(!request.has("Expect"))
    }

    @Test(arguments: [("POST", true), ("PUT", true), ("PATCH", true), ("DELETE", false), ("GET", false)])
    func `an empty write says so`(method: String, saysLength: Bool) async throws {
        let (result, requests) = try await exchange {
            TransportRequest(method: method, url: $0.url(), limits: .make())
        } _: { connection in
            _ = connection.readRequest()
            connection.answer("204 No Content")
        }
        #expect(try result.get().status == 204)
        #expect(requests.first?.has("Content-Length: 0") == saysLength)
        #expect(requests.first?.line == "\(method) / HTTP/1.1")
    }

    @Test func `HEAD has no body whatever the length says`() async throws {
        let (result, _) = try await exchange {
            TransportRequest(method: "HEAD", url: $0.url(), limits: .make(body: 10))
        } _: { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            _ = connection.waitForClose()
        }
        #expect(try result.get().body.isEmpty)
        #expect(try result.get().headers["Content-Length"] == "1000000")
    }

    @Test func `the caller's fields go out as given, empty ones too`() async throws {
        let (_, requests) = try await exchange {
            TransportRequest(
                url: $0.url(),
                headers: ["User-Agent": "mine", "X-Empty": "", "Authorization": "Bearer x", "Accept": "text/x"],
                limits: .make()
            )
        } _: { connection in
            _ = connection.readRequest()
            connection.answer()
        }
        let request = try #require(requests.first)
        for field in ["User-Agent: mine\r\n", "X-Empty:\r\n", "Authorization: Bearer x\r\n", "Accept: text/x\r\n"] {
            #expect(request.has(field))
        }
        #expect(!request.has("aitbc-connectord"))
    }

    @Test func `nothing of a request is left for the next one`() async throws {
        let server = try RawServer { connection in
            while let request = connection.readRequest() {
                // A HEAD's answer has no body.
                connection.answer(body: request.line.hasPrefix("HEAD") ? "" : "x")
            }
        }
        let transport = try CurlTransport()
        let steps: [(method: String, body: String?, header: String)] = [
            ("POST", "secret=1", "One"), ("GET", nil, "Two"), ("PUT", "longer than before", "Three"),
            ("HEAD", nil, "Four"),
            ("DELETE", nil, "Five"), ("GET", nil, "Six"), ("POST", "", "Seven"), ("PATCH", "y", "Eight"),
        ]
        for step in steps {
            var headers: TransportHeaders = [:]
            headers.add("X-\(step.header)", "v")
            let request = TransportRequest(
                method: step.method,
                url: server.url("/\(step.header)"),
                headers: headers,
                body: step.body.map { Array($0.utf8) },
                limits: .make()
            )
            #expect(try await transport.send(request).status == 200)
        }
        await transport.shutdown()
        server.stop()
        #expect(server.requests.count == steps.count)
        for (step, request) in zip(steps, server.requests) {
            #expect(request.line == "\(step.method) /\(step.header) HTTP/1.1")
            #expect(String(decoding: request.body, as: UTF8.self) == step.body ?? "")
            #expect(request.has("Content-Length: ") == (step.body != nil))
            for other in steps { #expect(request.has("X-\(other.header): v") == (other.header == step.header)) }
        }
    }

    @Test func `interim answers are dropped`() async throws {
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
            connection.answer(body: "x")
        }
        #expect(try result.get().status == 200)
        #expect(try result.get().headers["Link"] == nil)
    }

    @Test func `one connection serves request after request`() async throws {
        let server = try RawServer { connection in
            while connection.readRequest() != nil { connection.answer(body: "\(connection.number)") }
        }
        let transport = try CurlTransport()
        for _ in 1...5 {
            #expect(try await transport.send(TransportRequest(url: server.url(), limits: .make())).text == "1")
        }
        await transport.shutdown()
        server.stop()
    }

    @Test func `a name that does not resolve leaves the requests after it alone`() async throws {
        let server = try RawServer { connection in
            while connection.readRequest() != nil { connection.answer(body: "\(connection.number)") }
        }
        let transport = try CurlTransport()
        for _ in 1...2 {
            let lost = TransportRequest(url: "https://connector.invalid/", limits: .make(connect: .seconds(2)))
            let error = await transport.attempt(lost).error
            #expect(error?.code == .nameNotResolved || error?.code == .connectTimeout)
            #expect(try await transport.send(TransportRequest(url: server.url(), limits: .make())).text == "1")
        }
        await transport.shutdown()
        server.stop()
    }

    @Test func `no more connections are opened than the limit, and the rest waits its turn`() async throws {
        let server = try RawServer { connection in
            while connection.readRequest() != nil { connection.answer(body: "\(connection.number)") }
        }
        var configuration = CurlTransport.Configuration()
        configuration.maximumConnectionsPerHost = 3
        let transport = try CurlTransport(configuration: configuration)
        let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 1...60 {
                group.addTask {
                    Int(try await transport.send(TransportRequest(url: server.url(), limits: .make())).text) ?? 0
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers.count == 60)
        #expect(numbers.max() ?? 0 <= 3)
        await transport.shutdown()
        server.stop()
    }

    @Test func `a chunked body of many reads arrives whole`() async throws {
        let piece = String(repeating: "0123456789abcdef", count: 4_096)
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 1...40 { connection.write("10000\r\n\(piece)\r\n") }
            connection.write("0\r\nTrailer: x\r\n\r\n")
        }
        let response = try result.get()
        #expect(response.body.count == 40 * 65_536)
        #expect(response.text == String(repeating: piece, count: 40))
        #expect(response.headers["Trailer"] == nil)
    }

    @Test func `redirects within the origin are followed with method and body`() async throws {
        let (result, requests) = try await exchange {
            TransportRequest(method: "POST", url: $0.url("/a"), body: [0x78], limits: .make())
        } _: { connection in
            while let request = connection.readRequest() {
                if request.line.hasPrefix("POST /a") {
                    connection.answer("308 Permanent Redirect", ["Location: /b", "X-First: 1"], body: "moved")
                } else {
                    connection.answer(body: "there")
                }
            }
        }
        #expect(try result.get().text == "there")
        #expect(try result.get().headers["X-First"] == nil)
        #expect(requests.map(\.line) == ["POST /a HTTP/1.1", "POST /b HTTP/1.1"])
        #expect(requests.last?.body == [0x78])
    }

    @Test(arguments: [("/a", "/v2/b?x=1"), ("/c", "/c")])
    func `an answer says where it came from, behind redirects`(path: String, target: String) async throws {
        let (result, _) = try await exchange {
            TransportRequest(url: $0.url(path), limits: .make())
        } _: { connection in
            while let request = connection.readRequest() {
                if request.line.hasPrefix("GET /a") {
                    connection.answer("307 Temporary Redirect", ["Location: /v2/b?x=1"], body: "moved")
                } else {
                    connection.answer(body: "there")
                }
            }
        }
        #expect(try URLReference(result.get().url ?? "")?.target == target)
    }

    @Test func `a redirect loop ends after five hops`() async throws {
        let (result, requests) = try await exchange { connection in
            while connection.readRequest() != nil { connection.answer("302 Found", ["Location: /"]) }
        }
        #expect(result.error?.code == .redirectRefused)
        #expect(requests.count == 6)
    }

    @Test func `another origin never sees the request`() async throws {
        let other = try RawServer { _ = $0.readRequest() }
        let (result, _) = try await exchange {
            TransportRequest(url: $0.url(), headers: ["X-Api-Key": "s"], limits: .make())
        } _: { connection in
            _ = connection.readRequest()
            connection.answer("302 Found", ["Location: \(other.url())"])
        }
        #expect(result.error?.code == .redirectRefused)
        #expect(other.requests.isEmpty)
        other.stop()
    }
}
