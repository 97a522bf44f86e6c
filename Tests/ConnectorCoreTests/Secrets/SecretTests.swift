import ConnectorCore
import Testing

private struct Holder {
    var name = "n"
    var secret = Secret("hunter22")
    var optional: Secret? = Secret("hunter22")
    var list = [Secret("hunter22")]
}

struct SecretTests {
    @Test func `no way of printing shows a secret`() {
        let secret = Secret("hunter22")
        var dumped = ""
        dump(secret, to: &dumped)
        dump(Holder(), to: &dumped)
        var printed = ""
        print(secret, Holder(), to: &printed)
        debugPrint(secret, Holder(), [secret], ["k": secret], to: &printed)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), secret.description,
            secret.debugDescription, "\(Holder())", String(reflecting: Holder()), dumped, printed,
            "\(Optional(secret) as Any)", "\(Mirror(reflecting: secret))",
        ]
        for text in texts {
            #expect(!text.contains("hunter"))
        }
        #expect("\(secret)" == "‹secret›")
        #expect(dumped.contains("‹secret›"))
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func `only reveal gives the text`() {
        #expect(Secret("a").reveal() == "a")
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
        #expect(Secret("").isEmpty)
    }
}
