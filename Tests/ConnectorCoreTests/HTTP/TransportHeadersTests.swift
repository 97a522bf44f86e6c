import ConnectorCore
import Testing

struct TransportHeadersTests {
    @Test func `names compare without case, and the first value counts`() {
        let headers: TransportHeaders = ["Content-Type": "a", "content-type": "b", "X": "c"]
        #expect(headers["CONTENT-TYPE"] == "a")
        #expect(headers.all("content-Type") == ["a", "b"])
        #expect(headers["Y"] == nil)
    }

    @Test func `setting replaces every one, nil removes them`() {
        var headers: TransportHeaders = ["A": "1", "B": "2", "a": "3"]
        headers["a"] = "4"
        #expect(headers == ["B": "2", "a": "4"])
        headers["A"] = nil
        #expect(headers == ["B": "2"])
    }

    @Test func `adding keeps what is there`() {
        var headers = TransportHeaders()
        headers.add("Link", "1")
        headers.add("link", "2")
        #expect(headers.fields.map(\.value) == ["1", "2"])
    }

    @Test(arguments: [
        ("", "", true), ("aZ", "Az", true), ("a", "ab", false), ("é", "É", false), ("[", "{", false),
        ("K", "\u{212A}", false),
    ])
    func `only ASCII letters lose their case`(left: String, right: String, areEqual: Bool) {
        #expect(left.equalsIgnoringASCIICase(right) == areEqual)
    }
}
