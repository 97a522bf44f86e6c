import ConnectorConfiguration
import ConnectorCore
import Testing

struct ConnectorReaderTests {
    private static let shop = """
        { kind: "payment", base_url: "https://shop.example/api/", auth_type: "none", rate_limit: 10,
          schedule: { every: "5m", jitter: "30s" },
          defaults: { records: "data", paging: { style: "page", parameter: "p", size: { parameter: "n", value: 10 } } },
          streams: {
            orders: { path: "/orders" },
            clients: { path: "/clients", records: "items" },
          } }
        """

    private func shop(_ file: String) -> Reading { Reading(file, ["shop": Self.shop]) }

    @Test func `a file that names no streams has all of the definition's, with the defaults`() {
        let reading = shop("{ definition: \"shop\" }")
        #expect(reading.lines == [])
        #expect(reading.connector?.streams.map(\.id.stream) == ["orders", "clients"])
        #expect(reading.connector?.baseURL.text == "https://shop.example/api")
        #expect(reading.stream("orders")?.records == ["data"])
        #expect(reading.stream("clients")?.records == ["items"])
        #expect(reading.stream("clients")?.paging.size == 10)
        #expect(reading.stream("orders")?.schedule == .every(.seconds(300), jitter: .seconds(30)))
        #expect(reading.stream("orders")?.sink == "file")
    }

    @Test func `a file chooses streams by naming them, and may bring its own`() {
        let reading = shop("{ definition: \"shop\", streams: { own: { path: \"/own\" }, clients: {} } }")
        #expect(reading.lines == [])
        #expect(reading.connector?.streams.map(\.id.stream) == ["clients", "own"])
        #expect(reading.stream("own")?.records == ["data"])
    }

    @Test func `null removes a stream, and leaves the others chosen`() {
        let reading = shop("{ definition: \"shop\", streams: { orders: null } }")
        #expect(reading.lines == [])
        #expect(reading.connector?.streams.map(\.id.stream) == ["clients"])
    }

    @Test func `null removes any part of the definition`() {
        let reading = shop(
            "{ definition: \"shop\", rate_limit: null, defaults: { paging: null }, streams: { orders: {} } }"
        )
        #expect(reading.lines == [])
        #expect(reading.connector?.rateLimit == nil)
        #expect(reading.stream("orders")?.paging == PagingRule())
        #expect(reading.stream("orders")?.records == ["data"])
    }

    @Test func `an override deep in a stream leaves its neighbours alone`() {
        let reading = shop("{ definition: \"shop\", streams: { orders: { paging: { size: { value: 25 } } } } }")
        #expect(reading.lines == [])
        #expect(reading.stream("orders")?.paging.size == 25)
        #expect(reading.stream("orders")?.paging.parameter == "p")
        #expect(reading.stream("orders")?.paging.style == .page)
    }

    @Test func `a schedule replaces the definition's as a whole`() throws {
        let cron = Schedule.cron(try CronExpression("0 3 * * *"), .utc)
        let whole = shop("{ definition: \"shop\", schedule: { cron: \"0 3 * * *\" } }")
        #expect(whole.lines == [])
        #expect(whole.stream("orders")?.schedule == cron)
        let one = shop(
            "{ definition: \"shop\", streams: { orders: { schedule: { cron: \"0 3 * * *\" } }, clients: {} } }"
        )
        #expect(one.lines == [])
        #expect(one.stream("orders")?.schedule == cron)
        #expect(one.stream("clients")?.schedule == .every(.seconds(300), jitter: .seconds(30)))
        let pace = shop("{ definition: \"shop\", schedule: { every: \"1h\" } }")
        #expect(pace.stream("orders")?.schedule == .every(.seconds(3600), jitter: .zero))
    }

