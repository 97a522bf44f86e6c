import ConnectorConfiguration
import ConnectorCore
import Testing

struct WebhookSchemeReaderTests {
    /// Reads the members of a `webhook` block, which begin in column 1 of line 2.
    private func read(_ members: String) -> (scheme: WebhookScheme?, lines: [String]) {
        let diagnostics = DiagnosticCollector()
        guard let value = JSON5Reader.read(Array("{\n\(members) }".utf8), file: "f", diagnostics: diagnostics) else {
            return (nil, diagnostics.lines)
        }
        let scheme = ConfigReader.read(value, path: "webhook", diagnostics: diagnostics) { reader in
            WebhookSchemeReader().read(&reader)
        }
        return (scheme, diagnostics.lines)
    }

    @Test(arguments: [
        ("signature: \"stripe\"", WebhookScheme.stripe()),
        ("signature: \"stripe\", tolerance: \"1m\"", .stripe(tolerance: .seconds(60))),
        (
            "signature: \"square\", notification_url: \"https://a.example/webhooks/square\"",
            .square(notificationURL: "https://a.example/webhooks/square")
        ),
        ("signature: \"go_cardless\"", .goCardless), ("signature: \"adyen\"", .adyen),
        ("signature: \"adyen_header\"", .adyenHeader), ("signature: \"shopify\"", .shopify),
        ("signature: \"xero\"", .xero), ("signature: \"frappe\"", .frappe),
        ("signature: \"token\", header: \"X-Token\"", .token(header: "X-Token")),
        (
            "signature: \"token\", header: \"Authorization\", prefix: \"Bearer \"",
            .token(header: "Authorization", prefix: "Bearer ")
        ),
        ("signature: \"token_query\", parameter: \"token\"", .tokenInQuery("token")),
        ("signature: \"token_body\", path: \"value.clientState\"", .tokenInBody(path: ["value", "clientState"])),
        ("signature: \"token_body\", path: [\"value\", \"a.b\"]", .tokenInBody(path: ["value", "a.b"])),
        ("signature: \"hmac\", header: \"X-Signature\"", .hmac(WebhookSignature())),
        (
            "signature: \"hmac\", header: \"X-Hub-Signature-256\", prefix: \"sha256=\"",
            .hmac(WebhookSignature(header: "X-Hub-Signature-256", form: .plain(prefix: "sha256=")))
        ),
        (
            "signature: \"hmac\", header: \"X-S\", algorithm: \"sha512\", encoding: \"base64\", key_encoding: \"hex\", "
                + "time_header: \"X-T\", tolerance: 60, signs: [\"text:v0:\", \"time\", \"header:X-Id\", \"body\"]",
            .hmac(
                WebhookSignature(
                    header: "X-S",
                    algorithm: .sha512,
                    encoding: .base64,
                    time: WebhookSignature.Time(.header("X-T"), tolerance: .seconds(60)),
                    signs: [.text("v0:"), .time, .header("X-Id"), .body],
                    key: .hex
                )
            )
        ),
        (
            "signature: \"hmac\", header: \"Stripe-Signature\", parameter: \"v1\", time_parameter: \"t\", "
                + "signs: [\"time\", \"text:.\", \"body\"]",
            .hmac(
                WebhookSignature(
                    header: "Stripe-Signature",
                    form: .list(signature: "v1"),
                    time: WebhookSignature.Time(.listed("t")),
                    signs: [.time, .text("."), .body]
                )
            )
        ),
    ])
    func `each scheme is read`(members: String, scheme: WebhookScheme) {
        let reading = read(members)
        #expect(reading.lines == [])
        #expect(reading.scheme == scheme)
        #expect(scheme.flaw == nil)
    }

    @Test func `no signature is a keyed digest, and none has to be written`() {
        #expect(read("").scheme == .hmac(WebhookSignature()))
        #expect(read("").lines == [])
        #expect(read("signature: \"none\"").scheme == nil)
        #expect(read("signature: \"none\"").lines == [])
        #expect(read("signature: \"none\", header: \"X-S\"").lines.count == 1)
    }

