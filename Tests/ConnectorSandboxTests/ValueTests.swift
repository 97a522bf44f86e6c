import ConnectorCore
import Testing

@testable import ConnectorSandbox

struct ValueTests {
    @Test(arguments: [
        ("2026-03-04T05:06:07.12Z", "2026-03-04T05:06:07.12Z"), ("2026-03-04", "2026-03-04T00:00:00Z"),
        ("2026-03-04T05:06:07", "2026-03-04T05:06:07Z"), ("2026-03-04T01:00:00+02:00", "2026-03-03T23:00:00Z"),
        ("2024-02-29T23:59:59.999999999Z", "2024-02-29T23:59:59.999999999Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"),
    ])
    func `times are read and written`(text: String, written: String) throws {
        #expect(Timestamp.iso8601(try #require(Timestamp.parse(text))) == written)
    }

    @Test(arguments: ["", "yesterday", "2026-13-01", "2026-03-04T05:06:07X"])
    func `what is no time is refused`(text: String) {
        #expect(Timestamp.parse(text) == nil)
    }

    @Test func `an HTTP date has its weekday`() {
        #expect(Timestamp.httpDate(Instant(seconds: 784_111_777)) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test(arguments: [
        #"{"a":1.10,"b":[true,null,{"c":"\u00e9\/"}],"d":-1E+5}"#, #"[]"#, #""x""#, #"{"b":{},"c":[]}"#,
        "9007199254740993",
    ])
    func `JSON keeps its text`(text: String) throws {
        let json = try SandboxJSONParser.parse(Array(text.utf8))
        #expect(json.bytes == Array(text.utf8))
        #expect(try SandboxJSONParser.parse(JSONLayout.indented(json.bytes)) == json)
    }

    @Test(arguments: ["", "{", "[1,]", "{\"a\"}", "tru", "1 2", "\"a", String(repeating: "[", count: 100)])
    func `broken JSON is refused`(text: String) {
        #expect(throws: SandboxJSONParser.Malformed.self) { try SandboxJSONParser.parse(Array(text.utf8)) }
    }

    @Test func `escapes are decoded on demand`() throws {
        let json = try SandboxJSONParser.parse(Array(#""caf\u00e9 \/ \ud83d\ude00 \"\n""#.utf8))
        #expect(json.text == "café / 😀 \"\n")
    }

    @Test func `indented JSON has the usual shape`() {
        let text = String(decoding: JSONLayout.indented(Array(#"{"a":[1,2],"b":{},"c":"x:,{"}"#.utf8)), as: UTF8.self)
        #expect(text == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": \"x:,{\"\n}")
    }

    @Test func `arguments have defaults, values and two spellings`() throws {
        let arguments = try SandboxArguments(["--customers", "7", "--seed=9", "--quiet", "--erp-port", "8080"])
        #expect(arguments.customers == 7 && arguments.seed == 9 && arguments.quiet && arguments.erpPort == 8080)
        #expect(try SandboxArguments([]) == SandboxArguments())
    }

    @Test(arguments: [["--frob"], ["--customers"], ["--customers", "-1"], ["--erp-port", "70000"], ["x", "y"]])
    func `mistaken arguments are refused`(words: [String]) {
        #expect(throws: SandboxArguments.Mistake.self) { try SandboxArguments(words) }
    }

    @Test func `a collection keeps its two orders through changes`() {
        var collection = RecordCollection(name: "c")
        for (rank, time) in [(1, 5), (2, 3), (3, 5), (4, 1)] {
            collection.put(Record(id: "\(rank)", rank: rank, time: Instant(seconds: Int64(time)), bytes: []))
        }
        #expect(collection.byTime.map(\.rank) == [4, 2, 1, 3])
        collection.put(Record(id: "4", rank: 4, time: Instant(seconds: 9), bytes: []))
        #expect(collection.byTime.map(\.rank) == [2, 1, 3, 4])
        _ = collection.delete("1", at: Instant(seconds: 10))
        #expect(collection.byTime.map(\.rank) == [2, 3, 4] && collection.byRank == [2, 3, 4])
        #expect(collection.wasDeleted("1") && collection["1"] == nil)
        #expect(collection.range(from: Instant(seconds: 5), to: Instant(seconds: 9)) == 1..<2)
    }
}