    @Test func `mistakes are reported where they stand, in the definition or in the file`() {
        let definition =
            "{ base_url: \"https://a.example\", auth_type: \"none\",\n streams: { s: { path: 5, pth: 1 } } }"
        let file = "{ definition: \"d\",\n  streams: {\n    s: { records: 7 } } }"
        #expect(
            Reading(file, ["d": definition]).lines == [
                "d:2:27: streams.s.pth: unknown key; did you mean \"path\"?",
                "f:3:19: streams.s.records: expected a path, found a number; "
                    + "write names with dots, such as \"error.message\"",
            ]
        )
    }

    @Test(arguments: [
        ("{ definition: \"shpo\" }", "f:1:15: definition: there is no definition \"shpo\"; did you mean \"shop\"?"),
        ("{ definition: \"elsewhere\" }", "f:1:15: definition: there is no definition \"elsewhere\"; known: shop"),
        ("{ definition: 5 }", "f:1:15: definition: expected a string, found a number; put it in quotes"),
        (
            "{ definition: \"shop\", streams: { ordres: {} } }",
            "f:1:34: streams.ordres: the definition has no such stream; did you mean \"orders\"?"
        ),
        (
            "{ definition: \"shop\", streams: { refunds: {} } }",
            "f:1:34: streams.refunds: the definition has no such stream; "
                + "it has orders, clients; a list of your own needs a path"
        ),
        (
            "{ definition: \"shop\", streams: { orders: null, clients: null } }",
            "f:1:32: streams: names none; name the lists to keep in step: streams: { charges: {} }"
        ),
    ])
    func `a definition or stream that is not there is told with the nearest`(file: String, line: String) {
        #expect(shop(file).lines == [line])
    }

    @Test(arguments: [
        ("", "f:1:1: base_url: is missing; add base_url with an absolute URL such as \"https://api.example.com\""),
        (
            "base_url: \"shop\"",
            "f:2:11: base_url: is not an absolute URL such as \"https://api.example.com\"; "
                + "write an absolute URL such as \"https://api.example.com\""
        ),
        (
            "base_url: \"https://a.example/?v=1\"",
            "f:2:11: base_url: is not an absolute URL such as "
                + "\"https://api.example.com\"; write an absolute URL such as \"https://api.example.com\""
        ),
        (
            "base_url: 5",
            "f:2:11: base_url: expected an absolute URL such as \"https://api.example.com\", found a number; "
                + "write an absolute URL such as \"https://api.example.com\" in quotes"
        ),
    ])
    func `without a base URL nothing else is worth a line`(members: String, line: String) {
        let reading = Reading.connector(members)
        #expect(reading.lines == [line])
        #expect(reading.connector == nil)
    }

    @Test(arguments: [
        (
            "base_url: \"http://a.example\", auth_type: \"none\"",
            "f:2:11: base_url: sends credentials unencrypted to a.example; "
                + "use https://, or set allow_insecure: true if the network is trusted"
        ),
        (
            "base_url: \"https://a.example\", auth_type: \"none\", rate_limt: 5",
            "f:2:51: rate_limt: unknown key; did you mean \"rate_limit\"?"
        ),
        (
            "base_url: \"https://a.example\", auth_type: \"none\", rate_limit: \"5\"",
            "f:2:63: rate_limit: expected a number, found a string; "
                + "write a number from 0.001 to 100000.0, without quotes"
        ),
        (
            "base_url: \"https://a.example\", auth_type: \"none\", sink: \"stdot\"",
            "f:2:57: sink: there is no sink \"stdot\"; did you mean \"stdout\"?"
        ),
        (
            "base_url: \"https://a.example\", auth_type: \"none\", sink: \"kafka\"",
            "f:2:57: sink: there is no sink \"kafka\"; known: file, stdout"
        ),
        (
            "base_url: \"https://a.example\", auth_type: \"none\", timeout: \"5 parsecs\"",
            "f:2:60: timeout: \"5 parsecs\" is not a duration; "
                + "write a number and a unit, such as \"90s\", \"5m\" or \"1h30m\", from 1ms to 1d"
        ),
        (
            "base_url: \"https://a.example\", auth_type: \"none\", kind: \"payments\"",
            "f:2:57: kind: unknown kind \"payments\"; did you mean \"payment\"? (one of: \"payment\", \"erp\", \"other\")"
        ),
        (
            "base_url: \"https://a.example\", auth_type: \"none\", headers: { A: \"${cursor}\" }",
            "f:2:65: headers.A: unknown placeholder ${cursor}; known here: ${settings.…}, ${secrets.…}"
        ),
        (
            "base_url: \"https://a.example\", auth_type: \"none\", headers: { A: \"${settings.x}\" }",
            "f:1:1: settings: has no \"x\", which the connector's headers need; add settings: { x: … }"
        ),
    ])
    func `a connector's mistakes`(members: String, line: String) {
        #expect(Reading.connector(members).lines == [line])
    }

    @Test(arguments: ["http://localhost:8080", "http://127.0.0.1", "http://[::1]:1"])
    func `plain HTTP to this machine needs no leave`(url: String) {
        #expect(Reading.connector("base_url: \"\(url)\", auth_type: \"none\"").lines == [])
    }

    @Test func `plain HTTP elsewhere is a person's decision`() {
        let reading = Reading.connector("base_url: \"http://a.example\", allow_insecure: true, auth_type: \"none\"")
        #expect(reading.lines == [])
        #expect(reading.connector?.allowInsecure == true)
    }

    @Test(arguments: [
        (
            "{ every: \"5m\", cron: \"* * * * *\" }",
            "f:2:82: schedule.cron: stands beside `every`; keep one of the two"
        ),
        ("{}", "f:2:61: schedule.every: is missing; write { every: \"5m\" } or { cron: \"…\" }"),
        (
            "{ every: 0 }",
            "f:2:70: schedule.every: \"0s\" is out of range; "
                + "write a number and a unit, such as \"90s\", \"5m\" or \"1h30m\", from 1s to 366d"
        ),
        (
            "{ cron: \"0 3 * * *\", time_zone: \"Mars\" }",
            "f:2:93: schedule.time_zone: there is no time zone \"Mars\"; see tzdata"
        ),
        (
            "{ every: \"5m\", time_zone: \"Etc/UTC\" }",
            "f:2:87: schedule.time_zone: stands without `cron`; an interval has no time zone; remove it"
        ),
        (
            "{ cron: \"0 3 * * *\", jitter: \"1m\" }",
            "f:2:90: schedule.jitter: stands beside `cron`; remove it"
        ),
    ])
    func `a schedule's mistakes`(schedule: String, line: String) {
        let reading = Reading.connector("base_url: \"https://a.example\", auth_type: \"none\", schedule: \(schedule)")
        #expect(reading.lines == [line])
    }

    @Test func `a cron expression that is none is told with what cron needs`() throws {
        let reading = Reading.connector(
            "base_url: \"https://a.example\", auth_type: \"none\", schedule: { cron: \"0 25\" }"
        )
        #expect(
            reading.lines == [
                "f:2:69: schedule.cron: “0 25” has 2 fields; cron needs five fields (minute, hour, day of month, month, "
                    + "day of week); write five fields: minute hour day month weekday"
            ]
        )
    }

    @Test func `streams are needed, as an object`() {
        let base = "base_url: \"https://a.example\", auth_type: \"none\""
        let none = "names none; name the lists to keep in step: streams: { charges: {} }"
        #expect(Reading("{ \(base) }").lines == ["f:1:1: streams: \(none)"])
        #expect(Reading("{ \(base), streams: {} }").lines == ["f:1:62: streams: \(none)"])
        #expect(
            Reading("{ \(base), streams: [] }").lines == [
                "f:1:62: streams: expected an object, found a list; write { NAME: { … }, … }"
            ]
        )
    }

    @Test func `every setting has its place`() {
        let reading = Reading.connector(
            """
            kind: "erp", base_url: "https://a.example", auth_type: "none", headers: { A: "b" }, settings: { x: 1 },
            rate_limit: 2.5, burst_limit: 5, max_retries: 1, retry_backoff: "2s", timeout: "5s", connect_timeout: "1s",
            total_timeout: "1m", max_response_bytes: 4096, max_concurrent_streams: 2, progress_timeout: "90s",
            tls: { cert_path: "c", key_path: "k", ca_path: "a" }, check: { path: "/ping" }, sink: "stdout",
            errors: { present: "error", ok: ["OK"], message: { any: ["error.m", "detail"] }, code: ["a.b", "c"],
              position_lost: ["p", { message: "lost" }], credentials: ["c"], throttled: ["t_*"],
              transient: [{ code: "x", status: 400 }] }
            """
        )
        #expect(reading.lines == [])
        #expect(reading.connector?.settings == ["settings.x": .json(.number("1"))])
        #expect(reading.connector?.rateLimit == 2.5)
        #expect(reading.connector?.burstLimit == 5)
        #expect(reading.connector?.retry == RetryPolicy(maxRetries: 1, backoff: Backoff(base: .seconds(2))))
        #expect(
            reading.connector?.limits
                == TransportLimits(
                    connectTimeout: .seconds(1),
                    idleTimeout: .seconds(5),
                    totalTimeout: .seconds(60),
                    maximumBodyBytes: 4096
                )
        )
        #expect(reading.connector?.maximumConcurrentStreams == 2)
        #expect(reading.connector?.progressTimeout == .seconds(90))
        #expect(reading.connector?.tls == TLSFiles(certificate: "c", key: "k", certificateAuthority: "a"))
        #expect(reading.connector?.checkPath == Template(literal: "/ping"))
        #expect(reading.connector?.errors.code == [["a.b", "c"]])
        #expect(reading.connector?.errors.message == [["error", "m"], ["detail"]])
        #expect(reading.connector?.errors.ok == ["OK"])
        #expect(reading.connector?.errors.kind(of: .init(code: "t_1", status: 400)) == .throttled)
        #expect(reading.connector?.errors.kind(of: .init(code: "x", status: 500)) == nil)
        #expect(reading.connector?.errors.kind(of: .init(message: "it is Lost", status: 400)) == .positionLost)
        #expect(reading.stream("s")?.sink == "stdout")
    }

    @Test func `an account is a host and a credential, not a name`() {
        func account(_ host: String, _ key: String) -> String? {
            Reading.connector("base_url: \"https://\(host)\", api_key: \"\(key)\"").connector?.account
        }
        #expect(account("a.example", "k1") == account("a.example/v2", "k1"))
        #expect(account("a.example", "k1") != account("a.example", "k2"))
        #expect(account("a.example", "k1") != account("b.example", "k1"))
        #expect(account("a.example", "secret-key")?.contains("secret-key") == false)
    }
}
