import ConnectorCore
import CurlTransport
import Testing

/// Answers whose `Content-Encoding` is right, and wrong.
@Suite struct ContentCodingTests {
    /// `printf hello | gzip -n`
    private static let gzipHello: [UInt8] = [
        0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0, 0x86, 0xA6, 0x10, 0x36, 0x05,
        0, 0, 0,
    ]

    @Test func `gzip is decoded`() async throws {
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n")
            connection.write(Self.gzipHello)
        }
        #expect(try result.get().text == "hello")
    }

    @Test func `gzip in chunks of one byte is decoded`() async throws {
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
            for byte in Self.gzipHello { connection.write(Array("1\r\n".utf8) + [byte] + Array("\r\n".utf8)) }
            connection.write("0\r\n\r\n")
        }
        #expect(try result.get().text == "hello")
    }

    @Test(arguments: ["gzip", "x-gzip", "GZIP"])
    func `plain text labelled gzip comes through in the first attempt`(label: String) async throws {
        let (result, requests) = try await exchange { connection in
            _ = connection.readRequest()
            connection.answer(fields: label, body: "{\"plain\":true}")
        }
        #expect(try result.get().text == "{\"plain\":true}")
        #expect(requests.count == 1)
    }

    @Test func `so it does when head and body, or the chunk's size, arrive in pieces`() async throws {
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            for piece in [
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", "2", "\r\n{",
            ] {
                connection.write(piece)
            }
            connection.write("}\r\n0\r\n\r\n")
        }
        #expect(try result.get().text == "{}")
    }

    @Test func `an empty body labelled gzip is empty`() async throws {
        let (result, _) = try await exchange { connection in
            _ = connection.readRequest()
            connection.answer(fields: "gzip", body: "")
        }
        #expect(try result.get().body.isEmpty)
    }

    @Test func `after one failure the origin is asked for plain answers`() async throws {
        let server = try RawServer { connection in
            while connection.readRequest() != nil { connection.answer(fields: "br", body: "{\"not\":\"brotli\"}") }
        }
        let transport = try CurlTransport()
        let first = await transport.attempt(TransportRequest(url: server.url(), limits: .make()))
        #expect(first.error?.code == .badContentEncoding)
        #expect(first.error?.mayHaveBeenSent == true)
        #expect(first.error?.message.contains("uncompressed") == true)
        let second = await transport.attempt(TransportRequest(url: server.url(), limits: .make()))
        #expect(try second.get().text == "{\"not\":\"brotli\"}")
        #expect(server.requests.last?.has("Accept-Encoding: identity") == true)
        await transport.shutdown()
        server.stop()
    }

    @Test func `an origin that compresses all the same is asked for compressed answers again`() async throws {
        let server = try RawServer { connection in
            while let request = connection.readRequest() {
                guard !request.has("/broken") else {
                    connection.answer(fields: "br", body: "{\"not\":\"brotli\"}")
                    continue
                }
                connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n")
                connection.write(Self.gzipHello)
            }
        }
        let transport = try CurlTransport()
        var codes: [TransportError.Code?] = []
        for path in ["/broken", "/", "/"] {
            codes.append(await transport.attempt(TransportRequest(url: server.url(path), limits: .make())).error?.code)
        }
        #expect(codes == [.badContentEncoding, .badContentEncoding, nil])
        await transport.shutdown()
        server.stop()
    }
}

extension RawConnection {
    fileprivate func answer(fields coding: String, body: String) {
        answer("200 OK", ["Content-Encoding: \(coding)"], body: body)
    }
}
