import ConnectorCore
import Testing

/// What a terminal would obey, and what it gets instead.
struct TextSafetyTests {
    @Test func `what breaks a line becomes a space`() {
        #expect("a\tb\nc\rd\u{2028}e\u{2029}f".escapingControls() == "a b c d e f")
    }

    @Test func `controls of C0, DEL and C1 become question marks`() {
        let controls = (UInt32(0)..<0x20).filter { ![9, 10, 13].contains($0) } + [0x7F] + (0x80..<0xA0)
        for value in controls {
            let text = String(Unicode.Scalar(value) ?? " ")
            #expect("a\(text)b".escapingControls() == "a?b", "U+\(String(value, radix: 16))")
        }
    }

    @Test func `what turns the direction of text becomes a question mark`() {
        for value in [0x061C, 0x200E, 0x200F] + Array(0x202A...0x202E) + Array(0x2066...0x2069) as [UInt32] {
            let text = String(Unicode.Scalar(value) ?? " ")
            #expect("a\(text)b".escapingControls() == "a?b", "U+\(String(value, radix: 16))")
        }
    }

    @Test func `other text stays as it is, and is cut at a character`() {
        #expect("Grüße, 北京 👋🏽 ✓".escapingControls() == "Grüße, 北京 👋🏽 ✓")
        #expect("ääää".escapingControls(maximumBytes: 5) == "ää")
    }

    @Test func `JSON keeps its value, on one line`() throws {
        let json = "{\n\t\"a\u{7F}\u{85}\u{202E}\u{2028}b\": \"✓\\n\"\r\n}"
        let safe = json.escapingControlsInJSON()
        #expect(safe == "{  \"a\\u007f\\u0085\\u202e\\u2028b\": \"✓\\n\"  }")
        #expect(try JSONValue(parsing: safe) == JSONValue(parsing: json))
        #expect(safe.escapingControls() == safe)
    }
}
