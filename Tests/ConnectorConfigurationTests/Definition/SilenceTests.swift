import ConnectorConfiguration
import ConnectorCore
import Testing

/// What reads well and asks for something else than was meant is told, at its place. Nothing of it would ever fail: the
/// list would only be shorter, or the request without its filter.
struct SilenceTests {
    private static let ascending = "cursor: { field: \"at\", order: \"ascending\", lower: { since: \"${cursor}\" } }"

    /// The one line of a stream, from its key on; what stands in the middle of it matters most.
    private func expect(_ line: String, of lines: [String]) {
        #expect(lines.count == 1)
        #expect(lines.first?.contains(line) == true, "\(lines)")
    }

    @Test(arguments: [
        ("query: { since: \"${cursor}\" }", "query.since: ${cursor} never has a value: the stream has no `cursor`"),
        (
            "query: { since: \"${cursor}\" }, cursor: { field: \"at\" }",
            "query.since: ${cursor} never has a value: the cursor has no `lower`"
        ), ("headers: { Since: \"${cursor}\" }", "headers.Since: ${cursor} never has a value"),
        ("body: { where: [\"at\", \"${until}\"] }", "body.where[1]: ${until} never has a value"),
        ("body: \"${cursor}\"", "body: ${cursor} never has a value"),
        (
            "\(ascending), query: { before: \"${until}\" }",
            "query.before: ${until} never has a value: the cursor has no `upper`"
        ), ("body: [\"${lower}\"]", "body[0]: ${lower} never has a value: there is no `cursor.lower_body`"),
        ("body: [\"${upper}\"]", "body[0]: ${upper} never has a value: there is no `cursor.upper_body`"),
        ("body: [\"${position}\"]", "body[0]: ${position} never has a value: there is no `paging.body`"),
        ("query: { p: \"${page}\" }", "query.p: ${page} never has a value: `paging.style` is \"none\""),
        ("query: { o: \"${offset}\" }", "query.o: ${offset} never has a value: `paging.style` is \"none\""),
        (
            "query: { t: \"${token}\" }, paging: { style: \"page\", parameter: \"p\" }",
            "query.t: ${token} never has a value: `paging.style` is \"page\""
        ), ("query: { a: \"x ${after}\" }", "query.a: ${after} never has a value"),
        (
            "body: [\"${lower}\"], cursor: { field: \"at\", lower_body: [\"${cursor}\", \"${position}\"] }",
            "cursor.lower_body[1]: ${position} has no value here"
        ),
    ]) func `a placeholder that never has a value is refused`(members: String, line: String) {
        expect(": streams.s.\(line)", of: Reading.stream("{ path: \"/s\", \(members) }").lines)
    }

    @Test(arguments: [
        (
            "body: {}, cursor: { field: \"at\", lower_body: [\"${cursor}\"] }",
            "cursor.lower_body: is never sent; write \"${lower}\""
        ),
        (
            "query: { q: \"x ${lower}\" }, cursor: { field: \"at\", lower_text: \"and 2020\" }",
            "cursor.lower_text: has no ${cursor}"
        ),
        (
            "query: { q: \"x\" }, cursor: { field: \"at\", lower_text: \"${cursor}\" }",
            "cursor.lower_text: is never sent"
        ),
        (
            "body: [\"${lower}\"], cursor: { field: \"at\", lower_body: [\"2020\"] }",
            "cursor.lower_body: has no ${cursor}"
        ),
        (
            "cursor: { field: \"at\", lower: { a: \"${cursor}\" }, upper: { b: \"now\" } }",
            "cursor.upper: has no ${until}"
        ),
        (
            "body: {}, paging: { style: \"offset\", parameter: \"o\", body: { skip: \"${offset}\" } }",
            "paging.body: is never sent; write \"${position}\""
        ),
    ]) func `a fragment that nothing names, or that names nothing, is refused`(members: String, line: String) {
        expect(": streams.s.\(line)", of: Reading.stream("{ path: \"/s\", \(members) }").lines)
    }

