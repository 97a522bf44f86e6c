import ConnectorCore
import Testing

struct JSONTextTests {
    @Test(arguments: [
        (#""""#, ""), (#""abc""#, "abc"), (#""a\"b\\c\/d""#, "a\"b\\c/d"), (#""\b\f\n\r\t""#, "\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\uD83D\uDE00!""#, "😀!"), (#""é日😀""#, "é日😀"), (#""\u0000""#, "\u{0}"),
        (#""\uFFFF""#, "\u{FFFF}"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
    ])
    func `a string is unescaped`(json: String, text: String) {
        #expect(JSONText.string(Array(json.utf8), 0..<json.utf8.count) == text)
    }

    @Test(arguments: [
        #""\uD83D""#, #""\uDE00""#, #""\uD83Dx""#, #""\uD83D\u0041""#, #""\uDE00\uD83D""#, "1", "null", "\"", "",
    ])
    func `half a surrogate pair is no text, nor is what has no quotes`(json: String) {
        #expect(JSONText.string(Array(json.utf8), 0..<json.utf8.count) == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("42", 42), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("99999999999999999999", nil), ("1.0", nil),
            ("1e3", nil), ("-", nil), ("", nil), (#""1""#, nil), ("true", nil),
        ] as [(String, Int64?)]
    )
    func `an integer is read exactly or not at all`(json: String, value: Int64?) {
        #expect(JSONText.int64(Array(json.utf8), 0..<json.utf8.count) == value)
    }

    @Test func `literals are recognised inside a page`() {
        let page = Array("[true,false,null,0]".utf8)
        #expect(JSONText.bool(page, 1..<5) == true)
        #expect(JSONText.bool(page, 6..<11) == false)
        #expect(JSONText.bool(page, 12..<16) == nil)
        #expect(JSONText.isNull(page, 12..<16))
        #expect(!JSONText.isNull(page, 1..<5))
    }

    @Test(arguments: [
        ("{}", "an object"), ("[]", "an array"), (#""x""#, "a string"), ("-1", "a number"), ("true", "a boolean"),
        ("null", "null"),
    ])
    func `a value's type has a name`(json: String, name: String) {
        #expect(JSONText.kind(Array(json.utf8), 0..<json.utf8.count)?.description == name)
    }

    @Test func `plain text of a key is its string or its digits as they stand`() {
        #expect(JSONText.plain(Array(#""a\/b""#.utf8), 0..<6) == "a/b")
        #expect(JSONText.plain(Array("1.50".utf8), 0..<4) == "1.50")
        #expect(JSONText.plain(Array(#""\uD800""#.utf8), 0..<8) == nil)
    }
}
