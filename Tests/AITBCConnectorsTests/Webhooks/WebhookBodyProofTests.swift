import AITBCConnectors
import ConnectorCore
import Testing

/// Proofs within the body or the URL: Adyen's items, and shared tokens.
struct WebhookBodyProofTests {
    private static let time = Instant(seconds: 1_800_000_000)

    private func refusal(
        _ scheme: WebhookScheme,
        _ secrets: [String],
        body: String = "{}",
        headers: TransportHeaders = [:],
        query: [(name: String, value: String)] = []
    ) -> WebhookRefusal? {
        let verifier = WebhookVerifier(scheme: scheme, secrets: secrets.map { Secret($0) })
        do throws(WebhookRefusal) {
            try verifier.verify(Array(body.utf8), headers: headers, query: query, at: Self.time)
            return nil
        } catch {
            return error
        }
    }

    // MARK: - Adyen

    /// Of Adyen's client libraries.
    private static let key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
    private static let otherKey = "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00"

    private static func item(
        signature: String = "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=",
        reference: String = "7914073381342284",
        merchantReference: String = "TestPayment-1407325143704",
        value: String = "1130",
        event: String = "AUTHORISATION",
        success: String = "\"true\""
    ) -> String {
        #"{"NotificationRequestItem":{"additionalData":{"hmacSignature":"\#(signature)"},"#
            + #""amount":{"value":\#(value),"currency":"EUR"},"pspReference":"\#(reference)","#
            + #""eventCode":"\#(event)","eventDate":"2019-05-06T17:15:34.121+02:00","#
            + #""merchantAccountCode":"TestMerchant","merchantReference":"\#(merchantReference)","#
            + #""paymentMethod":"visa","success":\#(success)}}"#
    }

    private static let refund = item(
        signature: "J7HhsgZo5KwqdB7LFZJV6rfQgp+RqC2kuYyw/3x3w+8=",
        value: "0",
        event: "REFUND"
    )
    private static let full =
        #"{"NotificationRequestItem":{"additionalData":{"hmacSignature":"ipnxGCaUZ4l8TUW75a71/ghd2Fe5ffvX0pV4TLTntIc="},"#
        + #""pspReference":"pspReference","originalReference":"originalReference","#
        + #""merchantAccountCode":"merchantAccount","merchantReference":"reference","#
        + #""amount":{"currency":"EUR","value":1000},"eventCode":"EVENT","success":"true"}}"#

    private static func notification(_ items: String...) -> String {
        #"{"live":"false","notificationItems":[\#(items.joined(separator: ","))]}"#
    }

    @Test func `the items that Adyen's libraries publish are right, alone and together`() {
        #expect(refusal(.adyen, [Self.key], body: Self.notification(Self.item())) == nil)
        #expect(refusal(.adyen, [Self.key], body: Self.notification(Self.refund)) == nil)
        #expect(refusal(.adyen, [Self.key], body: Self.notification(Self.item(), Self.refund)) == nil)
        #expect(refusal(.adyen, [Self.otherKey], body: Self.notification(Self.full)) == nil)
        #expect(refusal(.adyen, [Self.otherKey, Self.key], body: Self.notification(Self.full, Self.item())) == nil)
        #expect(refusal(.adyen, [Self.key.lowercased()], body: Self.notification(Self.item(success: "true"))) == nil)
    }

    @Test(arguments: [
        item(reference: "7914073381342285"), item(merchantReference: "TestPayment-1"), item(value: "1131"),
        item(event: "REFUND"), item(success: "\"false\""),
        item(signature: "doqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="),
        full,
    ])
    func `one item that is not right makes the whole wrong`(wrong: String) {
        #expect(refusal(.adyen, [Self.key], body: Self.notification(wrong)) == .mismatch)
        #expect(refusal(.adyen, [Self.key], body: Self.notification(Self.item(), wrong)) == .mismatch)
        #expect(refusal(.adyen, [Self.key], body: Self.notification(wrong, Self.item())) == .mismatch)
    }