    @Test(arguments: [
        ("$.data[*]", "is a JSONPath, which is not read here; write \"data\""),
        ("$['data'].items", "is a JSONPath, which is not read here; write \"data.items\""),
        ("$", "is a JSONPath, which is not read here; the answer itself is \"\""),
        ("data[0].items", "is a JSONPath, which is not read here; write \"data.0.items\""),
        ("/data/items", "is a JSON pointer, which is not read here; write \"data.items\""),
        ("#/data", "is a JSON pointer, which is not read here; write \"data\""),
        ("data..items", "is a path with an empty or open step, which is not read here; write \"data.items\""),
        ("data.*", "is a path with an empty or open step, which is not read here; write \"data\""),
        (".", "is a path with an empty or open step, which is not read here; the answer itself is \"\""),
    ]) func `a path in another notation is refused with ours`(path: String, line: String) {
        for key in ["records", "key"] {
            expect(": streams.s.\(key): \(line)", of: Reading.stream("{ path: \"/s\", \(key): \"\(path)\" }").lines)
        }
        let more = "paging: { style: \"page\", parameter: \"p\", more: \"\(path)\" }"
        expect(": streams.s.paging.more: \(line)", of: Reading.stream("{ path: \"/s\", \(more) }").lines)
        expect(
            ": errors.code: \(line)",
            of: Reading.connector("base_url: \"https://a.example\", auth_type: \"none\", errors: { code: \"\(path)\" }")
                .lines
        )
    }

    @Test func `a name that holds a dot or a bracket stands in an array`() {
        let reading = Reading.stream("{ path: \"/s\", records: [\"a[0].b\"], key: [\"$id\"] }")
        #expect(reading.lines == [])
        #expect(reading.stream("s")?.records == ["a[0].b"])
    }

    @Test(arguments: [
        (
            "parameter: \"p\"",
            "`style` is missing: without it only the first page is read, and `parameter` says nothing"
        ), ("next: \"n\"", "`style` is missing: without it only the first page is read, and `next` says nothing"),
        ("style: \"page\", parameter: \"p\", more: \"m\", next: \"n\"", "next: is not looked at with style \"page\""),
        ("style: \"none\", parameter: \"p\"", "parameter: is not looked at with style \"none\""),
        ("style: \"link\", next: \"n\", parameter: \"p\"", "parameter: is not looked at with style \"link\""),
        ("style: \"link_header\", field: \"id\"", "field: is not looked at with style \"link_header\""),
        ("style: \"link\", next: \"n\", more: \"n\"", "more: names the same as `next`"),
        ("style: \"page\", parameter: \"p\", more: \"data\"", "more: names the records themselves"),
        ("style: \"page\", parameter: \"p\", short_page: \"end\"", "short_page: says nothing without `size`"),
        ("style: \"page\", parameter: \"p\", size: { value: 5 }", "size: is not asked for: no parameter carries it"),
        (
            "style: \"page\", parameter: \"p\", size: { parameter: \"p\", value: 5 }",
            "parameter: is the parameter of `size` too"
        ), ("style: \"link\", next: \"n\", anchor: \"cursor\"", "anchor: is not followed"),
    ]) func `paging that would do something else is told`(paging: String, line: String) {
        let reading = Reading.stream("{ path: \"/s\", records: \"data\", paging: { \(paging) } }")
        expect(line, of: reading.lines)
        #expect(reading.lines.first?.contains(": streams.s.paging") == true)
    }

    @Test(arguments: [
        ("style: \"page\", parameter: \"p\"", "query.p: is `paging.parameter` too, and would be sent twice"),
        (
            "style: \"link\", next: \"n\", size: { parameter: \"p\", value: 5 }",
            "query.p: is `paging.size.parameter` too, and would be sent twice"
        ),
    ]) func `a parameter that would come twice is refused`(paging: String, line: String) {
        expect(line, of: Reading.stream("{ path: \"/s\", query: { p: 1 }, paging: { \(paging) } }").lines)
    }

