import ConnectorCore
import Testing

/// A page read by a stream's definition.
private struct Answer {
    var reader: PageReader
    var page: Page

    init(_ text: String, _ stream: StreamDefinition, errors: ErrorRule = ErrorRule()) throws {
        let base = try #require(URLReference("https://a.example"))
        reader = PageReader(stream, memory: stream.plan(base: base).memory(), errors: errors)
        page = try RecordSlicer.slice(Array(text.utf8), plan: reader.plan)
    }

    var heads: [RecordHead] { get throws { try reader.heads(page) } }

    /// The line of the first record.
    func line() throws -> JSONValue {
        var lines: [UInt8] = []
        reader.append(Delivery(index: 0, stream: reader.stream.id), of: page, to: &lines, time: [])
        return try JSONValue(parsing: lines)
    }

    func problem() -> String? {
        do throws(PageProblem) {
            _ = try reader.heads(page)
            return nil
        } catch {
            return error.description
        }
    }
}

private func stream(
    records: [String] = ["data"],
    key: [[String]] = [["id"]],
    paging: PagingRule = PagingRule(),
    cursor: CursorRule? = nil,
    feed: FeedRule? = nil
) -> StreamDefinition {
    StreamDefinition(
        id: StreamID(connector: "c", stream: "s"),
        path: Template(literal: "/s"),
        records: records,
        key: key,
        paging: paging,
        cursor: cursor,
        feed: feed
    )
}

struct PageReaderTests {
    private static let ascending = CursorRule(
        fields: [["at"], ["made", "at"]],
        format: .integer,
        order: .ascending,
        lower: [QueryTemplate("from", Template(literal: "x"))]
    )

    @Test(
        arguments: [
            ("[{\"rel\":\"self\",\"href\":\"/a\"},{\"rel\":\"next\",\"href\":\"/b\"}]", "https://a.example/b"),
            ("[{\"rel\":\"self\",\"href\":\"/a\"}]", nil), ("[]", nil), ("{\"rel\":\"next\"}", nil), ("null", nil),
            ("[{\"rel\":\"next\",\"href\":\" \"}]", nil), ("[1,{\"rel\":\"next\",\"href\":5}]", "https://a.example/5"),
        ] as [(String, String?)]
    )
    func `the next link is one of several`(links: String, next: String?) throws {
        var paging = PagingRule(style: .link, next: ["links"])
        paging.nextChoice = .init(field: ["rel"], equals: "next", value: ["href"])
        let answer = try Answer("{\"data\":[],\"links\":\(links)}", stream(paging: paging))
        let url = URLReference("https://a.example/list")
        #expect(answer.reader.facts(answer.page, link: nil, url: url).next == next)
    }

    @Test func `a record inside of its element is read and delivered as if it stood alone`() throws {
        var wrapped = stream(cursor: Self.ascending)
        wrapped.record = ["node"]
        let plain = stream(cursor: Self.ascending)
        let one = "{\"id\":7,\"at\":3,\"x\":[1]}"
        let inside = try Answer("{\"data\":[{\"cursor\":\"c\",\"node\":\(one),\"other\":{\"id\":9}}]}", wrapped)
        let alone = try Answer("{\"data\":[\(one)]}", plain)
        #expect(try inside.heads == alone.heads)
        #expect(try inside.line() == alone.line())
        #expect(try inside.line()["record"] == JSONValue(parsing: one))
        for element in ["{}", "{\"node\":null}", "{\"node\":[]}", "{\"id\":1}"] {
            #expect(try Answer("{\"data\":[\(element)]}", wrapped).problem()?.contains("no object at node") == true)
        }
    }

    @Test(
        arguments: [
            (["true"], "true", true), (["true"], "\"true\"", false), (["true"], "false", false),
            (["true"], "null", false),
            (["\"VOIDED\"", "2"], "\"VOIDED\"", true), (["\"VOIDED\"", "2"], "\"V\\u004fIDED\"", true),
            (["\"VOIDED\"", "2"], "2", true), (["\"VOIDED\"", "2"], "\"2\"", false), (["1"], "{}", false),
        ] as [([String], String, Bool)]
    )
    func `a record that says that it is gone is delivered as a deletion`(
        values: [String],
        value: String,
        isGone: Bool
    ) throws {
        var stream = stream()
        stream.deleted = DeletedRule(field: ["meta", "gone"], values: values)
        let line = try Answer("{\"data\":[{\"id\":7,\"meta\":{\"gone\":\(value)}}]}", stream).line()
        #expect(line["op"]?.string == (isGone ? "delete" : "upsert"))
        #expect(line["id"] == 7)
        #expect(line["record"]?.isNull == isGone)
        #expect(try Answer("{\"data\":[{\"id\":7}]}", stream).line()["op"]?.string == "upsert")
    }

