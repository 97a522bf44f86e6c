import ConnectorConfiguration
import ConnectorCore
import Testing

struct NetworkSinkReaderTests {
    private func read(_ text: String) -> (config: DaemonConfig, lines: [String]) {
        let diagnostics = DiagnosticCollector()
        guard let value = JSON5Reader.read(Array(text.utf8), file: "f", diagnostics: diagnostics) else {
            return (DaemonConfig(), diagnostics.lines)
        }
        return (DaemonConfig(value, resolver: TableResolver(), diagnostics: diagnostics), diagnostics.lines)
    }

    @Test func `an address and a key are enough for AITBC`() throws {
        let (config, lines) = read(
            "{ sink: \"aitbc\", aitbc: { base_url: \"https://a.example/\", api_key: { credential: \"key\" } } }"
        )
        let sink = try #require(config.aitbc)
        #expect(lines == [])
        #expect(config.sink == "aitbc")
        #expect(config.missingSinks == ["http"])
        #expect(sink.target.baseURL.origin == "https://a.example")
        #expect(sink.target.auth == .bearer(Secret("sk_test_0123")))
        #expect(sink.target.retry == RetryPolicy())
        #expect(sink.target.limits.idleTimeout == .seconds(30))
        #expect((sink.apiVersion, sink.path, sink.format) == ("v1", "records", .records))
        #expect(sink.batches == BatchRule(records: 500, bytes: 1 << 20, inFlight: 1))
        #expect(sink.sinkName == "aitbc")
        #expect(sink.identity == SinkIdentity("aitbc:https://a.example/v1/records"))
    }

    @Test func `every key of AITBC's section is read`() throws {
        let (config, lines) = read(
            """
            { aitbc: { base_url: "http://127.0.0.1:9", auth_type: "api_key", api_key: { credential: "key" },
              api_version: "v2", path: "in/records", batch_records: 7, batch_bytes: 2048, batches_in_flight: 3,
              timeout: "5s", max_retries: 9, retry_backoff: "2s", rate_limit: 4, burst_limit: 8,
              enterprise_id: "e", tenant_id: "t", region: "r" } }
            """
        )
        let sink = try #require(config.aitbc)
        #expect(lines == [])
        #expect(sink.batches == BatchRule(records: 7, bytes: 2_048, inFlight: 3))
        #expect((sink.apiVersion, sink.path) == ("v2", "in/records"))
        #expect(sink.target.auth == .apiKey(header: "X-API-Key", Secret("sk_test_0123")))
        #expect((sink.target.retry.maxRetries, sink.target.retry.backoff.base) == (9, .seconds(2)))
        #expect((sink.target.rateLimit, sink.target.burstLimit) == (4, 8))
        #expect(sink.target.limits.idleTimeout == .seconds(5))
        #expect((sink.enterpriseID, sink.tenantID, sink.region) == ("e", "t", "r"))
        #expect(sink.identity == SinkIdentity("aitbc:http://127.0.0.1:9/v2/in/records#e/t"))
    }

    @Test func `every key of the other section is read`() throws {
        let (config, lines) = read(
            """
            { http: { url: "http://in.example/x?query=INSERT", allow_insecure: true, auth_type: "none",
              format: "array", headers: { "X-Source": "d" }, batch_records: 1, timeout: "5s", total_timeout: "6s",
              tls: { ca_path: "/ca.pem" } } }
            """
        )
        let sink = try #require(config.http)
        #expect(lines == [])
        // What the query says counts, and is not shown: it may be a key.
        #expect(sink.identity.text.hasPrefix("http:http://in.example/x?") && !sink.identity.text.contains("INSERT"))
        #expect(sink.format == .array)
        #expect(sink.sinkName == "http")
        #expect(sink.target.baseURL.text == "http://in.example/x?query=INSERT")
        #expect(sink.target.allowInsecure)
        #expect(sink.target.headers == [QueryTemplate("X-Source", Template(literal: "d"))])
        #expect(sink.target.limits.totalTimeout == .seconds(6))
        #expect(sink.target.tls.certificateAuthority == "/ca.pem")
        #expect(config.missingSinks == ["aitbc"])
    }

    @Test(arguments: [
        ("{ sink: \"http\" }", "f:1:9: sink: \"http\" is nowhere; add http: { url: … }"),
        ("{ sink: \"aitbc\" }", "f:1:9: sink: \"aitbc\" is nowhere; add aitbc: { base_url: …, api_key: … }"),
        (
            "{ http: { url: \"http://in.example\", auth_type: \"none\" } }",
            "f:1:16: http.url: sends records unencrypted to in.example; "
                + "use https://, or set allow_insecure: true if the network is trusted"
        ),
        (
            "{ aitbc: { base_url: \"http://a.example\", auth_type: \"none\" } }",
            "f:1:22: aitbc.base_url: sends records unencrypted to a.example; use https://"
        ),
        (
            "{ aitbc: { base_url: \"https://a.example\", auth_type: \"none\", api_version: \"v/1\" } }",
            "f:1:75: aitbc.api_version: can't stand in a path; write a plain word, such as \"v1\""
        ),
        (
            "{ http: { url: \"https://a.example\", auth_type: \"none\", batch_recods: 5 } }",
            "f:1:56: http.batch_recods: unknown key; did you mean \"batch_records\"?"
        ),
        (
            "{ http: { url: \"https://a.example\", auth_type: \"none\", batches_in_flight: 0 } }",
            "f:1:75: http.batches_in_flight: 0 is not allowed; write a whole number from 1 to 16, without quotes"
        ),
    ])
    func `mistakes`(text: String, line: String) {
        #expect(read(text).lines == [line])
    }
}