    @Test(arguments: [
        ("style: \"page\", parameter: \"p\", size: { parameter: \"$top\", value: 5 }", false, "paging.size.parameter"),
        ("style: \"link\", next: \"n\", size: { parameter: \"$top\", value: 5 }", true, "paging.size.parameter"),
    ]) func `the length of a whole OData list is no page size`(paging: String, isWarning: Bool, key: String) {
        let lines = Reading.stream("{ path: \"/s\", paging: { \(paging) } }").lines
        expect(
            "\(isWarning ? "warning: " : "")streams.s.\(key): OData's $top is the length of the whole list",
            of: lines
        )
        #expect(lines.first?.contains("Prefer: \"odata.maxpagesize=500\"") == true)
    }

    @Test
    func `pages by $skip and $top are what OData means, and so is a list of one page asked for by $top alone not`() {
        let skip = "style: \"offset\", parameter: \"$skip\", size: { parameter: \"$top\", value: 5 }"
        #expect(Reading.stream("{ path: \"/s\", paging: { \(skip) } }").lines == [])
        expect("query.$top: OData's $top is", of: Reading.stream("{ path: \"/s\", query: { $top: 100 } }").lines)
    }

    @Test(arguments: [
        ("start: \"2026-01-01\"", "start: is not asked for without `lower`"),
        ("granularity: \"1s\"", "granularity: is of filters, and there is none"),
        ("filter_format: \"unix\"", "filter_format: is of filters, and there is none"),
        (
            "lower: { a: \"${cursor}\" }, start: \"2026-01-01\", start_now: true",
            "start: is not looked at beside `start_now`"
        ), ("format: \"integer\", lag: 3", "lag: needs a time, and the format is \"integer\""),
        (
            "format: \"integer\", lower: { a: \"${cursor}\" }, upper: { b: \"${until}\" }",
            "upper: is not asked for: ${until} is a time"
        ),
        (
            "lower: { at: \">=${cursor}\" }, upper: { at: \"<${until}\" }",
            "upper.at: stands twice, and the two would be joined by `and`"
        ),
    ]) func `a cursor that would do something else is told`(cursor: String, line: String) {
        let reading = Reading.stream("{ path: \"/s\", cursor: { field: \"at\", \(cursor) } }")
        expect(": streams.s.cursor.\(line)", of: reading.lines.map { $0.replacing("warning: ", with: "") })
    }

    @Test func `conditions of one name are joined`() {
        let cursor = "field: \"at\", lower: { $filter: \"at ge ${cursor}\" }, upper: { $filter: \"at lt ${until}\" }"
        #expect(Reading.stream("{ path: \"/s\", query: { $filter: \"x eq 1\" }, cursor: { \(cursor) } }").lines == [])
    }

    @Test(arguments: ["{ file: \"/x\" }", "{ env: \"X\" }", "{ credential: \"x\" }"])
    func `a place of a secret is refused in settings, and told of in a body`(place: String) {
        let base = "base_url: \"https://a.example\", auth_type: \"none\""
        expect(
            ": settings.token: names a place of a secret, and settings are sent as they stand",
            of: Reading.connector("\(base), settings: { token: \(place), plain: { a: 1 } }").lines
        )
        expect(
            ": warning: streams.s.body.auth.token: looks like a place of a secret",
            of: Reading.stream("{ path: \"/s\", body: { auth: { token: \(place) } } }").lines
        )
    }

