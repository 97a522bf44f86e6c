import ConnectorConfiguration
import ConnectorCore
import Testing

struct LocatedValueTests {
    @Test(arguments: [
        ("{a:1,b:2}", "{b:3,c:4}", #"{"a":1,"b":3,"c":4}"#),
        ("{a:{x:1,y:2}}", "{a:{y:3}}", #"{"a":{"x":1,"y":3}}"#),
        ("{a:1,b:2}", "{a:null}", #"{"b":2}"#),
        ("{a:[1,2]}", "{a:[3]}", #"{"a":[3]}"#),
        ("{a:1}", "{a:{b:null,c:1}}", #"{"a":{"c":1}}"#),
        ("{}", "{a:{b:{c:null}}}", #"{"a":{"b":{}}}"#),
        ("{a:1}", "2", "2"),
        ("1", "{a:1}", #"{"a":1}"#),
    ])
    func `an override merges member by member`(base: String, override: String, merged: String) throws {
        let base = try #require(readJSON5(base).value)
        let override = try #require(readJSON5(override).value)
        #expect(base.merging(override).toJSONValue().text == merged)
    }

    @Test func `each part keeps the file that said it`() throws {
        func read(_ text: String, _ file: String) throws -> LocatedValue {
            let value = JSON5Reader.read(Array(text.utf8), file: file, diagnostics: DiagnosticCollector())
            return try #require(value)
        }
        let merged = try read("{a:{x:1, y:2}}", "base").merging(read("{a:{y:3}}", "own"))
        #expect(merged["a"]?["x"]?.location.description == "base:1:7")
        #expect(merged["a"]?["y"]?.location.description == "own:1:7")
        #expect(merged["a"]?.location.file == "own")
    }
}
