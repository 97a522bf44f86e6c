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
}
