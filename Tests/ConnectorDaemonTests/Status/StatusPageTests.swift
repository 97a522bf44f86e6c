import ConnectorCore
import ConnectorDaemon
import Testing

@Suite
struct StatusPageTests {
    private let now = Instant(seconds: 1_795_534_200)  // 2026-11-24T15:30:00Z

    private func page(_ connectors: [DaemonStatus.Connector], _ streams: [DaemonStatus.Stream] = []) -> String {
        let daemon = DaemonStatus.Daemon(version: "1.0", pid: 1, started: now - .seconds(7_200))
        return StatusPage(DaemonStatus(at: now, daemon: daemon, connectors: connectors, streams: streams)).html
    }

    @Test func `nothing that a server or a file said becomes markup`() {
        let bad = "<script>alert('1')</script>&\""
        var row = DaemonStatus.Stream(StreamID(connector: bad, stream: bad), state: .failing)
        row.lastRun = RunRecord(id: "r", started: now, outcome: .failed, error: bad)
        let html = page([DaemonStatus.Connector(name: bad, state: "blocked", reason: bad)], [row])
        #expect(!html.contains("<script>alert") && !html.contains("alert('1')"))
        #expect(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;"))
    }

    @Test func `the page itself has neither style nor script, as its policy demands`() {
        let html = page([DaemonStatus.Connector(name: "pay", state: "idle")])
        #expect(!html.contains("style=") && !html.contains("<style") && !html.contains("onclick"))
        #expect(html.contains("<link rel=\"stylesheet\" href=\"/status.css\">"))
        #expect(html.contains("<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>"))
        #expect(StatusAssets.contentSecurityPolicy.hasPrefix("default-src 'none';"))
        #expect(!StatusAssets.style.contains("url(") && !StatusAssets.script.contains("//"))
    }

    @Test func `who is in trouble comes first, and a thousand connectors make no page of megabytes`() throws {
        var connectors = (0..<1_000).map { DaemonStatus.Connector(name: "c\($0)", state: "idle") }
        connectors.append(DaemonStatus.Connector(name: "zz", state: "blocked", reason: "a 401"))
        let html = page(connectors)
        let trouble = try #require(html.range(of: "id=\"c-zz\""))
        let calm = try #require(html.range(of: "id=\"c-c0\""))
        #expect(trouble.lowerBound < calm.lowerBound)
        #expect(html.contains("901 more connectors without trouble") && html.utf8.count < 100_000)
        #expect(html.contains("<title>(1) aitbc-connectord</title>"))
    }

    @Test func `an error that the connector tells is not told twice`() {
        var row = DaemonStatus.Stream(StreamID(connector: "pay", stream: "charges"), state: .blocked)
        row.lastRun = RunRecord(id: "r", started: now, outcome: .failed, error: "a 401")
        let html = page([DaemonStatus.Connector(name: "pay", state: "blocked", reason: "a 401")], [row])
        #expect(html.components(of: "a 401") == 1)
        #expect(page([DaemonStatus.Connector(name: "pay", state: "idle")], [row]).components(of: "a 401") == 1)
    }

    @Test func `the chart has a bar an hour that had runs, marks failures, and names figures`() {
        let hour = Instant(seconds: ActivityHour.number(of: now) * 3_600)
        let svg = ActivityChart(
            [
                ActivityHour(hour: hour - .seconds(23 * 3_600), records: 100, runs: 2),
                ActivityHour(hour: hour - .seconds(24 * 3_600), records: 900, runs: 2),
                ActivityHour(hour: hour, records: 1, deletes: 0, runs: 9, failures: 2),
            ],
            until: now
        ).svg
        #expect(svg.components(of: "<rect") == 2)
        #expect(svg.contains("class=\"good\" x=\"0\""))
        #expect(svg.contains("class=\"failed\" x=\"138\" y=\"20\" width=\"5\" height=\"4\""))
        #expect(svg.contains("<title>15:00: 1 record, 2 failed runs</title>"))
        #expect(svg.contains("aria-label=\"101 records, 2 failed runs\""))
    }

    @Test(arguments: [
        ("127.0.0.1", ["Host": "127.0.0.1:8480"], true), ("::1", ["Host": "[::1]:8480"], true),
        ("unix", ["Host": "localhost"], true), ("127.0.0.1", [:], true), ("192.0.2.1", ["Host": "localhost"], false),
        ("127.0.0.1", ["Host": "evil.example"], false), ("127.0.0.1", ["Host": "127.0.0.1.evil.example"], false),
        ("127.0.0.1", ["Host": "localhost", "X-Forwarded-For": "192.0.2.1"], false),
        ("unix", ["Host": "localhost", "Forwarded": "for=192.0.2.1"], false),
        ("127.0.0.1", ["Host": "localhost.evil.example"], false),
    ])
    func `the page is for this machine, not for those behind a proxy or a name that points here`(
        _ peer: String,
        _ headers: [String: String],
        _ isAllowed: Bool
    ) {
        var fields = TransportHeaders()
        for (name, value) in headers { fields[name] = value }
        let visitor = StatusVisitor(peer: peer, headers: fields)
        #expect(visitor.isAllowed(by: .local) == isAllowed)
        #expect(visitor.isAllowed(by: .all) && !visitor.isAllowed(by: .none))
    }

    @Test(arguments: [
        ("Bearer 0123456789abcdef", "0123456789abcdef"), ("bearer x", "x"), ("Basic YW5uYTpzZXNhbWU6MQ==", "sesame:1"),
        ("Basic OnNlc2FtZQ==", "sesame"), ("Basic c2VzYW1l", nil), ("Basic %%%", nil), ("Bearer", nil), ("", nil),
        ("Digest x", nil),
    ])
    func `a token is shown as a bearer token or as a password`(_ authorization: String, _ token: String?) {
        let visitor = StatusVisitor(peer: "192.0.2.1", headers: ["Authorization": authorization])
        #expect(visitor.offeredToken?.reveal() == token)
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let found = rest.range(of: part) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }

    fileprivate func range(of part: String) -> Range<Index>? { self[...].range(of: part) }
}

extension Substring {
    fileprivate func range(of part: String) -> Range<Index>? {
        let wanted = Array(part.utf8)
        let bytes = Array(utf8)
        guard bytes.count >= wanted.count else { return nil }
        guard
            let start = (0...(bytes.count - wanted.count)).first(where: { start in
                bytes[start] == wanted[0] && bytes[start..<start + wanted.count].elementsEqual(wanted)
            })
        else { return nil }
        let lower = utf8.index(utf8.startIndex, offsetBy: start)
        return lower..<utf8.index(lower, offsetBy: wanted.count)
    }
}
