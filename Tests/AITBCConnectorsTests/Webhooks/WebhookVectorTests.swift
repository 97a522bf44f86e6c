import AITBCConnectors
import ConnectorCore
import Testing

/// One request for each scheme, signed by somebody else.
struct WebhookVectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let scheme: WebhookScheme
        let secret: String
        let header: String
        let signature: String
        let body: String
        var time = WebhookVectorTests.time

        var testDescription: String { name }
        var verifier: WebhookVerifier { verifier([secret]) }

        func verifier(_ secrets: [String]) -> WebhookVerifier {
            WebhookVerifier(scheme: scheme, secrets: secrets.map { Secret($0) })
        }
    }

    static let time = Instant(seconds: 1_492_774_577)

    private static let gitHub = Vector(
        name: "GitHub's documentation, with a prefix",
        scheme: .hmac(WebhookSignature(header: "X-Hub-Signature-256", form: .plain(prefix: "sha256="))),
        secret: "It's a Secret to Everybody",
        header: "X-Hub-Signature-256",
        signature: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        body: "Hello, World!"
    )
    private static let square = Vector(
        name: "Square's documentation",
        scheme: .square(notificationURL: "https://example.com/webhook"),
        secret: "asdf1234",
        header: "x-square-hmacsha256-signature",
        signature: "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=",
        body: #"{"hello":"world"}"#
    )
    private static let goCardless = Vector(
        name: "GoCardless's client libraries",
        scheme: .goCardless,
        secret: "ED7D658C-D8EB-4941-948B-3973214F2D49",
        header: "Webhook-Signature",
        signature: "2693754819d3e32d7e8fcb13c729631f316c6de8dc1cf634d6527f1c07276e7e",
        body:
            #"{"events":[{"id":"EV00BD05S5VM2T","created_at":"2018-07-05T09:13:51.404Z","resource_type":"subscriptions","action":"created","links":{"subscription":"SB0003JJQ2MR06"},"details":{"origin":"api","cause":"subscription_created","description":"Subscription created via the API."},"metadata":{}},{"id":"EV00BD05TB8K63","created_at":"2018-07-05T09:13:56.893Z","resource_type":"mandates","action":"created","links":{"mandate":"MD000AMA19XGEC"},"details":{"origin":"api","cause":"mandate_created","description":"Mandate created via the API."},"metadata":{}}]}"#
    )
    private static let adyenHeader = Vector(
        name: "Adyen's client libraries, in the header",
        scheme: .adyenHeader,
        secret: "D7DD5BA6146493707BF0BE7496F6404EC7A63616B7158EC927B9F54BB436765F",
        header: "HmacSignature",
        signature: "9Qz9S/0xpar1klkniKdshxpAhRKbiSAewPpWoxKefQA=",
        body:
            #"{"data":{"balancePlatform":"Integration_tools_test","accountId":"BA32272223222H5HVKTBK4MLB","sweep":{"id":"SWPC42272223222H5HVKV6H8C64DP5","schedule":{"type":"balance"},"status":"active","targetAmount":{"currency":"EUR","value":0},"triggerAmount":{"currency":"EUR","value":0},"type":"pull","counterparty":{"balanceAccountId":"BA3227C223222H5HVKT3H9WLC"},"currency":"EUR"}},"environment":"test","type":"balancePlatform.balanceAccountSweep.updated"}"#
    )

    static let published = [gitHub, square, goCardless, adyenHeader]

    /// Stripe, Shopify, Xero and Frappe publish how they sign, but no request together with its secret: these
    /// signatures were made with Python's `hmac`. The body of Xero's is the one in its documentation.
    static let computed = [
        Vector(
            name: "Stripe",
            scheme: .stripe(),
            secret: "whsec_test_secret",
            header: "Stripe-Signature",
            signature: "t=1492774577,v1=91110bb4292e56d95b06660f55b3f65c0157840684729f1271e6da44c1ed57eb",
            body: #"{"id":"evt_1","object":"event","type":"charge.succeeded"}"#
        ),
        Vector(
            name: "Shopify",
            scheme: .shopify,
            secret: "shpss_0123456789abcdef",
            header: "X-Shopify-Hmac-Sha256",
            signature: "FV3NK5gPPZ/9bqE4DA6QFthZ6ppuxst83tsSgRL/LuQ=",
            body: #"{"id":820982911946154508,"email":"jon@example.com","total_price":"403.00"}"#
        ),
        Vector(
            name: "Xero",
            scheme: .xero,
            secret: "ABC123",
            header: "x-xero-signature",
            signature: "BliCoqBVe1yagQ1XkGYaIdLyTq+hRS0vVpVeoBQyu7A=",
            body: #"{"events":[],"lastEventSequence":0,"firstEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}"#
        ),
        Vector(
            name: "Frappe",
            scheme: .frappe,
            secret: "frappe secret",
            header: "X-Frappe-Webhook-Signature",
            signature: "Wm9vU36khQ8xHkoJusMuiL+GnX7rD/6d1Tp3hR4zBks=",
            body: #"{"doctype": "Sales Invoice", "name": "ACC-SINV-2027-00001", "grand_total": 403.0}"#
        ),
    ]

    static let all = published + computed

    @Test(arguments: published) func `a published signature is right`(vector: Vector) throws {
        try vector.verifier.verify(
            Array(vector.body.utf8),
            headers: [vector.header: vector.signature],
            at: vector.time
        )
    }

    @Test(arguments: computed) func `a signature is right, computed because none is published`(vector: Vector) throws {
        try vector.verifier.verify(
            Array(vector.body.utf8),
            headers: [vector.header: vector.signature],
            at: vector.time
        )
    }

    @Test func `Xero's intent to receive tells right from wrong by the signature alone`() throws {
        let xero = try #require(Self.computed.first { $0.scheme == .xero })
        #expect(throws: WebhookRefusal.mismatch) {
            try xero.verifier.verify(
                Array(xero.body.utf8),
                headers: [xero.header: "CliCoqBVe1yagQ1XkGYaIdLyTq+hRS0vVpVeoBQyu7A="],
                at: xero.time
            )
        }
    }
}
