import ConnectorConfiguration
import ConnectorCore
import Testing

struct StreamReaderTests {
    @Test func `the least that a stream needs is a path`() throws {
        let reading = Reading.stream("{ path: \"/s\" }")
        #expect(reading.lines == [])
        let stream = try #require(reading.stream("s"))
        let id = StreamID(connector: "acme", stream: "s")
        let schedule = Schedule.every(.seconds(300), jitter: .seconds(30))
        #expect(stream == StreamDefinition(id: id, path: Template(literal: "/s"), schedule: schedule))
    }

    @Test func `everything is read`() throws {
        let reading = Reading.stream(
            """
            { path: "/s/${limit}", query: { a: 1, b: true, c: "${token}" }, headers: { H: "${cursor}" },
              records: ["odata.value"], key: ["company.id", "number"], method: "PUT", model: "x",
              paging: { style: "token", parameter: "t", next: "meta.next", more: "meta.more" },
              cursor: { field: "at", fallback: "made.at", format: "unix_ms", filter_format: "iso8601", order: "ascending",
                lower: { since: "${cursor}" }, upper: { until: "${until}" }, lookback: "1m", lag: "5s", window: "1d",
                granularity: "1s", start: "2026-01-01" },
              resync: { every: "7d" }, schedule: { every: 60 }, sink: "stdout" }
            """
        )
        #expect(reading.lines == [])
        let stream = try #require(reading.stream("s"))
        #expect(stream.method == "PUT")
        #expect(stream.query.map(\.name) == ["a", "b", "c"])
        #expect(stream.query[1].value == Template(literal: "true"))
        #expect(stream.records == ["odata.value"])
        #expect(stream.key == [["company", "id"], ["number"]])
        #expect(stream.paging.next == ["meta", "next"])
        #expect(stream.paging.anchor == .server)
        #expect(stream.cursor?.fields == [["at"], ["made", "at"]])
        #expect(stream.cursor?.filterFormat == .iso8601)
        #expect(stream.cursor?.window == 86_400_000_000_000)
        #expect(stream.cursor?.lag == 5_000_000_000)
        #expect(stream.cursor?.start == 1_767_225_600_000_000_000)
        #expect(stream.resync == .seconds(604_800))
        #expect(stream.schedule == .every(.seconds(60), jitter: .zero))
        #expect(stream.sink == "stdout")
    }

