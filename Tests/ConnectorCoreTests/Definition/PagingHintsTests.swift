import ConnectorCore
import Testing

struct PagingHintsTests {
    private func hints(_ answer: String, _ paging: PagingRule) throws -> [String] {
        var stream = StreamDefinition(id: StreamID(connector: "c", stream: "s"), path: Template(literal: "/v1/list"))
        stream.records = ["data"]
        stream.paging = paging
        let url = try #require(URLReference("https://a.example/v1/list?limit=2"))
        return PagingHints.of(try JSONValue(parsing: answer), stream, from: url)
    }

    private let link = PagingRule(style: .link, next: ["next"])

    @Test(arguments: [
        (#"{"data":[{"id":1}],"links":{"next":"/v1/list?page=2"}}"#, "`links.next`, which may be for `paging.next`"),
        (
            #"{"data":[],"paging":{"further":"https://a.example/v1/list?p=2"}}"#,
            "`paging.further`, which may be for `paging.next`"
        ),
        (#"{"data":[],"meta":{"nextPageToken":"abc"}}"#, "`meta.nextPageToken`, which may be for `paging.next`"),
        (#"{"data":[],"has_more":true}"#, "`has_more`, which may be for `paging.more`"),
        (#"{"data":[],"totalCount":7}"#, "`totalCount`, which may be for `paging.total`"),
    ])
    func `what speaks of pages and is not named is told`(answer: String, hint: String) throws {
        #expect(try hints(answer, link) == [hint])
    }

    @Test(
        arguments: [
            (#"{"data":[],"links":{"next":"/v1/list?page=2"}}"#, "`links.next`"),
            (#"{"data":[],"nextPageToken":"abc"}"#, "`nextPageToken`"),
            (#"{"data":[],"cursor":"abc"}"#, nil), (#"{"data":[],"nextPageToken":""}"#, nil),
            (#"{"data":[],"has_more":true}"#, nil),
            (#"{"data":[],"links":{"self":"/v1/list?page=1"}}"#, nil),
        ] as [(String, String?)]
    )
    func `only a link back, or a token called the next one, is a next page for sure`(answer: String, place: String?)
        throws
    {
        for paging in [link, PagingRule(style: .none)] {
            var stream = StreamDefinition(
                id: StreamID(connector: "c", stream: "s"),
                path: Template(literal: "/v1/list")
            )
            stream.records = ["data"]
            stream.paging = paging
            let url = try #require(URLReference("https://a.example/v1/list?limit=2"))
            #expect(PagingHints.unnamedNext(in: try JSONValue(parsing: answer), stream, from: url) == place)
        }
    }

    @Test(arguments: [
        #"{"data":[{"next":"/v1/list?x=1","total":5}]}"#, #"{"next":"/v1/list?page=2","data":[]}"#, "[1]", "{}",
        #"{"data":[],"links":{"self":"/v1/list?page=1","next":null}}"#,
        #"{"data":[],"next":"/v1/list?a=1","more_url":"/v1/list?b"}"#,
        #"{"data":[],"help":"https://a.example/v1/help?topic=list"}"#,
    ])
    func `records, what is named, and links elsewhere are no hints`(answer: String) throws {
        #expect(try hints(answer, link).isEmpty)
    }
}