    @Test func `an event of a deletion needs no object`() throws {
        let feed = FeedRule(object: ["o"], key: ["name"], type: ["t"], routes: ["Sales Invoice": "s"], deletes: ["*"])
        let heads = try Answer("{\"data\":[{\"id\":1,\"t\":\"Sales Invoice\",\"name\":\"SI-1\"}]}", stream(feed: feed))
            .heads
        #expect(heads.first?.routed?.isDelete == true)
        #expect(heads.first?.routed?.keyText == "\"SI-1\"")
        let other = FeedRule(object: ["o"], key: ["name"], type: ["t"], routes: ["Sales Invoice": "s"], deletes: [])
        let answer = try Answer(
            "{\"data\":[{\"id\":1,\"t\":\"Sales Invoice\",\"name\":\"SI-1\"}]}",
            stream(feed: other)
        )
        #expect(answer.problem()?.contains("carries no object") == true)
    }

    @Test func `a record's head is its key's hash and its content's`() throws {
        let answer = try Answer("{\"data\":[{\"id\":1,\"a\": 2},{\"id\":\"x\"}]}", stream())
        let heads = try answer.heads
        #expect(heads.map(\.key) == [ContentHash.hash(Array("1".utf8)), ContentHash.hash(Array("\"x\"".utf8))])
        #expect(heads[0].content == ContentHash.hash(Array("{\"id\":1,\"a\":2}".utf8)))
        #expect(heads.map(\.cursor) == [nil, nil])
        #expect(heads.map(\.keyText) == ["1", "\"x\""])
        #expect(heads.map(\.routed) == [nil, nil])
    }

    @Test func `white space does not change a record, another order of members does`() throws {
        let page = "{\"data\":[{\"id\":1,\"a\":2},{ \"id\" : 1 , \"a\" : 2 },{\"a\":2,\"id\":1}]}"
        let heads = try Answer(page, stream()).heads
        #expect(heads[0] == heads[1])
        #expect(heads[0].content != heads[2].content)
    }

    @Test func `key texts are kept only where every record is remembered`() throws {
        let answer = try Answer("{\"data\":[{\"id\":1,\"at\":5}]}", stream(cursor: Self.ascending))
        #expect(try answer.heads.map(\.keyText) == [nil])
    }

    @Test func `a key of several fields is an array of them`() throws {
        let page = "{\"data\":[{\"company\":{\"id\":7},\"number\":\"A\"}]}"
        let answer = try Answer(page, stream(key: [["company", "id"], ["number"]]))
        #expect(try answer.heads.map(\.keyText) == ["[7,\"A\"]"])
        #expect(try answer.line()["id"]?.text == "[7,\"A\"]")
        #expect(try answer.heads[0].key == ContentHash.hash(Array("[7,\"A\"]".utf8)))
    }

    @Test(arguments: [
        ("{\"id\":1,\"at\":5}", 5), ("{\"id\":1,\"at\":null,\"made\":{\"at\":6}}", 6),
        ("{\"id\":1,\"made\":{\"at\":7}}", 7),
    ])
    func `the first cursor field that is not null counts`(record: String, cursor: Int64) throws {
        let answer = try Answer("{\"data\":[\(record)]}", stream(cursor: Self.ascending))
        #expect(try answer.heads.map(\.cursor) == [cursor])
        #expect(try answer.line()["cursor"]?.int64 == cursor)
    }

    @Test(arguments: ["{\"a\":1}", "{\"a\":1,\"b\":null}", "{\"a\":null,\"b\":2}", "{}"])
    func `a key that lacks a part, or has null there, is none`(record: String) throws {
        let answer = try Answer("{\"data\":[\(record)]}", stream(key: [["a"], ["b"]]))
        #expect(answer.problem() == "record 1 of the page (byte 9) has no a, b")
    }

    @Test(arguments: [
        ("{\"at\":5}", "record 2 of the page (byte 25) has no id"),
        ("{\"id\":null,\"at\":5}", "record 2 of the page (byte 25) has no id"),
    ])
    func `a record that does not fit is named with its place`(record: String, problem: String) throws {
        let answer = try Answer("{\"data\":[{\"id\":1,\"at\":5},\(record)]}", stream(cursor: Self.ascending))
        #expect(answer.problem() == problem)
    }

