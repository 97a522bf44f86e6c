import ConnectorConfiguration
import ConnectorCore
import Testing

/// The value and the lines of what was reported.
func readJSON5(_ text: String, allowingNonFinite: Bool = false) -> (value: LocatedValue?, lines: [String]) {
    let diagnostics = DiagnosticCollector()
    let value = JSON5Reader.read(
        Array(text.utf8),
        file: "f",
        allowingNonFinite: allowingNonFinite,
        diagnostics: diagnostics
    )
    return (value, diagnostics.lines)
}

struct JSON5ReaderTests {
    @Test(arguments: [
        ("{}", "{}"), ("[1,]", "[1]"), ("{a:1,}", #"{"a":1}"#), ("// x\n1", "1"), ("/* * / */1/**/", "1"),
        ("{$a_1:1,ünï:2,\\u0061b:3,null:4}", #"{"$a_1":1,"ünï":2,"ab":3,"null":4}"#), ("'it\"s'", #""it\"s""#),
        ("'a\\\nb\\\r\nc\\\rd\\\u{2028}e'", #""abcde""#), ("'\\x41\\u00e9\\0\\v\\'\\q'", #""Aé\u0000\u000b'q""#),
        ("0xFF", "255"), ("-0Xff", "-255"), ("+.5", "0.5"), ("5.", "5"), ("5.e3", "5e3"), ("-1.50E+7", "-1.50e7"),
        ("\u{FEFF}\u{A0}\u{B}1\u{2029}", "1"), ("'\u{2028}\t'", "\"\u{2028}\\u0009\""), ("'\\ud83d\\ude00'", "\"😀\""),
        ("true", "true"), ("null", "null"), ("false", "false"), ("{'a':{\"b\":[]}}", #"{"a":{"b":[]}}"#),
    ])
    func `each liberty of JSON5 is read`(text: String, json: String) {
        let (value, lines) = readJSON5(text)
        #expect(value?.toJSONValue().text == json)
        #expect(lines == [])
    }

    @Test(arguments: [
        ("", "f:1:1: the file is empty; write { … }"),
        (" // only a comment\n", "f:2:1: the file is empty; write { … }"),
        ("{\n  a: 1\n  b: 2\n}", "f:3:3: expected , or }, found \"b\"; put a comma between two values"),
        ("{ a = 1 }", "f:1:5: a: expected : after the key, found \"=\"; write key: value"),
        ("{ Stripe-Version: 1 }", "f:1:9: a key without quotes cannot have \"-\"; put the key in quotes"),
        ("{ a: { b: [1, 2 }", "f:1:17: a.b: expected , or ], found \"}\"; put a comma between two values"),
        ("{ a: {", "f:1:7: a: the file ends before }; close what begins in line 1, column 6"),
        ("{ a: sk_live_123 }", "f:1:6: a: a word without quotes; write text in quotes"),
        ("{ a: True }", "f:1:6: a: a word without quotes; write true"),
        ("# x\n{}", "f:1:1: expected a value, found \"#\"; begin a comment with //"),
        ("{ # x\n}", "f:1:3: expected a key, found \"#\"; begin a comment with //"),
        ("{ a: 1,, }", "f:1:8: expected a key, found \",\"; remove the second comma"),
        ("'a\nb'", "f:1:1: the text does not end in its line; close the quote, or end the line with \\"),
        ("['a", "f:1:2: [0]: the text does not end; close the quote"),
        ("/* x", "f:1:1: the comment does not end; close it with */"),
        ("010", "f:1:1: a number with a leading zero; remove the zero, or put the number in quotes"),
        ("[5m]", "f:1:3: [0]: \"m\" inside of a number; put text in quotes, or separate with a comma"),
        ("'\\ud800'", "f:1:2: half of a surrogate pair; write both halves, or the character itself"),
        ("'\\1'", "f:1:2: \\ before a digit; write \\\\ for a backslash, or \\xHH"),
        ("{} {}", "f:1:4: \"{\" after the end of the value; remove it, or check the brackets"),
        ("0x11111111111111111", "f:1:1: a hexadecimal number over 64 bits; write it in decimal"),
    ])
    func `a syntax error says where and what would be right`(text: String, line: String) {
        let (value, lines) = readJSON5(text)
        #expect(value == nil)
        #expect(lines == [line])
    }

    @Test func `a repeated key is reported and reading goes on`() {
        let (value, lines) = readJSON5("{ a: { b: 1,\n \"b\": 2 }, c: Infinity, d: [NaN] }")
        #expect(value?["a"]?["b"]?.kind == .number("2"))
        #expect(
            lines == [
                "f:2:2: a.b: the key is written twice; remove this one or the one in line 1",
                "f:2:15: c: Infinity is not allowed; write a finite number",
                "f:2:29: d[0]: NaN is not allowed; write a finite number",
            ]
        )
    }

    @Test func `infinite numbers can be allowed and have no JSON form`() {
        let (value, lines) = readJSON5("[Infinity,-Infinity,+Infinity,NaN,-NaN]", allowingNonFinite: true)
        #expect(lines == [])
        #expect(value?.toJSONValue().text == "[null,null,null,null,null]")
        guard case .array(let elements) = value?.kind else { return #expect(Bool(false)) }
        let expected = ["Infinity", "-Infinity", "Infinity", "NaN", "NaN"]
        #expect(elements.map(\.kind) == expected.map { .number($0) })
    }

    @Test func `places count lines and characters as an editor does`() {
        let (value, _) = readJSON5("\u{FEFF}{\r\n\t'é👨‍👩‍👧e\u{301}': 1, b: [\r 2,\n/*\u{2028}*/ 3] }")
        guard case .object(let members) = value?.kind, case .array(let elements) = members.last?.value.kind else {
            return #expect(Bool(false))
        }
        let places = [value?.location, members[0].nameLocation, members[0].value.location, members[1].nameLocation]
        #expect(places.map { $0?.description } == ["f:1:1", "f:2:2", "f:2:9", "f:2:12"])
        #expect(elements.map(\.location.description) == ["f:3:2", "f:4:7"])
    }

    @Test func `size and depth are limited`() {
        let deep = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        #expect(readJSON5(deep(JSON5Reader.maximumDepth)).value != nil)
        #expect(readJSON5(deep(JSON5Reader.maximumDepth + 1)).value == nil)
        #expect(readJSON5(String(repeating: " ", count: JSON5Reader.maximumBytes) + "1").lines.count == 1)
    }

    @Test func `text that is not UTF-8 is refused where the damage is`() {
        let diagnostics = DiagnosticCollector()
        let bytes = Array("{\n  'é".utf8) + [0xE9] + Array("' : 1 }".utf8)
        #expect(JSON5Reader.read(bytes, file: "f", diagnostics: diagnostics) == nil)
        #expect(diagnostics.lines == ["f:2:5: the file is not UTF-8 here; save it in UTF-8"])
    }

    @Test(.timeLimit(.minutes(5)))
    func `one long line of many values is read in linear time`() {
        let text = "[" + String(repeating: "'é',", count: 150_000) + "]"
        #expect(readJSON5(text).lines == [])
    }

    @Test func `no damaged file crashes the reader`() {
        let sample = Array(
            "{ // c\n a: [1, -0x2F, .5e-3, 'é\\u00e9\\x41\\\n'], \"b\": /* x */ {c\\u0061: Infinity, d: null,}, }".utf8
        )
        for length in sample.indices {
            let value = JSON5Reader.read(Array(sample[..<length]), file: "f", diagnostics: DiagnosticCollector())
            #expect(value == nil)
        }
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<3000 {
            var bytes = sample
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let diagnostics = DiagnosticCollector()
            let value = JSON5Reader.read(bytes, file: "f", diagnostics: diagnostics)
            #expect(value != nil || diagnostics.hasErrors)
        }
    }
}
