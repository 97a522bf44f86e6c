import ConnectorCore
import Testing

@testable import CurlTransport

@Suite struct FieldMemoryTests {
    private let memory = FieldMemory()

    private func headers(_ lines: [String]) -> TransportHeaders {
        var collector = HeaderCollector(memory)
        for line in lines { _ = collector.take(line.utf8) }
        return collector.headers
    }

    @Test func `an answer reads the same beside any that came before`() {
        let answers = [
            ["HTTP/1.1 200 OK\r\n", "Date: Tue, 01 Dec 2026 00:00:00 GMT\r\n", "A: 1\r\n", "\r\n"],
            ["HTTP/1.1 200 OK\r\n", "Date: Tue, 01 Dec 2026 00:00:01 GMT\r\n", "A: 1\r\n", "\r\n"],
            ["HTTP/1.1 200 OK\r\n", "A: 1\r\n", "A: 1\r\n", "B: 2\r\n", "\r\n"],
            ["HTTP/1.1 500 Oh\r\n", "a: 1\r\n", "A: 12\r\n", "\r\n"],
            ["HTTP/1.1 200 OK\r\n", "\r\n"],
        ]
        for answer in answers + answers.reversed() {
            var alone = HeaderCollector()
            for line in answer { _ = alone.take(line.utf8) }
            #expect(headers(answer) == alone.headers)
        }
    }

    @Test func `long lines and distant places are read anew, and read well`() {
        let long = "A: " + String(repeating: "x", count: FieldMemory.longest)
        let many = (0..<FieldMemory.most + 3).map { "F\($0): \($0)\r\n" }
        for _ in 0..<2 {
            let headers = headers(["HTTP/1.1 200 OK\r\n", long + "\r\n"] + many)
            #expect(headers["A"]?.utf8.count == FieldMemory.longest)
            #expect(headers.fields.count == many.count + 1)
        }
    }
}