    @Test(arguments: [
        (
            "signature: \"stipe\", tolerance: 5",
            "f:2:12: webhook.signature: unknown signature \"stipe\"; did you mean \"stripe\"? (one of: \"hmac\", "
                + "\"stripe\", \"square\", \"go_cardless\", \"adyen\", \"adyen_header\", \"shopify\", \"xero\", "
                + "\"frappe\", \"token\", \"token_query\", \"token_body\", \"none\")"
        ),
        (
            "signature: \"token\"",
            "f:1:1: webhook.header: is missing; add header with the name of a header"
        ),
        (
            "signature: \"hmac\", header: \"X Signature\"",
            "f:2:28: webhook.header: is no name of a header; write the name alone, such as \"X-Signature\""
        ),
        (
            "signature: \"hmac\", header: \"X-S\", signs: [\"body\", \"bdy\"]",
            "f:2:51: webhook.signs[1]: is nothing that is signed; "
                + "write \"body\", \"time\", \"header:NAME\" or \"text:…\" (fixed text)"
        ),
        (
            "signature: \"hmac\", header: \"X-S\", signs: [\"text:a\"]",
            "f:2:42: webhook.signs: makes no sense: the body is not signed; "
                + "write what the sender signs, such as [\"body\"]"
        ),
        (
            "signature: \"hmac\", header: \"X-S\", time_header: \"X-T\"",
            "f:1:1: webhook.signs: makes no sense: the time is read, but not signed; "
                + "write what the sender signs, such as [\"body\"]"
        ),
        (
            "signature: \"hmac\", header: \"X-S\", signs: [\"time\", \"body\"]",
            "f:2:42: webhook.signs: makes no sense: the time is signed, but stands nowhere; "
                + "write what the sender signs, such as [\"body\"]"
        ),
        (
            "signature: \"hmac\", header: \"X-S\", prefix: \"a\", parameter: \"v1\"",
            "f:2:43: webhook.prefix: stands beside `parameter`; keep one of the two"
        ),
        (
            "signature: \"hmac\", header: \"X-S\", time_parameter: \"t\", signs: [\"time\", \"body\"]",
            "f:2:51: webhook.time_parameter: stands without `parameter`; write the signature's name in the list too"
        ),
        (
            "signature: \"hmac\", header: \"X-S\", parameter: \"v1\", time_parameter: \"t\", time_header: \"X-T\"",
            "f:2:68: webhook.time_parameter: stands beside `time_header`; keep one of the two"
        ),
        (
            "signature: \"square\", notification_url: \"webhooks/square\"",
            "f:2:40: webhook.notification_url: is no URL; write the URL that is registered with Square, to the letter"
        ),
        (
            "signature: \"token_body\", path: \"value..clientState\"",
            "f:2:32: webhook.path: is a path with an empty or open step, which is not read here; "
                + "write \"value.clientState\"; a name that holds a dot or bracket itself stands in an array: [\"a.b\"]"
        ),
        (
            "signature: \"token_query\"",
            "f:1:1: webhook.parameter: is missing; add parameter with a string"
        ),
        (
            "signature: \"shopify\", header: \"X-S\"",
            "f:2:23: webhook.header: unknown key; known here: signature"
        ),
        (
            "signature: \"stripe\", tolerance: \"2d\"",
            "f:2:33: webhook.tolerance: \"2d\" is out of range; write a number and a unit, such as \"90s\", \"5m\" "
                + "or \"1h30m\", from 0s to 1d"
        ),
    ])
    func `mistakes`(members: String, line: String) {
        let reading = read(members)
        #expect(reading.lines == [line])
    }

    @Test func `a secret that is no key of its scheme is reported`() {
        let webhook =
            "webhook: { signature: \"adyen\", secret: { credential: \"key\" }, on: { \"*\": { sync: [\"s\"] } } }"
        let rest = "{ base_url: \"https://a.example\", auth_type: \"none\", streams: { s: { path: \"/s\" } },"
        #expect(
            Reading("\(rest)\n\(webhook) }").lines == [
                "f:2:40: webhook.secret: can prove nothing: a secret is no key in hex; copy it as the sender shows it"
            ]
        )
    }
}