    @Test func `where a record is, how it says that it is gone, and how an answer says that there are none`() throws {
        let reading = Reading.stream(
            """
            { path: "/s", records: "data", record: "node", empty: { absent: true, beside: ["time"], nothing: true },
              deleted: { field: "meta.status", equals: ["VOIDED", 2, true] },
              paging: { style: "offset", parameter: "start", first: 1 },
              cursor: { field: "at", lower_headers: { "If-Modified-Since": "${cursor}" } } }
            """
        )
        #expect(reading.lines == [])
        let stream = try #require(reading.stream("s"))
        #expect(stream.record == ["node"])
        #expect(stream.empty == EmptyRule(absent: true, beside: ["time"], nothing: true))
        #expect(stream.deleted == DeletedRule(field: ["meta", "status"], values: ["\"VOIDED\"", "2", "true"]))
        #expect(stream.paging.first == 1)
        #expect(stream.cursor?.lowerHeaders.map(\.name) == ["If-Modified-Since"])
        #expect(stream.cursor?.filtersLower == true)
        let plain = try #require(
            Reading.stream(
                "{ path: \"/s\", deleted: { field: \"gone\" }, paging: { style: \"offset\", parameter: \"o\" } }"
            )
            .stream("s")
        )
        #expect(plain.deleted == DeletedRule(field: ["gone"], values: ["true"]))
        #expect(plain.paging.first == 0)
    }

    @Test(arguments: [
        ("empty: { beside: [\"x\"] }", "beside"), ("deleted: { equals: true }", "field"),
        ("deleted: { field: \"a\", equals: {} }", "equals"), ("deleted: { field: \"a\", equals: [] }", "equals"),
        ("deleted: { field: \"a\", equals: [{}] }", "equals"),
        ("cursor: { field: \"at\", lower_headers: { H: \"x\" } }", "lower_headers"),
    ])
    func `rules that could do nothing are refused`(member: String, key: String) {
        let lines = Reading.stream("{ path: \"/s\", records: \"d\", \(member) }").lines
        #expect(lines.contains { $0.contains(key) }, "\(lines)")
    }

    @Test func `a body makes it a POST`() {
        #expect(Reading.stream("{ path: \"/s\", body: { n: \"${limit}\" } }").stream("s")?.method == "POST")
    }

    @Test(arguments: [("page", PagingRule.Anchor.cursor), ("offset", .cursor), ("after_last", .server)])
    func `positions that shift are anchored on the cursor where there is one`(style: String, anchor: PagingRule.Anchor)
    {
        let paging = "paging: { style: \"\(style)\", parameter: \"p\", field: \"id\" }"
        let with = Reading.stream("{ path: \"/s\", \(paging), cursor: { field: \"at\" } }")
        #expect(with.stream("s")?.paging.anchor == anchor)
        #expect(Reading.stream("{ path: \"/s\", \(paging) }").stream("s")?.paging.anchor == .server)
    }

    @Test(arguments: [("erp", Int64(600)), ("payment", 60), ("other", 60)])
    func `a lookback that is not written depends on the kind`(kind: String, seconds: Int64) {
        let reading = Reading.stream("{ path: \"/s\", cursor: { field: \"at\" } }", kind: kind)
        #expect(reading.stream("s")?.cursor?.lookback == seconds * 1_000_000_000)
    }

    @Test func `a sequence has no lookback, and its spans are numbers`() {
        let reading = Reading.stream(
            "{ path: \"/s\", cursor: { field: \"n\", format: \"integer\", lower: { a: \"${cursor}\" }, start: 7 } }",
            kind: "erp"
        )
        #expect(reading.lines.count == 1)
        #expect(reading.lines.first?.contains("lookback: is missing, and the cursor is a number") == true)
        #expect(reading.stream("s")?.cursor?.lookback == 0)
        #expect(reading.stream("s")?.cursor?.start == 7)
    }

    @Test func `a sequence that is given a lookback, or belongs to no ERP, is not spoken of`() {
        let cursor = "cursor: { field: \"n\", format: \"integer\""
        #expect(Reading.stream("{ path: \"/s\", \(cursor), lookback: 0 } }", kind: "erp").lines == [])
        #expect(Reading.stream("{ path: \"/s\", \(cursor) } }", kind: "payment").lines == [])
    }

    @Test func `a position in the request itself needs no parameter`() {
        let reading = Reading.stream("{ path: \"/s\", query: { p: \"${page}\" }, paging: { style: \"page\" } }")
        #expect(reading.lines == [])
    }

    @Test(arguments: [
        (
            "{}", "other",
            "f:2:1: streams.s.path: is missing; write the path of the list below base_url, such as \"/v1/charges\""
        ),
        (
            "{ path: [] }", "other",
            "f:2:9: streams.s.path: expected text, found a list; "
                + "write it in quotes; placeholders look like ${cursor}"
        ),
        ("5", "other", "f:2:1: streams.s: expected an object, found a number; write { … }"),
        (
            "{ path: \"/s\", recrods: \"d\" }", "other",
            "f:2:15: streams.s.recrods: unknown key; did you mean \"records\"?"
        ),
        (
            "{ path: \"/${curser}\" }", "other",
            "f:2:9: streams.s.path: unknown placeholder ${curser}; did you mean ${cursor}?"
        ),
        (
            "{ path: \"/${x\" }", "other",
            "f:2:9: streams.s.path: has a placeholder that is not closed; "
                + "write placeholders as ${name}, a literal ${ as $${"
        ),
        (
            "{ path: \"/s\", query: { q: \"${bogus}\" } }", "other",
            "f:2:27: streams.s.query.q: unknown placeholder ${bogus}; known here: ${cursor}, ${until}, ${limit}, "
                + "${page}, ${offset}, ${after}, ${token}, ${lower}, ${upper}, ${position}, ${settings.…}, ${secrets.…}"
        ),
        (
            "{ path: \"/s\", body: { a: [\"${lowr}\"] } }", "other",
            "f:2:21: streams.s.body: unknown placeholder ${lowr}; did you mean ${lower}?"
        ),
        (
            "{ path: \"/s\", sink: \"fil\" }", "other",
            "f:2:21: streams.s.sink: there is no sink \"fil\"; did you mean \"file\"?"
        ),
        (
            "{ path: \"/s\", key: [] }", "other",
            "f:2:20: streams.s.key: names no field; write the field that identifies a record, such as \"id\""
        ),
        (
            "{ path: \"/s\", paging: { style: \"page\" } }", "other",
            "f:2:23: streams.s.paging.parameter: is missing; "
                + "name the query parameter that carries the position, or use ${position} in the body"
        ),
        (
            "{ path: \"/s\", paging: { style: \"after_last\", parameter: \"a\" } }", "other",
            "f:2:23: streams.s.paging.field: is missing; "
                + "name the field of the last record that the next page continues after"
        ),
        (
            "{ path: \"/s\", paging: { style: \"link\" } }", "other",
            "f:2:23: streams.s.paging.next: is missing; give the path of the token or URL in the answer"
        ),
        (
            "{ path: \"/s\", cursor: {} }", "other",
            "f:2:23: streams.s.cursor.field: is missing; "
                + "name the field that grows with every change, such as \"updated_at\""
        ),
        (
            "{ path: \"/s\", cursor: { field: \"at\", order: \"ascendig\" } }", "other",
            "f:2:45: streams.s.cursor.order: unknown order \"ascendig\"; did you mean \"ascending\"? "
                + "(one of: \"ascending\", \"descending\", \"none\")"
        ),
        (
            "{ path: \"/s\", cursor: { field: \"at\", lookback: 0 } }", "erp",
            "f:2:48: streams.s.cursor.lookback: is zero; "
                + "give at least the length of the ERP's longest transaction: records bear the time it began"
        ),
        (
            "{ path: \"/s\", cursor: { field: \"at\", lower: { a: \"${cursor}\" }, granularity: 0 } }", "other",
            "f:2:78: streams.s.cursor.granularity: is zero; write the filter's coarsest step, or leave the key out"
        ),
        (
            "{ path: \"/s\", cursor: { field: \"at\", lower: { a: \"${cursor}\" }, start: \"soon\" } }", "other",
            "f:2:72: streams.s.cursor.start: is not a time; write it like 2026-01-31 or 2026-01-31T12:00:00Z"
        ),
        (
            "{ path: \"/s\", cursor: { field: \"at\", lower: { a: \"${cursor}\" }, upper: { b: \"${until}\" }, window: \"1d\" } }",
            "other",
            "f:2:23: streams.s.cursor.start: is missing; "
                + "say where the first window begins, such as start: \"2024-01-01\""
        ),
        (
            "{ path: \"/s\", cursor: { field: \"at\", lower: { since: \"fixed\" } } }", "other",
            "f:2:45: streams.s.cursor.lower: has no ${cursor}: it would always ask for the same; "
                + "write { since: \"${cursor}\" }, with the API's own name"
        ),
        (
            "{ path: \"/s\", cursor: { field: \"at\", lower: { a: \"${cursor}\" }, start: \"2024-01-01\", window: \"1d\" } }",
            "other",
            "f:2:94: streams.s.cursor.window: needs both bounds; give `lower` and `upper` filters"
        ),
    ])
    func `mistakes`(stream: String, kind: String, line: String) {
        #expect(Reading.stream(stream, kind: kind).lines == [line])
    }

    @Test(arguments: ["a b", "-a", "é", ".hidden", "a/b", "", String(repeating: "x", count: 65)])
    func `a name that can't be a folder is refused`(name: String) {
        let text =
            "{ base_url: \"https://a.example\", auth_type: \"none\", streams: { \"\(name)\":\n{ path: \"/s\" } } }"
        let lines = Reading(text).lines
        #expect(lines.count == 1)
        #expect(
            lines.first?.hasSuffix(
                "\"\(name)\" can't be a stream's name; "
                    + "use 1 to 64 letters, digits, hyphens, underscores or dots, beginning with a letter or digit"
            ) == true
        )
        #expect(lines.first?.hasPrefix("f:2:1: streams.") == true)
    }

    @Test(arguments: ["a", "0", "A-b_c.d", String(repeating: "x", count: 64)])
    func `these names are fine`(name: String) {
        #expect(ConnectorName.isValid(name))
    }
}
