import ConnectorCore
import Testing

struct GrammarTests {
    @Test(arguments: [
        ("trux", 0, SliceError.Code.malformed, "only true, false and null may stand here without quotes"),
        ("[nul]", 1, .malformed, "only true, false and null may stand here without quotes"),
        ("[True]", 1, .malformed, "only true, false and null may stand here without quotes"),
        ("[NaN]", 1, .malformed, "only true, false and null may stand here without quotes"),
        ("[truex]", 5, .malformed, "a comma or a closing bracket was expected"),
        ("<html>", 0, .malformed, "a JSON value was expected"),
        ("[1,]", 3, .malformed, "a JSON value was expected"),
        (#"["a",]"#, 5, .malformed, "a JSON value was expected"),
        ("[,1]", 1, .malformed, "a JSON value was expected"),
        ("[1 2]", 3, .malformed, "a comma or a closing bracket was expected"),
        ("[1}", 2, .malformed, "a comma or a closing bracket was expected"),
        ("[[1}]", 3, .malformed, "a comma or a closing bracket was expected"),
        (#"{"a":1]"#, 6, .malformed, "a comma or a closing brace was expected"),
        (#"{"a":1 "b":2}"#, 7, .malformed, "a comma or a closing brace was expected"),
        (#"{"a":1,}"#, 7, .malformed, "a member name in quotes was expected"),
        (#"{a:1}"#, 1, .malformed, "a member name in quotes was expected"),
        (#"{1:1}"#, 1, .malformed, "a member name in quotes was expected"),
        (#"{"a" 1}"#, 5, .malformed, "a colon was expected after the member name"),
        (#"{"a"}"#, 4, .malformed, "a colon was expected after the member name"),
        (#"{"a":}"#, 5, .malformed, "a JSON value was expected"),
        ("[01]", 2, .malformed, "a number may not begin with a needless zero"),
        ("[-01]", 3, .malformed, "a number may not begin with a needless zero"),
        ("[1.]", 3, .malformed, "a digit was expected"),
        ("[.5]", 1, .malformed, "a JSON value was expected"),
        ("[+1]", 1, .malformed, "a JSON value was expected"),
        ("[-]", 2, .malformed, "a digit was expected"),
        ("[1e]", 3, .malformed, "a digit was expected"),
        ("[1e+]", 4, .malformed, "a digit was expected"),
        ("[1.e5]", 3, .malformed, "a digit was expected"),
        ("[0x10]", 2, .malformed, "a comma or a closing bracket was expected"),
        ("[-Infinity]", 2, .malformed, "a digit was expected"),
        (#"["\x"]"#, 3, .malformed, "a string has an unknown escape"),
        (#"["\u12G4"]"#, 6, .malformed, #"four hexadecimal digits were expected after \u"#),
        (#"["\u12"]"#, 6, .malformed, #"four hexadecimal digits were expected after \u"#),
        ("[\"a\tb\"]", 3, .malformed, "a string has an unescaped control character"),
        ("[\"a\nb\"]", 3, .malformed, "a string has an unescaped control character"),
        ("[\"a\u{0}b\"]", 3, .malformed, "a string has an unescaped control character"),
        ("[\"12345678\u{1F}\"]", 10, .malformed, "a string has an unescaped control character"),
        ("['a']", 1, .malformed, "a JSON value was expected"),
        ("[1]x", 3, .malformed, "something follows the end of the JSON text"),
        ("[1] [2]", 4, .malformed, "something follows the end of the JSON text"),
        ("1\u{0}", 1, .malformed, "something follows the end of the JSON text"),
        ("[1\u{0}]", 2, .malformed, "a comma or a closing bracket was expected"),
        ("[1/**/]", 2, .malformed, "a comma or a closing bracket was expected"),
        ("[1,\u{B}2]", 3, .malformed, "a JSON value was expected"),
        ("[fals", 1, .truncated, "the page ends where only true, false and null may stand here without quotes"),
        (#"["\u12"#, 6, .truncated, "the page ends inside a string"),
        ("", 0, .truncated, "the page ends where a JSON value was expected"),
        (" \n", 2, .truncated, "the page ends where a JSON value was expected"),
        ("[", 1, .truncated, "the page ends where a JSON value was expected"),
        ("[1", 2, .truncated, "the page ends where a comma or a closing bracket was expected"),
        (#"{"a":1"#, 6, .truncated, "the page ends where a comma or a closing brace was expected"),
        (#"{"a"#, 3, .truncated, "the page ends inside a string"),
        (#"["\"#, 3, .truncated, "the page ends inside a string"),
    ])
    func `malformed text is refused where it goes wrong`(
        text: String,
        offset: Int,
        code: SliceError.Code,
        reason: String
    ) throws {
        let error = try #require(SliceError.of(text))
        #expect(error.offset == offset)
        #expect(error.code == code)
        #expect(error.reason == reason)
    }

    @Test(arguments: [
        ([0x80], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xC3], 0), ([0xC3, 0x28], 0), ([0xE0, 0x80, 0x80], 0),
        ([0xE0, 0x9F, 0xBF], 0), ([0xED, 0xA0, 0x80], 0), ([0xED, 0xBF, 0xBF], 0), ([0xE2, 0x82], 0),
        ([0xF0, 0x80, 0x80, 0x80], 0), ([0xF0, 0x8F, 0xBF, 0xBF], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
        ([0xF5, 0x80, 0x80, 0x80], 0), ([0xF8, 0x88, 0x80, 0x80], 0), ([0xFE], 0), ([0xFF], 0),
        ([0xC3, 0xA9, 0xFF], 2), ([0x61, 0xE2, 0x82, 0xAC, 0x62, 0xBF], 5),
    ])
    func `strings that are not UTF-8 are refused`(text: [UInt8], offset: Int) throws {
        let error = try #require(SliceError.of("[\"".utf8 + text + "\"]".utf8))
        #expect(error.offset == 2 + offset)
        #expect(error.reason == "a string is not valid UTF-8")
    }

    @Test(arguments: [[0xE2, 0x82], [0xC3], [0xF0, 0x9F, 0x98]] as [[UInt8]])
    func `a page that ends inside a character was cut off`(text: [UInt8]) throws {
        #expect(SliceError.of("[\"".utf8 + text)?.code == .truncated)
    }

    @Test func `every character that exists is accepted as it is`() {
        for value in stride(from: UInt32(0x80), through: 0x10FFFF, by: 0x3B) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            #expect(SliceError.of("\"\(Character(scalar))\"") == nil, "U+\(String(value, radix: 16))")
        }
        for value: UInt32 in [0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF] {
            #expect(SliceError.of("\"\(Unicode.Scalar(value).map(String.init) ?? "")\"") == nil)
        }
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-0", "-0.0", "1e5", "1E+5", "0.5e-10", "\"\"", "[]", "{}", " [ ] ", "\t{\r\n}\n",
        #"{"":""}"#, #"["\u0000\ud800\uDFFF\b\f\n\r\t\/\\\""]"#, "[[],{},[[]],{\"a\":{}}]", "\u{FEFF}[1]",
        "[123456789012345678901234567890.123456789012345678901234567890e123456789]", "\"\u{7F}\"",
    ])
    func `odd but correct text is accepted`(text: String) {
        #expect(SliceError.of(text) == nil)
    }

    @Test func `huge numbers stay text`() throws {
        let number = "-1234567890123456789012345678901234567890.10e+400"
        #expect(try Sliced("[\(number)]", .array([])).records == [number])
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")])
    func `nesting ends at 512`(open: String, close: String) throws {
        let width = open.contains("[{") ? 2 : 1
        for depth in [64, 128, 510, 512] {
            let count = depth / width
            #expect(SliceError.of(nested(open, close, count)) == nil)
        }
        for depth in [514, 1_000_000] {
            let error = try #require(SliceError.of(nested(open, close, depth / width)))
            #expect(error.code == .tooLarge)
            #expect(error.reason == "objects and arrays are nested deeper than 512")
        }
        #expect(SliceError.of(nested("[", "]", 511)) == nil)
        #expect(SliceError.of(nested("[", "]", 513))?.offset == 512)
    }

    private func nested(_ open: String, _ close: String, _ count: Int) -> String {
        String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
    }

    @Test(arguments: [63, 64, 65, 127, 128, 129, 192, 511])
    func `what was open stays known at any depth`(depth: Int) throws {
        // Objects and arrays in turns of three, so that no two words of the stack are alike.
        let kinds = (0..<depth).map { $0 % 3 == 0 || $0 % 7 == 0 }
        let opening = kinds.map { $0 ? #"{"a":"# : "[" }.joined()
        let closing = kinds.reversed().map { $0 ? "}" : "]" }
        #expect(SliceError.of(opening + "1" + closing.joined()) == nil)
        for wrong in stride(from: 0, to: depth, by: 5) {
            var closing = closing
            closing[wrong] = closing[wrong] == "}" ? "]" : "}"
            #expect(SliceError.of(opening + "1" + closing.joined())?.offset == opening.utf8.count + 1 + wrong)
        }
    }

    @Test func `the excerpt shows what is near and nothing that a terminal obeys`() throws {
        let error = try #require(SliceError.of("[\"0123456789012345678901234567890123456789\u{1B}[31m\u{E9}\"]"))
        #expect(error.excerpt == "01234567890123456789.[31m..\"]")
        #expect(
            error.description
                == "byte 42: a string has an unescaped control character, near `01234567890123456789.[31m..\"]`"
        )
    }

    @Test func `the excerpt of a page that was moved shows what has not`() throws {
        let error = try #require(SliceError.of("[ 1,\n                2,\n                          3x, 4]"))
        #expect(error.offset == 51)
        #expect(error.excerpt == "3x, 4]")
    }
}