    @Test(arguments: [
        "{\"id\":2}", "{\"id\":2,\"at\":null}", "{\"id\":2,\"at\":\"soon\"}", "{\"id\":2,\"at\":1.5}",
        "{\"id\":2,\"at\":\"\"}", "{\"id\":2,\"at\":false}", "{\"id\":2,\"at\":{}}",
    ])
    func `a cursor value that can't be read is none`(record: String) throws {
        let answer = try Answer("{\"data\":[{\"id\":1,\"at\":5},\(record)]}", stream(cursor: Self.ascending))
        #expect(try answer.heads.map(\.cursor) == [5, nil])
    }

    @Test(arguments: [
        ("true", true), ("\"true\"", true), ("\"True\"", true), ("1", true), ("\"1\"", true), ("false", false),
        ("\"false\"", false), ("0", false), ("null", nil), ("\"\"", nil),
    ])
    func `whether there is more is read as servers write it`(text: String, more: Bool?) throws {
        let page = "{\"more\":\(text),\"data\":[]}"
        let answer = try Answer(page, stream(paging: PagingRule(style: .page, more: ["more"])))
        #expect(answer.reader.facts(answer.page, link: nil, url: nil) == PageFacts(count: 0, more: more))
        var rule = PagingRule(style: .page)
        rule.last = ["more"]
        let inverted = try Answer(page, stream(paging: rule))
        #expect(
            inverted.reader.facts(inverted.page, link: nil, url: nil) == PageFacts(count: 0, more: more.map { !$0 })
        )
    }

    @Test(arguments: ["\"https://api.example/?page=2\"", "2", "{}", "\"Y\"", "-1"])
    func `what is no yes or no is said to be none`(text: String) throws {
        let paging = PagingRule(style: .page, more: ["more"])
        let answer = try Answer("{\"more\":\(text),\"data\":[]}", stream(paging: paging))
        #expect(answer.reader.facts(answer.page, link: nil, url: nil).isMoreUnreadable)
    }

    @Test func `totals are numbers, or the texts of numbers`() throws {
        var rule = PagingRule(style: .page)
        (rule.total, rule.pages) = (["total"], ["pages"])
        let answer = try Answer("{\"total\":\"12\",\"pages\":3,\"data\":[]}", stream(paging: rule))
        #expect(answer.reader.facts(answer.page, link: nil, url: nil) == PageFacts(count: 0, total: 12, pages: 3))
        let odd = try Answer("{\"total\":-1,\"pages\":\"many\",\"data\":[]}", stream(paging: rule))
        #expect(odd.reader.facts(odd.page, link: nil, url: nil) == PageFacts(count: 0))
    }

    @Test func `a page says how many records it has, whether there are more, and where`() throws {
        let paging = PagingRule(style: .token, field: ["id"], more: ["meta", "more"], next: ["meta", "next"])
        let page = "{\"meta\":{\"more\":true,\"next\":\"t2\"},\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}"
        let answer = try Answer(page, stream(paging: paging))
        #expect(
            answer.reader.facts(answer.page, link: "ignored", url: nil)
                == PageFacts(count: 2, lastField: "\"b\"", more: true, next: "t2")
        )
    }

    @Test(arguments: ["null", "\"\""])
    func `a token that is null or empty is none`(token: String) throws {
        let answer = try Answer(
            "{\"next\":\(token),\"data\":[]}",
            stream(paging: PagingRule(style: .token, next: ["next"]))
        )
        #expect(answer.reader.facts(answer.page, link: nil, url: nil) == PageFacts(count: 0))
    }

    @Test func `a numeric token is its text`() throws {
        let answer = try Answer("{\"next\":17,\"data\":[]}", stream(paging: PagingRule(style: .token, next: ["next"])))
        #expect(answer.reader.facts(answer.page, link: nil, url: nil).next == "17")
    }

    @Test func `the link header is looked at where the style says so`() throws {
        let answer = try Answer("[]", stream(records: [], paging: PagingRule(style: .linkHeader)))
        #expect(answer.reader.facts(answer.page, link: "/next", url: nil).next == "/next")
    }

    @Test(arguments: [
        ("Products?$skiptoken=3", "https://a.example/v1/Products?$skiptoken=3"),
        ("?page=2", "https://a.example/v1/list?page=2"), ("/v2/x?p=2", "https://a.example/v2/x?p=2"),
        ("https://a.example/v1/list?p=2", "https://a.example/v1/list?p=2"),
        ("//b.example/list", "https://b.example/list"), ("javascript:x", "javascript:x"),
    ])
    func `a link is seen from the page's own URL, in the body and in the header`(link: String, seen: String) throws {
        let url = URLReference("https://a.example/v1/list?limit=2")
        let body = stream(paging: PagingRule(style: .link, next: ["next"]))
        let written = try Answer("{\"next\":\"\(link)\",\"data\":[]}", body)
        #expect(written.reader.facts(written.page, link: nil, url: url).next == seen)
        let header = try Answer("[]", stream(records: [], paging: PagingRule(style: .linkHeader)))
        #expect(header.reader.facts(header.page, link: link, url: url).next == seen)
    }

    @Test func `a token is no link`() throws {
        let answer = try Answer(
            "{\"next\":\"?t\",\"data\":[]}",
            stream(paging: PagingRule(style: .token, next: ["next"]))
        )
        #expect(answer.reader.facts(answer.page, link: nil, url: URLReference("https://a.example")).next == "?t")
    }

    @Test(arguments: [
        ("{\"code\":1}", true), ("\"no\"", true), ("true", true), ("[\"x\"]", true), ("0", true), ("null", false),
        ("false", false), ("[]", false), ("{}", false), ("{ }", false), ("\"\"", false),
    ])
    func `an error that says nothing is none`(error: String, isError: Bool) throws {
        let answer = try Answer("{\"error\": \(error),\"data\":[]}", stream(), errors: ErrorRule(present: ["error"]))
        #expect(answer.reader.isError(answer.page) == isError)
    }

    @Test func `without an error member, or a rule, there is none`() throws {
        let errors = ErrorRule(present: ["error"])
        let without = try Answer("{\"data\":[]}", stream(), errors: errors)
        #expect(!without.reader.isError(without.page))
        let unruled = try Answer("{\"error\":1,\"data\":[]}", stream())
        #expect(!unruled.reader.isError(unruled.page))
    }
}

