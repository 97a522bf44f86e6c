import ConnectorCore
import Testing

struct JSONValueTests {
    @Test func `a byte order mark in front of an answer is no part of it`() throws {
        #expect(try JSONValue(parsingAnswer: Array("\u{FEFF} [1]".utf8)).text == "[1]")
        #expect(throws: JSONError.self) { try JSONValue(parsingAnswer: Array("\u{FEFF}\u{FEFF}1".utf8)) }
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-0", "1.50", "1e400", "123456789012345678901234567890", "\"\"", "\"é😀\"",
        "[]", "{}", "[1,[2,[3]],{}]", #"{"b":1,"a":{"c":[null]},"b":2}"#, #""\"\\\u0001""#, "\"\u{7F}/\"",
    ])
    func `what is read is written back byte for byte`(text: String) throws {
        #expect(try JSONValue(parsing: text).text == text)
    }

    @Test func `white space goes and escapes become the shortest ones`() throws {
        let value = try JSONValue(parsing: " { \"a\" : [ 1 , \"\\u00e9\\/\\n\\ud83d\\ude00\" ] }\r\n\t")
        #expect(value.text == "{\"a\":[1,\"é/\\u000a😀\"]}")
    }

    @Test(arguments: [
        ("", 0), (" ", 1), ("nul", 3), ("nulL", 3), ("[1,]", 3), ("[1 2]", 3), ("{\"a\":1,}", 7), ("{a:1}", 1),
        ("{\"a\" 1}", 5), ("01", 1), ("1.", 2), ("1.x", 2), (".5", 0), ("+1", 0), ("-", 1), ("-x", 1), ("1e", 2),
        ("1e+", 3), ("NaN", 0), ("\"", 1), ("\"\n\"", 1), ("\"\\x\"", 2), ("\"\\u12g4\"", 5), ("\"\\ud800\"", 1),
        ("\"\\ud800\\u0041\"", 1), ("\"\\udc00\"", 1), ("1 1", 2), ("]", 0), ("[", 1), ("{", 1), ("{\"a\"", 4),
        ("/**/1", 0), ("'a'", 0), ("\u{FEFF}1", 0),
    ])
    func `what is not JSON is refused with its place`(text: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error?.offset == offset)
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82],
    ])
    func `damaged UTF-8 is refused`(bytes: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error == JSONError(offset: 1, problem: "not UTF-8"))
    }

    @Test func `nesting is read to its limit and not beyond`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        let deepest = nested(JSONValue.maximumDepth)
        #expect(try JSONValue(parsing: deepest).text == deepest)
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(JSONValue.maximumDepth + 1)) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }
    }

    @Test func `the last of repeated members counts`() throws {
        let value = try JSONValue(parsing: #"{"a":1,"a":2}"#)
        #expect(value["a"] == 2)
        #expect(value.members?.count == 2)
    }

    @Test func `a path leads through objects and arrays`() {
        let value: JSONValue = ["errors": [["message": "no"], nil], "ok": false]
        #expect(value[path: "errors", 0, "message"]?.string == "no")
        #expect(value[path: "errors", 1]?.isNull == true)
        #expect(value[path: "errors", 2] == nil)
        #expect(value[path: "ok", "x"] == nil)
        #expect(value["ok"]?.bool == false)
        #expect(value[0] == nil)
    }

    @Test(
        arguments: [
            ("12", 12), ("1.20e1", 12), ("120e-1", 12), ("-0", 0), ("0e999999999999999999999", 0), ("1E+2", 100),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9.223372036854775807e18", .max),
        ] as [(String, Int64)]
    )
    func `a whole number is exact in any spelling`(text: String, number: Int64) {
        #expect(JSONValue.number(text).int64 == number)
    }

    @Test(arguments: [
        "1.5", "9223372036854775808", "1e19", "1e-1", "1e999999999999999999999", "1e-999999999999999999999", "x", "",
        "+1",
        "1e", "--1",
    ])
    func `a number that is not whole or does not fit is no integer`(text: String) {
        #expect(JSONValue.number(text).int64 == nil)
    }

    @Test func `no damaged text crashes the parser`() {
        let sample = Array(#"{"a":[1,-2.5e+3,"é\u00e9\ud83d\ude00\n",true,null],"b":{"c":[[],{}]}}"#.utf8)
        for length in sample.indices {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(sample[..<length])) }
        }
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<5000 {
            var bytes = sample
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            if let value = try? JSONValue(parsing: bytes) {
                #expect((try? JSONValue(parsing: value.bytes)) == value)
            }
        }
    }
}
