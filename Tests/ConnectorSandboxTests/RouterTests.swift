import ConnectorCore
import HTTPListener
import Testing

@testable import ConnectorSandbox

struct RouterTests {
    @Test(arguments: [("500", 500), ("502", 502), ("503", 503), ("429_seconds", 429), ("429_date", 429), ("403", 403)])
    func `an error strikes as often as it should`(kind: String, status: Int) throws {
        let sandbox = try SandboxFixture.payment()
        sandbox.fault(#"{"kind":"\#(kind)","match":"/v1/charges","after":1,"times":2}"#)
        let statuses = (0..<4).map { _ in sandbox.get("/v1/charges").status }
        #expect(statuses == [200, status, status, 200])
        #expect(sandbox.get("/v1/refunds").status == 200)
    }

    @Test func `Retry-After comes as seconds or as a date`() throws {
        let sandbox = try SandboxFixture.payment()
        sandbox.fault(#"[{"kind":"429_seconds","seconds":7,"times":1},{"kind":"429_date","after":1,"times":1}]"#)
        #expect(sandbox.get("/v1/charges").headers["Retry-After"] == "7")
        #expect(sandbox.get("/v1/charges").headers["Retry-After"]?.hasSuffix("GMT") == true)
    }

    @Test(arguments: [
        (#"{"kind":"reset"}"#, ListenerResponse.Delivery.reset(afterBytes: 5)),
        (#"{"kind":"stall"}"#, .stall(afterBytes: 5)), (#"{"kind":"short"}"#, .truncated(afterBytes: 5)),
    ])
    func `a broken answer promises all and delivers part`(json: String, delivery: ListenerResponse.Delivery) throws {
        let sandbox = try SandboxFixture.payment()
        sandbox.fault(json.replacing("}", with: #","after_bytes":5}"#))
        #expect(sandbox.get("/v1/charges").delivery == delivery)
    }

    @Test func `a negative position hangs up before the status line`() throws {
        let sandbox = try SandboxFixture.payment()
        sandbox.fault(#"{"kind":"reset","after_bytes":-1}"#)
        #expect(sandbox.get("/v1/charges").delivery == .hangUp)
    }

    @Test(arguments: ["truncate", "html_error", "garbage", "deep_json"])
    func `a spoiled body is not JSON`(kind: String) throws {
        let sandbox = try SandboxFixture.payment()
        sandbox.fault(#"{"kind":"\#(kind)"}"#)
        let answer = sandbox.get("/v1/charges")
        #expect(answer.status == 200)
        #expect(throws: SandboxJSONParser.Malformed.self) { try SandboxJSONParser.parse(answer.body) }
    }

    @Test func `pages repeat and reorder`() throws {
        let sandbox = try SandboxFixture.payment()
        let first = sandbox.get("/v1/charges").ids()
        sandbox.fault(#"{"kind":"duplicate_page","times":1}"#)
        #expect(sandbox.get("/v1/charges?starting_after=\(first[9])").ids() == first)
        sandbox.fault(#"{"kind":"reorder_page","times":1}"#)
        #expect(sandbox.get("/v1/charges").ids() == first.reversed())
    }

    @Test func `an unknown anchor may restart at the first record`() throws {
        let sandbox = try SandboxFixture.payment()
        sandbox.fault(#"{"kind":"restart_on_unknown_anchor"}"#)
        #expect(sandbox.get("/v1/charges?starting_after=gone").ids() == sandbox.get("/v1/charges").ids())
    }

    @Test func `clock skew shifts times and Date`() throws {
        let sandbox = try SandboxFixture.payment()
        let before = sandbox.get("/v1/charges?limit=1").json["data"]?.elements?.first?["created"]?.int ?? 0
        sandbox.fault(#"{"kind":"clock_skew","seconds":-60}"#)
        let answer = sandbox.get("/v1/charges?limit=1")
        #expect(answer.json["data"]?.elements?.first?["created"]?.int == before - 60)
        #expect(answer.headers["Date"] != nil)
        // Filters are read by the same clock.
        #expect(
            sandbox.get("/v1/charges?created[gte]=\(before - 60)").ids() == sandbox.get("/v1/charges?limit=1").ids()
        )
    }

    @Test func `an expired token lasts until the next login`() throws {
        let sandbox = try SandboxFixture.erp()
        sandbox.fault(#"{"kind":"expired_token"}"#)
        #expect(sandbox.get("/api/items").status == 401)
        #expect(sandbox.send("POST", "/login", "user=erp&password=erp-secret").status == 200)
        #expect(sandbox.get("/api/items").status == 200)
    }

    @Test func `a write behind a fault takes effect only if told so`() throws {
        let sandbox = try SandboxFixture.payment()
        sandbox.fault(
            #"{"faults":[{"kind":"502","method":"POST","times":1},{"kind":"502","method":"POST","after":1,"apply":true}]}"#
        )
        _ = sandbox.send("POST", "/v1/customers", "name=A")
        #expect(sandbox.dump("customers").count == 8)
        _ = sandbox.send("POST", "/v1/customers", "name=A")
        #expect(sandbox.dump("customers").count == 9)
    }

    @Test func `a rate limit is enforced and refills`() throws {
        let sandbox = try SandboxFixture.payment()
        _ = sandbox.send("POST", "/_sandbox/rate_limit", #"{"rate":2,"burst":3}"#)
        #expect((0..<5).map { _ in sandbox.get("/v1/balance").status } == [200, 200, 200, 429, 429])
        #expect(sandbox.get("/v1/balance").headers["X-RateLimit-Limit"] == "3")
        sandbox.clocks.advance(.milliseconds(500))
        #expect((0..<2).map { _ in sandbox.get("/v1/balance").status } == [200, 429])
        _ = sandbox.send("DELETE", "/_sandbox/faults")
        #expect(sandbox.get("/v1/balance").status == 200)
    }

    @Test func `what was served is told with its times`() throws {
        let sandbox = try SandboxFixture.payment()
        _ = sandbox.get("/v1/balance")
        sandbox.clocks.advance(.nanoseconds(5))
        _ = sandbox.get("/v1/none")
        let log = sandbox.get("/_sandbox/served").json
        #expect(log["total"]?.int == 2)
        let times = (log["requests"]?.elements ?? []).compactMap { $0["ns"]?.int }
        #expect(times.count == 2 && times[1] - times[0] == 5)
        #expect(log["counts"]?.elements?.count == 2)
    }

    @Test(arguments: [#"{"kind":"nonsense"}"#, "not json", #"{}"#])
    func `a fault that is not understood is refused`(body: String) throws {
        #expect(try SandboxFixture.payment().send("POST", "/_sandbox/faults", body).status == 400)
    }

    @Test func `mutate changes data`() throws {
        let sandbox = try SandboxFixture.payment()
        let body = #"{"collection":"customers","create":5,"update":2,"delete":1}"#
        #expect(sandbox.send("POST", "/_sandbox/mutate", body).json["count"]?.int == 12)
        #expect(sandbox.dump("events").count == 8)
        #expect(sandbox.send("POST", "/_sandbox/mutate", "{}").status == 400)
    }

    @Test(arguments: [
        #"{"records":[{"id":"1","n":1.10},{"id":"2"}]}"#, #"[{"id":"1","n":1.10},{"id":"2"}]"#,
        "{\"id\":\"1\",\"n\":1.10}\n{\"id\":\"2\"}\n",
    ])
    func `AITBC takes batches once per key`(body: String) {
        let sandbox = SandboxFixture.aitbc()
        var headers = SandboxFixture.bearer
        headers["Idempotency-Key"] = "batch-1"
        for _ in 0..<2 {
            let answer = sandbox.send("POST", "/v1/records", body, headers: headers)
            #expect(answer.json["data"]?["accepted"]?.int == 2)
        }
        #expect(sandbox.get("/_sandbox/dump/records").body.starts(with: #"{"id":"1","n":1.10}"#.utf8))
        #expect(sandbox.get("/v1/records").json["data"]?.elements?.count == 2)
        #expect(sandbox.send("POST", "/v1/records", "[]", headers: headers).status == 409)
        #expect(sandbox.get("/v1/health").json["success"] == .bool(true))
        #expect(sandbox.send("GET", "/v1/health", headers: [:]).json["error_code"]?.text == "AUTHENTICATION_ERROR")
    }

    @Test(arguments: [("refuse", "{}"), ("refuse by name", #"{"rejected":[{"index":1,"#)])
    func `AITBC refuses a batch with a record that it is told to refuse`(words: String, details: String) {
        let sandbox = SandboxFixture.aitbc()
        let body = #"{"records":[{"record":{}},{"record":{"description":"\#(words)"}}]}"#
        let answer = sandbox.send("POST", "/v1/records", body, headers: SandboxFixture.bearer)
        #expect(answer.status == 422)
        #expect(answer.json["details"]?.bytes.starts(with: details.utf8) == true)
        #expect(sandbox.get("/_sandbox/dump/records").body.isEmpty)
    }
}