struct FeedPageTests {
    private static let events = stream(
        feed: FeedRule(
            object: ["data", "object"],
            key: ["data", "object", "id"],
            type: ["type"],
            routes: ["charge": "charges"],
            deletes: ["charge.gone"]
        )
    )

    private func routed(_ event: String) throws -> RoutedHead? {
        try Answer("{\"data\":[\(event)]}", Self.events).heads[0].routed
    }

    @Test func `an event carries another stream's record`() throws {
        let head = try routed("{\"id\":\"e1\",\"type\":\"charge.made\",\"data\":{\"object\":{\"id\":\"ch1\",\"n\":1}}}")
        #expect(
            head
                == RoutedHead(
                    stream: StreamID(connector: "c", stream: "charges"),
                    key: ContentHash.hash(Array("\"ch1\"".utf8)),
                    keyText: "\"ch1\"",
                    content: ContentHash.hash(Array("{\"id\":\"ch1\",\"n\":1}".utf8)),
                    isDelete: false
                )
        )
    }

    @Test func `some types say that the record is gone`() throws {
        #expect(try routed("{\"id\":1,\"type\":\"charge.gone\",\"data\":{\"object\":{\"id\":2}}}")?.isDelete == true)
    }

    @Test func `events of other things lead nowhere, whatever they hold`() throws {
        #expect(try routed("{\"id\":1,\"type\":\"balance.available\",\"data\":5}") == nil)
    }

    @Test(arguments: [
        ("{\"id\":1}", "record 1 of the page (byte 9) is an event without type"),
        ("{\"id\":1,\"type\":5}", "record 1 of the page (byte 9) is an event without type"),
        (
            "{\"id\":1,\"type\":\"charge.made\"}",
            "record 1 of the page (byte 9) carries no object at data.object"
        ),
        (
            "{\"id\":1,\"type\":\"charge.made\",\"data\":{\"object\":[{\"id\":2}]}}",
            "record 1 of the page (byte 9) carries no object at data.object"
        ),
        (
            "{\"id\":1,\"type\":\"charge.made\",\"data\":{\"object\":{}}}",
            "record 1 of the page (byte 9) has no data.object.id"
        ),
        (
            "{\"id\":1,\"type\":\"charge.made\",\"data\":{\"object\":{\"id\":null}}}",
            "record 1 of the page (byte 9) has no data.object.id"
        ),
    ])
    func `an event that misses its parts is a broken answer`(event: String, problem: String) throws {
        #expect(try Answer("{\"data\":[\(event)]}", Self.events).problem() == problem)
    }
}
