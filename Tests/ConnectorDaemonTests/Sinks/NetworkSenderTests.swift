import AITBCConnectors
import ConnectorCore
import Testing

@testable import ConnectorDaemon

struct NetworkSenderTests {
    private func config(_ format: BatchFormat, retries: Int = 0) throws -> NetworkSinkConfig {
        var target = ConnectorDefinition(
            name: "sink",
            baseURL: try #require(URLReference("https://in.example\(format == .records ? "" : "/x?q=1")"))
        )
        target.auth = .bearer(Secret("sk_secret"))
        target.retry = RetryPolicy(maxRetries: retries, backoff: Backoff(base: .milliseconds(1)))
        target.headers = [QueryTemplate("X-Source", Template(literal: "d"))]
        target.errors = ErrorRule(message: [["error"]], code: [["error_code"]])
        return NetworkSinkConfig(target: target, format: format)
    }

    private func send(_ format: BatchFormat, _ answer: TransportResponse) async throws -> BatchOutcome {
        let transport = FakeTransport { request, _ in
            .success(request.url.hasSuffix("/health") ? .json("{}") : answer)
        }
        return await (try sender(try config(format), transport))
            .send(Array("1\n".utf8), records: 1, idempotencyKey: "k")
    }

    private func sender(_ config: NetworkSinkConfig, _ transport: FakeTransport) throws -> any BatchSender {
        config.format == .records
            ? try AITBCSender(config, transport: transport, clocks: StillClocks())
            : HTTPSender(config, transport: transport, clocks: StillClocks())
    }

    @Test func `a batch goes to the URL with key, type, proof and headers`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("")) }
        let outcome = await (try sender(try config(.ndjson), transport))
            .send(Array("{}\n".utf8), records: 1, idempotencyKey: "k1")
        #expect(outcome == .accepted)
        let request = try #require(transport.requests.first)
        #expect((request.method, request.url) == ("POST", "https://in.example/x?q=1"))
        #expect(request.body == Array("{}\n".utf8))
        #expect(request.headers["Idempotency-Key"] == "k1")
        #expect(request.headers["Content-Type"] == "application/x-ndjson")
        #expect(request.headers["Authorization"] == "Bearer sk_secret")
        #expect(request.headers["X-Source"] == "d")
    }

    @Test func `AITBC is asked for its health once, then gets batches`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("{\"success\":true,\"data\":{\"rejected\":0}}")) }
        let sender = try sender(try config(.records), transport)
        for key in ["k1", "k2"] {
            #expect(await sender.send(Array("{}".utf8), records: 1, idempotencyKey: key) == .accepted)
        }
        let base = "https://in.example/v1"
        #expect(transport.requests.map(\.url) == ["\(base)/health", "\(base)/records", "\(base)/records"])
        #expect(transport.requests[1].headers["Idempotency-Key"] == "k1")
        #expect(transport.requests[1].headers["Content-Type"] == "application/json")
        #expect(transport.requests[1].headers["Authorization"] == "Bearer sk_secret")
    }

    @Test(arguments: [BatchFormat.ndjson, .records])
    func `a server that stumbles gets the same bytes under the same key again`(_ format: BatchFormat) async throws {
        let transport = FakeTransport { request, number in
            if request.url.hasSuffix("/health") { return .success(.json("{}")) }
            switch number {
            case ...2: return .success(.json("", status: 503))
            case 3: return .failure(TransportError(.connectionLost, "reset", mayHaveBeenSent: true))
            default: return .success(.json("{}"))
            }
        }
        let sender = try sender(try config(format, retries: 5), transport)
        #expect(await sender.send(Array("{}".utf8), records: 1, idempotencyKey: "k") == .accepted)
        let sent = transport.requests.filter { !$0.url.hasSuffix("/health") }
        #expect(sent.count >= 3)
        #expect(sent.allSatisfy { $0.headers["Idempotency-Key"] == "k" && $0.body == Array("{}".utf8) })
    }

    @Test(arguments: [BatchFormat.ndjson, .records], [400, 409, 413, 422])
    func `a status that speaks of the records is a refusal in the server's words`(
        _ format: BatchFormat,
        _ status: Int
    ) async throws {
        let outcome = try await send(format, .json("{\"error\":\"too odd\",\"error_code\":\"ODD\"}", status: status))
        guard case .refused(let refusal) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(refusal.reason.contains("too odd"))
        #expect(refusal.reason.contains("\(status)"))
        #expect(refusal.code == "ODD")
        #expect(refusal.named.isEmpty && !refusal.restIsKept)
    }

    @Test(
        arguments: [BatchFormat.ndjson, .records],
        [
            (401, "api_key"), (403, "api_key"), (404, "address"), (405, "address"), (415, "address"), (408, ""),
            (425, ""), (429, "rate_limit"), (500, ""), (502, ""), (503, ""), (501, ""), (302, ""),
        ]
    )
    func `any other status is a failure that says what to do`(
        _ format: BatchFormat,
        _ row: (status: Int, hint: String)
    ) async throws {
        let outcome = try await send(format, .json("{\"error\":\"sk_secret is bad\"}", status: row.status))
        guard case .failed(let error) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(error.message.contains("\(row.status)"))
        #expect(error.message.contains("https://in.example"))
        #expect(error.hint.contains(row.hint) && !error.hint.isEmpty)
        #expect(!error.description.contains("sk_secret"))
    }

    @Test(arguments: [BatchFormat.ndjson, .records])
    func `a lost connection and a stop are failures`(_ format: BatchFormat) async throws {
        for code in [TransportError.Code.couldNotConnect, .connectionLost, .cancelled] {
            let transport = FakeTransport { _, _ in .failure(TransportError(code, "oh", mayHaveBeenSent: true)) }
            let outcome = await (try sender(try config(format), transport))
                .send([], records: 0, idempotencyKey: "k")
            guard case .failed = outcome else {
                Issue.record("\(outcome)")
                continue
            }
        }
    }

    @Test func `a success that is none, and speaks of no record, is the server's own trouble`() async throws {
        let body = "{\"success\":false,\"error\":\"no database\",\"error_code\":\"SERVICE_UNAVAILABLE\"}"
        guard case .failed(let error) = try await send(.records, .json(body)) else {
            Issue.record("not failed")
            return
        }
        #expect(error.message.contains("no database"))
    }

    @Test(arguments: [
        ("{\"data\":{\"rejected\":[1]}}", [1], true),
        ("{\"data\":{\"errors\":[{\"index\":0,\"error\":\"no\",\"error_code\":\"N\"}]}}", [0], true),
        ("{\"data\":{\"rejected\":2}}", [], false),
        ("{\"success\":false,\"error\":\"no\",\"error_code\":\"VALIDATION_ERROR\"}", [], false),
    ])
    func `a success that does not take all records is a refusal of these`(
        _ body: String,
        _ indices: [Int],
        _ restIsKept: Bool
    ) async throws {
        guard case .refused(let refusal) = try await send(.records, .json(body)) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.named.map(\.index) == indices)
        #expect(refusal.restIsKept == restIsKept)
    }

    @Test func `a refusal may name records in its details`() async throws {
        let body = #"{"error":"no","details":{"rejected":[{"index":3,"error":"old","error_code":"O"}]}}"#
        guard case .refused(let refusal) = try await send(.records, .json(body, status: 422)) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.named == [.init(3, reason: "old", code: "O")])
        #expect(!refusal.restIsKept)
    }

    @Test func `a page of a proxy is no acknowledgement from AITBC`() async throws {
        guard case .failed = try await send(.records, .json("<html>")) else {
            Issue.record("not failed")
            return
        }
    }
}
