import ConnectorCore
import Testing

@testable import CurlTransport

@Suite struct HeaderListsTests {
    @Test func `a request with the same fields bears the same list, and another one its own`() {
        let lists = HeaderLists()
        let first = lists.list(["A": "1"], decodes: true)
        #expect(first != nil)
        #expect(lists.list(["A": "1"], decodes: true) === first)
        #expect(lists.list(["A": "2"], decodes: true) !== first)
        #expect(lists.list(["A": "1"], decodes: false) !== first)
    }

    @Test func `only the last lists are kept`() {
        let lists = HeaderLists()
        let first = lists.list(["A": "0"], decodes: true)
        for number in 1...HeaderLists.most { _ = lists.list(["A": "\(number)"], decodes: true) }
        #expect(lists.list(["A": "0"], decodes: true) !== first)
    }

    @Test func `an empty value is sent, and what libcurl would add is not`() {
        let headers: TransportHeaders = ["Empty": "", "Accept-Encoding": "br", "X": "1"]
        let plain = HeaderList.lines(headers, decodes: false)
        #expect(plain == ["Expect:", "Content-Type:", "Empty;", "X: 1"])
        #expect(HeaderList.lines(headers, decodes: true).contains("Accept-Encoding: br"))
    }
}