    @Test(arguments: [
        ("", WebhookRefusal.malformedEvent), ("[]", .malformedEvent), ("{}", .malformedEvent),
        (notification(), .unsigned), (notification("{}"), .malformedEvent), (notification("7"), .malformedEvent),
        (notification(#"{"NotificationRequestItem":{}}"#), .unsigned), (notification(item(signature: "")), .unsigned),
        (notification(item(), #"{"NotificationRequestItem":{"pspReference":"1"}}"#), .unsigned),
        (notification(item(signature: "72aa829adfc86781370b33ef318f334e")), .mismatch),
        (notification(item(signature: "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0")), .malformedSignature),
        (notification(item(reference: "7914073381342284:")), .malformedEvent),
    ])
    func `a body without Adyen's items, or without their signatures, is refused`(body: String, why: WebhookRefusal) {
        #expect(refusal(.adyen, [Self.key], body: body) == why)
    }

    @Test func `a colon moves no text from one of Adyen's fields to another`() {
        // The text that is signed is the same as the published item's.
        let moved = Self.item(reference: "7914073381342284::TestMerchant", merchantReference: "x")
        #expect(refusal(.adyen, [Self.key], body: Self.notification(moved)) == .malformedEvent)
    }

    @Test(arguments: ["", "secret", "4478", "44782DEF 547AAA06"]) func `Adyen's key is hex`(secret: String) async {
        #expect(refusal(.adyen, [secret], body: Self.notification(Self.item())) != nil)
        let isKey = secret == "4478"
        for scheme in [WebhookScheme.adyen, .adyenHeader] {
            #expect((scheme.flaw(of: [Secret(secret)]) == nil) == isKey)
        }
        #expect((WebhookScheme.shopify.flaw(of: [Secret(secret)]) == nil) == !secret.isEmpty)
    }

    // MARK: - Tokens

    @Test(
        arguments: [
            (["Authorization": "Bearer s3cret"], nil), (["authorization": "Bearer s3cret"], nil),
            ([:], .unsigned), (["Authorization": ""], .unsigned), (["Authorization": "Bearer "], .unsigned),
            (["Authorization": "s3cret"], .malformedSignature),
            (["Authorization": "bearer s3cret"], .malformedSignature),
            (["Authorization": "Bearer s3cre"], .mismatch), (["Authorization": "Bearer s3cret "], .mismatch),
            (["Authorization": "Bearer S3cret"], .mismatch), (["X-Token": "s3cret"], .unsigned),
            (["Authorization": "Bearer s3cret", "AUTHORIZATION": "Bearer s3cret"], .malformedSignature),
            (["Authorization": "Bearer " + String(repeating: "s", count: 3000)], .malformedSignature),
        ] as [(TransportHeaders, WebhookRefusal?)]
    )
    func `a token in a header is the secret, to the letter`(headers: TransportHeaders, why: WebhookRefusal?) {
        let scheme = WebhookScheme.token(header: "Authorization", prefix: "Bearer ")
        #expect(refusal(scheme, ["s3cret"], headers: headers) == why)
        #expect(refusal(scheme, ["other", "s3cret"], headers: headers) == why)
        #expect(refusal(scheme, [], headers: headers) == .noSecret)
    }

    @Test func `a token in the URL is the secret, once`() {
        let scheme = WebhookScheme.tokenInQuery("token")
        #expect(refusal(scheme, ["s3cret"], query: [("a", "1"), ("token", "s3cret")]) == nil)
        #expect(refusal(scheme, ["s3cret"], query: [("token", "s3cre")]) == .mismatch)
        #expect(refusal(scheme, ["s3cret"], query: [("Token", "s3cret")]) == .unsigned)
        #expect(refusal(scheme, ["s3cret"], query: [("token", "")]) == .unsigned)
        #expect(refusal(scheme, ["s3cret"], query: []) == .unsigned)
        let twice = [("token", "s3cret"), ("token", "s3cret")].map { (name: $0.0, value: $0.1) }
        #expect(refusal(scheme, ["s3cret"], query: twice) == .malformedSignature)
    }

    @Test(
        arguments: [
            (#"{"value":[{"clientState":"s3cret","resource":"a"},{"clientState":"s3cret"}]}"#, nil),
            (#"{"value":{"clientState":"s3cret"}}"#, nil),
            (#"{"value":[{"clientState":"s3cret"},{"clientState":"other"}]}"#, .mismatch),
            (#"{"value":[{"clientState":"s3cret"},{"resource":"a"}]}"#, .unsigned),
            (#"{"value":[{"clientState":"s3cret"},"text"]}"#, .unsigned),
            (#"{"value":[{"clientState":""}]}"#, .unsigned), (#"{"value":[]}"#, .unsigned), (#"{}"#, .unsigned),
            (#"{"value":[{"clientState":null}]}"#, .malformedSignature),
            (#"{"value":[{"clientState":7}]}"#, .malformedSignature),
            (#"{"clientState":"s3cret"}"#, .unsigned), ("", .malformedEvent), (#"{"value":"#, .malformedEvent),
        ] as [(String, WebhookRefusal?)]
    )
    func `a token in the body is the secret, in every element`(body: String, why: WebhookRefusal?) {
        #expect(refusal(.tokenInBody(path: ["value", "clientState"]), ["s3cret"], body: body) == why)
    }

    @Test func `a handler takes a token, and shows it to nobody`() async throws {
        let options = WebhookOptions(scheme: .tokenInQuery("token"))
        let handler = WebhookHandler(options) { Self.time }
        try await handler.setup(endpoint: "/x", secret: Secret("s3cret"))
        let body = Array(#"{"id":"1","type":"t"}"#.utf8)
        let answer = try await handler.handle(payload: body, headers: [:], query: [("token", "s3cret")])
        #expect(answer.eventID == "1")
        #expect(throws: WebhookError.self) { try handler.verify(payload: body, headers: [:]) }

        let header = WebhookHandler(
            WebhookOptions(
                scheme: .token(header: "X-Token"),
                queue: { event in #expect(event.signature == nil) }
            )
        )
        try await header.setup(endpoint: "/x", secret: Secret("s3cret"))
        #expect(try await header.handle(payload: body, signature: "s3cret").status == .queued)
    }

    @Test(arguments: [
        WebhookScheme.token(header: ""), .tokenInQuery(""), .tokenInBody(path: []), .square(notificationURL: ""),
        .hmac(WebhookSignature(signs: [.text("a")])),
    ])
    func `a scheme that could prove nothing can't be set up`(scheme: WebhookScheme) async {
        let handler = WebhookHandler(WebhookOptions(scheme: scheme))
        await #expect(throws: ConfigurationError.self) { try await handler.setup(endpoint: "/x", secret: Secret("s")) }
    }
}