    @Test(arguments: [
        ("auth_type: \"bearer\", api_key: { credential: \"key\" }", "authorization"),
        ("auth_type: \"basic\", api_key: { credential: \"key\" }", "Authorization"),
        ("auth_type: \"api_key\", api_key: { credential: \"key\" }", "X-API-Key"),
        ("auth_type: \"none\", csrf: { path: \"/t\" }", "X-CSRF-Token"),
        (
            "auth_type: \"hmac\", api_key: { credential: \"key\" }, auth_config: { secret: { credential: \"key\" } }",
            "X-Signature"
        ),
    ]) func `a header that the proof writes is refused beside it`(auth: String, header: String) {
        let line = "is never sent: the proof of identity (`auth_type`) writes this header"
        let base = "{ base_url: \"https://a.example\", \(auth), "
        let headers = "headers: { \"\(header)\": \"x\" }"
        expect("headers.\(header): \(line)", of: Reading("\(base)\(headers), streams: { s: { path: \"/s\" } } }").lines)
        expect(
            "streams.s.headers.\(header): \(line)",
            of: Reading("\(base)streams: { s: { path: \"/s\", \(headers) } } }").lines
        )
        let operations = "operations: { o: { path: \"/o\", \(headers) } }, streams: { s: { path: \"/s\" } }"
        expect("operations.o.headers.\(header): \(line)", of: Reading("\(base)\(operations) }").lines)
    }

    @Test func `a header of one's own is fine beside a proof that writes another`() {
        let text = "auth_type: \"api_key\", api_key: { credential: \"key\" }, headers: { Authorization: \"x\" }"
        #expect(Reading.connector("base_url: \"https://a.example\", \(text)").lines == [])
    }

    @Test func `an idempotency header is written once`() {
        let operations = "o: { path: \"/o\", idempotency: \"Request-Id\", headers: { \"request-id\": \"${id}\" } }"
        expect(
            "operations.o.headers: holds the header of `idempotency`",
            of: Reading.connector("base_url: \"https://a.example\", auth_type: \"none\", operations: { \(operations) }")
                .lines
        )
    }

    @Test(arguments: [
        ("auth_type: \"none\", api_key: { credential: \"key\" }", "api_key: is not looked at with auth_type \"none\""),
        (
            "api_key: { credential: \"key\" }, auth_config: { username: \"u\" }",
            "auth_config: is not looked at with auth_type \"bearer\", which counts where none is given"
        ), ("auth_type: \"none\", burst_limit: 5", "burst_limit: says nothing without `rate_limit`"),
    ]) func `a key that another setting takes the meaning from is told`(members: String, line: String) {
        expect(": warning: \(line)", of: Reading.connector("base_url: \"https://a.example\", \(members)").lines)
    }

    @Test(arguments: [("two", 2), ("blank", 2)]) func `a secret of several lines is refused, where it is no key in PEM`(
        name: String,
        lines: Int
    ) {
        let key = "api_key: { credential: \"\(name)\" }"
        expect(
            ": api_key: the secret has \(lines) lines, and a key has one",
            of: Reading.connector("base_url: \"https://a.example\", \(key)").lines
        )
        let jwt = "private_key: { credential: \"\(name)\" }, token_url: \"https://a.example/t\""
        let pem = "base_url: \"https://a.example\", auth_type: \"jwt_bearer\", auth_config: { \(jwt) }"
        #expect(Reading.connector(pem).lines == [])
    }

    @Test func `a route to a stream that is only misspelt is refused`() {
        let feed =
            "events: { path: \"/e\", feed: { object: \"o\", routes: { charge: \"chargs\", gone: \"refunds\" } } }"
        let definition =
            "{ base_url: \"https://a.example\", auth_type: \"none\", "
            + "streams: { \(feed), charges: { path: \"/c\" }, refunds: { path: \"/r\" } } }"
        let file = "{ definition: \"d\", streams: { events: {}, charges: {} } }"
        expect(
            "streams.events.feed.routes.charge: there is no stream \"chargs\"; did you mean \"charges\"?",
            of: Reading(file, ["d": definition]).lines
        )
    }

    @Test func `a method is sent as servers know it`() {
        #expect(Reading.stream("{ path: \"/s\", method: \"post\" }").stream("s")?.method == "POST")
    }
}
