import ConnectorCore
import HTTPListener
import Testing

@testable import ConnectorSandbox

struct ERPAPITests {
    /// Follows next links to the end.
    private func walk(_ sandbox: SandboxFixture, _ target: String) -> [String] {
        var seen: [String] = []
        var next: String? = target
        while let target = next {
            let page = sandbox.get(target)
            seen += page.ids("value")
            next = page.json["@odata.nextLink"]?.text.map { String($0.dropFirst("http://test".count)) }
        }
        return seen
    }

    @Test(arguments: [[String](), ["--keyset-links"]], ["", "?$orderby=modified,id", "?$orderby=id&$count=true"])
    func `next links lead to every record once`(words: [String], query: String) throws {
        let sandbox = try SandboxFixture.erp(["--customers", "120"] + words)
        let seen = walk(sandbox, "/odata/Customers" + query)
        #expect(seen.sorted() == sandbox.dump("customers"))
    }

    @Test func `a filter on modified bounds the walk`() throws {
        let sandbox = try SandboxFixture.erp(["--orders", "100"])
        let filter = "$filter=modified%20ge%202026-02-01T00:00:00Z%20and%20modified%20lt%202026-03-01"
        let seen = walk(sandbox, "/odata/Orders?\(filter)&$orderby=modified,id")
        let all = walk(sandbox, "/odata/Orders?$orderby=modified,id")
        #expect(!seen.isEmpty && seen.count < all.count)
        #expect(all.contains(seen))
        #expect(sandbox.get("/odata/Orders?$filter=color%20eq%20'red'").status == 400)
    }

    @Test func `top and the client's page size are honoured`() throws {
        let sandbox = try SandboxFixture.erp(["--orders", "100"])
        #expect(walk(sandbox, "/odata/Orders?$top=70").count == 70)
        var headers = SandboxFixture.bearer
        headers["Prefer"] = "odata.maxpagesize=7"
        #expect(sandbox.send("GET", "/odata/Orders", headers: headers).ids("value").count == 7)
    }

    @Test func `skip links drift when a served record changes, keyset links do not`() throws {
        for (words, isWhole) in [([], false), (["--keyset-links"], true)] {
            let sandbox = try SandboxFixture.erp(["--customers", "120"] + words)
            let before = Set(sandbox.dump("customers"))
            sandbox.fault(#"{"kind":"change_while_paging","match":"/odata","times":1,"update":3}"#)
            let seen = Set(walk(sandbox, "/odata/Customers?$orderby=modified,id"))
            #expect((seen == before) == isWhole)
        }
    }

    @Test func `a delta link brings changes and deletions, a stale one 410`() throws {
        let sandbox = try SandboxFixture.erp(["--customers", "3"])
        var headers = SandboxFixture.bearer
        headers["Prefer"] = "odata.track-changes"
        let link = try #require(
            sandbox.send("GET", "/odata/Customers", headers: headers).json["@odata.deltaLink"]?.text
        )
        sandbox.clocks.advance(.seconds(1))
        _ = sandbox.send("POST", "/_sandbox/mutate", #"{"collection":"Customers","update":1,"delete":1}"#)
        let target = String(link.dropFirst("http://test".count))
        let values = sandbox.get(target).json["value"]?.elements ?? []
        #expect(values.count == 2)
        #expect(values.filter { $0["@removed"] != nil }.count == 1)
        #expect(sandbox.get("/odata/Customers?$deltatoken=old").status == 410)
        sandbox.fault(#"{"kind":"expired_delta","match":"/odata"}"#)
        #expect(sandbox.get(target).status == 410)
    }

    @Test func `offset paging tells the total and caps the limit`() throws {
        let sandbox = try SandboxFixture.erp(["--customers", "250"])
        let page = sandbox.get("/api/customers?limit=500&offset=200")
        #expect(page.headers["X-Total-Count"] == "250")
        #expect(page.ids().count == 50)
        #expect(sandbox.get("/api/customers?limit=500").ids().count == 100)
        #expect(sandbox.get("/api/customers?offset=9999").ids().isEmpty)
    }

    @Test func `orders and modified_since are honoured`() throws {
        let sandbox = try SandboxFixture.erp(["--orders", "100"])
        let up = sandbox.get("/api/orders?order=modified&limit=100&modified_since=2026-02-01T00:00:00Z")
        let times = (up.json.elements ?? []).compactMap { $0["modified"]?.text.flatMap { Timestamp.parse($0) } }
        #expect(times == times.sorted())
        #expect(times.allSatisfy { $0 >= Timestamp.parse("2026-02-01") ?? .init(seconds: 0) })
        #expect(sandbox.get("/api/orders?order=color").status == 400)
    }

    @Test func `page numbers carry links`() throws {
        let sandbox = try SandboxFixture.erp(["--customers", "250"])
        let first = sandbox.get("/paged/customers?per_page=100")
        #expect(first.headers["Link"]?.contains("per_page=100&page=2>; rel=\"next\"") == true)
        #expect(first.json["total_pages"]?.int == 3)
        let last = sandbox.get("/paged/customers?per_page=100&page=3")
        #expect(last.headers["Link"]?.contains("rel=\"next\"") == false)
        #expect(last.ids().count == 50)
    }

    @Test func `page tokens lead to the end`() throws {
        let sandbox = try SandboxFixture.erp(["--customers", "250"])
        var seen: [String] = []
        var token: String? = ""
        while let current = token {
            let page = sandbox.get("/token/customers?limit=100&page_token=\(current)")
            seen += page.ids("items")
            token = page.json["next_page_token"]?.text
        }
        #expect(seen == sandbox.dump("customers"))
    }

    @Test func `a session token works until it expires`() throws {
        let sandbox = try SandboxFixture.erp(["--session-seconds", "60"])
        let login = #"{"user":"erp","password":"erp-secret"}"#
        let token = try #require(sandbox.send("POST", "/login", login, headers: [:]).json["token"]?.text)
        let headers: TransportHeaders = ["Authorization": "Bearer \(token)"]
        #expect(sandbox.send("GET", "/api/items", headers: headers).status == 200)
        sandbox.clocks.advance(.seconds(61))
        #expect(sandbox.send("GET", "/api/items", headers: headers).status == 401)
        #expect(sandbox.send("POST", "/login", "{}", headers: [:]).status == 401)
    }

    @Test func `writes move modified`() throws {
        let sandbox = try SandboxFixture.erp()
        let made = sandbox.send("POST", "/odata/Customers", #"{"name":"Neu","credit":12.10}"#)
        #expect(made.status == 201)
        let id = try #require(made.json["id"]?.text)
        sandbox.clocks.advance(.milliseconds(1500))
        let changed = sandbox.send("PATCH", "/odata/Customers('\(id)')", #"{"name":"Alt"}"#)
        #expect(changed.json["modified"]?.text?.hasSuffix(".5Z") == true)
        #expect(changed.json["credit"] == .number("12.10"))
        #expect(sandbox.send("DELETE", "/api/customers/\(id)").status == 204)
        #expect(sandbox.get("/api/customers/\(id)").status == 404)
    }
}
