import ConnectorCore
import Testing

struct RequestBuilderTests {
    private static let second: Int64 = 1_000_000_000

    private static func builder(
        base: String = "https://a.example/api",
        path: String = "/items",
        settings: [String: TemplateVariables.Value] = [:],
        headers: [QueryTemplate] = [],
        change: (inout StreamDefinition) -> Void = { _ in }
    ) throws -> RequestBuilder {
        let url = try #require(URLReference(base))
        let connector = ConnectorDefinition(name: "c", baseURL: url, headers: headers, settings: settings)
        let template = try #require(Template(path))
        var stream = StreamDefinition(id: StreamID(connector: "c", stream: "s"), path: template)
        change(&stream)
        return RequestBuilder(connector, stream)
    }

    private static func query(_ name: String, _ text: String) -> QueryTemplate {
        QueryTemplate(name, Template(text) ?? Template(literal: ""))
    }

    @Test func `the least is a GET that wants JSON`() throws {
        let request = try Self.builder().request(for: PageRequest(position: .first))
        #expect(
            request == TransportRequest(url: "https://a.example/api/items", headers: ["Accept": "application/json"])
        )
    }

    @Test(arguments: [
        ("https://a.example", "/x", "https://a.example/x"),
        ("https://a.example/", "x", "https://a.example/x"),
        ("https://a.example/api", "x?y=1", "https://a.example/api/x?y=1"),
        ("https://a.example", "", "https://a.example"),
    ])
    func `base and path meet with one slash`(base: String, path: String, url: String) throws {
        #expect(try Self.builder(base: base, path: path).request(for: PageRequest(position: .first)).url == url)
    }

    @Test func `parameters are escaped, and those without a value are left out`() throws {
        let builder = try Self.builder(path: "/x?v=1") { stream in
            stream.query = [
                Self.query("a b", "c&d"), Self.query("page", "${token}"), Self.query("since", "${cursor}"),
                Self.query("n", "${limit}"),
            ]
            stream.cursor = CursorRule(fields: [["at"]], format: .unix, order: .ascending)
        }
        let url = builder.request(for: PageRequest(position: .first)).url
        #expect(url == "https://a.example/api/x?v=1&a%20b=c%26d&n=100")
    }

    @Test(arguments: [
        (PagingRule.Style.page, PagePosition.first, "?n=10&p=1"),
        (.page, .page(4), "?n=10&p=4"),
        (.offset, .first, "?n=10&p=0"),
        (.offset, .offset(20), "?n=10&p=20"),
        (.afterLast, .first, "?n=10"),
        (.afterLast, .after("\"a/b\""), "?n=10&p=a%2Fb"),
        (.afterLast, .after("17"), "?n=10&p=17"),
        (.token, .token("t=&"), "?n=10&p=t%3D%26"),
    ])
    func `each style says where the page begins`(style: PagingRule.Style, position: PagePosition, query: String) throws
    {
        let builder = try Self.builder { stream in
            stream.paging = PagingRule(style: style, parameter: "p", sizeParameter: "n", size: 10)
        }
        #expect(builder.request(for: PageRequest(position: position)).url == "https://a.example/api/items" + query)
    }

    @Test func `a link is followed as it is`() throws {
        let builder = try Self.builder { $0.query = [Self.query("a", "1")] }
        let request = builder.request(for: PageRequest(position: .link("https://a.example/n?x=%20"), lower: 5))
        #expect(request.url == "https://a.example/n?x=%20")
    }

    @Test func `bounds are asked for where there are any`() throws {
        let builder = try Self.builder { stream in
            stream.cursor = CursorRule(
                fields: [["at"]],
                format: .unix,
                order: .ascending,
                lower: [Self.query("created[gte]", "${cursor}")],
                upper: [Self.query("created[lt]", "${until}")]
            )
        }
        func url(_ lower: Int64?, _ upper: Int64?) -> String {
            let page = PageRequest(
                position: .first,
                lower: lower.map { $0 * Self.second },
                upper: upper.map { $0 * Self.second }
            )
            return String(builder.request(for: page).url.dropFirst("https://a.example/api/items".count))
        }
        #expect(url(nil, nil) == "")
        #expect(url(5, nil) == "?created%5Bgte%5D=5")
        #expect(url(5, 9) == "?created%5Bgte%5D=5&created%5Blt%5D=9")
    }

    @Test func `filters of one name are one filter`() throws {
        let builder = try Self.builder { stream in
            stream.query = [Self.query("$filter", "active eq true")]
            stream.cursor = CursorRule(
                fields: [["at"]],
                format: .iso8601,
                order: .ascending,
                lower: [Self.query("$filter", "at ge ${cursor}")],
                upper: [Self.query("$filter", "at lt ${until}")]
            )
        }
        let url = builder.request(for: PageRequest(position: .first, lower: 0, upper: Self.second)).url
        let filter = "active eq true and at ge 1970-01-01T00:00:00Z and at lt 1970-01-01T00:00:01Z"
        #expect(url == "https://a.example/api/items?%24filter=" + filter.percentEncoded)
    }

    @Test func `a body has its bounds and position where they apply`() throws {
        let builder = try Self.builder { stream in
            stream.method = "POST"
            stream.body = JSONTemplate(
                .object([
                    .init("where", .array([.string("${lower}"), .string("${upper}"), .string("${position}")])),
                    .init("limit", .string("${limit}")),
                ])
            )
            stream.paging = PagingRule(style: .afterLast, size: 50, field: ["id"])
            stream.paging.body = JSONTemplate(.array([.string("id"), .string(">"), .string("${after}")]))
            stream.cursor = CursorRule(fields: [["at"]], format: .integer, order: .none)
            stream.cursor?.lowerBody = JSONTemplate(.array([.string(">="), .string("${cursor}")]))
            stream.cursor?.upperBody = JSONTemplate(.array([.string("<"), .string("${until}")]))
        }
        func body(_ page: PageRequest) -> String {
            let request = builder.request(for: page)
            #expect(request.headers["Content-Type"] == "application/json")
            #expect(request.method == "POST")
            return String(decoding: request.body ?? [], as: UTF8.self)
        }
        #expect(body(PageRequest(position: .first)) == "{\"where\":[],\"limit\":50}")
        #expect(body(PageRequest(position: .first, lower: 3)) == "{\"where\":[[\">=\",3]],\"limit\":50}")
        #expect(
            body(PageRequest(position: .after("\"z\""), lower: 3, upper: 9))
                == "{\"where\":[[\">=\",3],[\"<\",9],[\"id\",\">\",\"z\"]],\"limit\":50}"
        )
    }

    @Test func `a query language has its bounds in the middle of a text, and nothing where they do not apply`() throws {
        let builder = try Self.builder { stream in
            stream.query = [Self.query("q", "SELECT * FROM t WHERE true${lower}${upper} ORDER BY at OFFSET ${offset}")]
            stream.paging = PagingRule(style: .offset, first: 1)
            stream.cursor = CursorRule(fields: [["at"]], format: .integer, order: .none)
            stream.cursor?.lowerText = Template(" AND at >= '${cursor}'")
            stream.cursor?.upperText = Template(" AND at < '${until}'")
        }
        func text(_ page: PageRequest) -> String {
            builder.request(for: page).url.split(separator: "=", maxSplits: 1).last.map(String.init) ?? ""
        }
        let (head, tail) = ("SELECT * FROM t WHERE true", " ORDER BY at OFFSET ")
        #expect(text(PageRequest(position: .first)) == (head + tail + "1").percentEncoded)
        #expect(text(PageRequest(position: .first, lower: 3)) == (head + " AND at >= '3'" + tail + "1").percentEncoded)
        #expect(
            text(PageRequest(position: .offset(50), lower: 3, upper: 9))
                == (head + " AND at >= '3' AND at < '9'" + tail + "51").percentEncoded
        )
    }

    @Test func `headers of connector and stream are filled; the stream's win`() throws {
        let builder = try Self.builder(
            settings: ["settings.v": .json(.number("7"))],
            headers: [Self.query("X-Version", "${settings.v}"), Self.query("Accept", "text/json")]
        ) { stream in
            stream.headers = [Self.query("x-version", "8"), Self.query("X-Gone", "${token}")]
        }
        let headers = builder.request(for: PageRequest(position: .first)).headers
        #expect(headers == ["Accept": "text/json", "x-version": "8"])
    }

    @Test func `settings are escaped in the path`() throws {
        let builder = try Self.builder(path: "/${settings.db}/x", settings: ["settings.db": .json(.string("a/../b"))])
        #expect(builder.request(for: PageRequest(position: .first)).url == "https://a.example/api/a%2F..%2Fb/x")
    }

    @Test func `limits and TLS files are the connector's`() throws {
        let url = try #require(URLReference("http://a.example"))
        let connector = ConnectorDefinition(
            name: "c",
            baseURL: url,
            allowInsecure: true,
            limits: TransportLimits(maximumBodyBytes: 1),
            tls: TLSFiles(certificate: "x")
        )
        let stream = StreamDefinition(id: StreamID(connector: "c", stream: "s"), path: Template(literal: "/"))
        let request = RequestBuilder(connector, stream).request(for: PageRequest(position: .first))
        #expect(request.allowInsecure)
        #expect(request.limits.maximumBodyBytes == 1)
        #expect(request.tls.certificate == "x")
    }
}
