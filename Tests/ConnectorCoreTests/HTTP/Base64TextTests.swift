import ConnectorCore
import Testing

struct Base64TextTests {
    /// RFC 4648 § 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"), ("Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
    ])
    func `the standard's own examples`(text: String, encoded: String) {
        #expect(Base64Text.text(Array(text.utf8)) == encoded)
    }

    @Test func `every byte value has its place in the alphabet`() {
        #expect(Base64Text.text([0, 0, 0]) == "AAAA")
        #expect(Base64Text.text([255, 255, 255]) == "////")
        #expect(Base64Text.text([251, 239, 190]) == "++++")
        #expect(Base64Text.text([255]) == "/w==")
        #expect(Base64Text.text(Array(0...255)).utf8.count == 344)
    }

    @Test func `what was encoded is read again, whatever its length`() {
        var generator = SeededGenerator(seed: 1)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(Base64Text.bytes(Base64Text.text(bytes)) == bytes)
        }
    }

    @Test(
        arguments: [
            "A", "AA", "AAA", "AAAAA", "=", "====", "A===", "AA=A", "AA==AAAA", "AAAA====", "AB==", "AAB=", "A-_A",
            "AA A", "AAA\n", " AAAA", "AAAA\r\n", "AÄA=", "AAA*",
        ]
    )
    func `only one spelling of a value is read`(text: String) {
        #expect(Base64Text.bytes(text) == nil)
    }

    @Test func `a URL takes the other alphabet without padding`() {
        #expect(Base64Text.urlSafeText([251, 239, 190, 255]) == "----_w")
        #expect(Base64Text.urlSafeText([]).isEmpty)
    }
}
