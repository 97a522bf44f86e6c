import ConnectorCore
import Testing

@testable import CurlTransport

@Suite struct HeaderCollectorTests {
    private func collect(_ lines: [String]) -> (HeaderCollector, HeaderCollector.Event) {
        var collector = HeaderCollector()
        var last = HeaderCollector.Event.more
        for line in lines { last = collector.take(line.utf8) }
        return (collector, last)
    }

    @Test func `fields keep their order and their repeats`() {
        let (collector, last) = collect([
            "HTTP/1.1 200 OK\r\n", "Set-Cookie: a=1\r\n", "X: y \r\n", "set-cookie:\tb=2\r\n", "Empty:\r\n", "\r\n",
        ])
        #expect(last == .complete)
        #expect(collector.status == 200)
        #expect(collector.headers.fields.map(\.name) == ["Set-Cookie", "X", "set-cookie", "Empty"])
        #expect(collector.headers.all("Set-Cookie") == ["a=1", "b=2"])
        #expect(collector.headers["X"] == "y")
        #expect(collector.headers["Empty"] == "")
    }

    @Test func `an interim answer leaves nothing behind`() {
        let (collector, last) = collect(["HTTP/1.1 100 Continue\r\n", "A: 1\r\n", "\r\n", "HTTP/2 204 \r\n", "\r\n"])
        #expect(last == .complete)
        #expect(collector.status == 204)
        #expect(collector.headers.fields.isEmpty)
    }

    @Test func `trailers are ignored`() {
        let (collector, _) = collect(["HTTP/1.1 200 OK\r\n", "\r\n", "Late: 1\r\n", "\r\n"])
        #expect(collector.headers.fields.isEmpty)
    }

    @Test func `lines without a name are skipped`() {
        let (collector, _) = collect(["HTTP/1.1 200 OK\r\n", "nonsense\r\n", " folded: x\r\n", "\r\n"])
        #expect(collector.headers.fields.isEmpty)
    }

    @Test func `too many fields stop the answer`() {
        var collector = HeaderCollector()
        for _ in 0..<HeaderCollector.maximumFields { #expect(collector.take("A: 1\r\n".utf8) == .more) }
        #expect(collector.take("A: 1\r\n".utf8) == .tooLarge("more than 256 header fields"))
    }

    @Test func `too many bytes stop the answer, interim answers included`() {
        var collector = HeaderCollector()
        let line = "HTTP/1.1 103 " + String(repeating: "x", count: 1 << 10)
        for _ in 0..<126 { #expect(collector.take(line.utf8) == .more) }
        #expect(collector.take(line.utf8) != .more)
    }
}
