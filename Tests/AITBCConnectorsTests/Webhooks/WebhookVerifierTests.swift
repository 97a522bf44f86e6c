import AITBCConnectors
import ConnectorCore
import ConnectorCrypto
import Testing

/// What was changed on the way, or made up, is refused: for every scheme that signs in a header.
struct WebhookVerifierTests {
    typealias Vector = WebhookVectorTests.Vector

    private func refusal(
        _ vector: Vector,
        signature: String? = nil,
        body: String? = nil,
        secrets: [String]? = nil,
        at instant: Instant? = nil
    ) -> WebhookRefusal? {
        refusal(
            vector.verifier(secrets ?? [vector.secret]),
            body ?? vector.body,
            [vector.header: signature ?? vector.signature],
            instant ?? vector.time
        )
    }

    private func refusal(
        _ verifier: WebhookVerifier,
        _ body: String,
        _ headers: TransportHeaders,
        _ instant: Instant
    ) -> WebhookRefusal? {
        do throws(WebhookRefusal) {
            try verifier.verify(Array(body.utf8), headers: headers, at: instant)
            return nil
        } catch {
            return error
        }
    }

    /// The signature's own text behind a prefix or name, its bytes, and how they are written.
    private func parts(_ vector: Vector) throws -> (before: String, bytes: [UInt8], isHex: Bool) {
        let isBase64 = vector.scheme.signature?.encoding == .base64
        let start =
            isBase64
            ? vector.signature.startIndex : vector.signature.lastIndex(of: "=").map(vector.signature.index(after:))
        let text = vector.signature[(start ?? vector.signature.startIndex)...]
        let bytes = try #require(isBase64 ? Base64Text.bytes(text) : HexText.bytes(text))
        return (String(vector.signature.dropLast(text.count)), bytes, !isBase64)
    }

    @Test(arguments: WebhookVectorTests.all) func `one bit that is flipped, in any byte`(vector: Vector) throws {
        let (before, bytes, isHex) = try parts(vector)
        for index in bytes.indices {
            var flipped = bytes
            flipped[index] ^= 1 << UInt8(index % 8)
            let text = isHex ? HexText.text(flipped) : Base64Text.text(flipped)
            #expect(refusal(vector, signature: before + text) == .mismatch)
        }
    }

    @Test(arguments: WebhookVectorTests.all) func `every truncation of the signature`(vector: Vector) throws {
        for length in 0..<vector.signature.count {
            #expect(refusal(vector, signature: String(vector.signature.prefix(length))) != nil)
        }
    }

    @Test(arguments: WebhookVectorTests.all) func `the signature in the other encoding`(vector: Vector) throws {
        let (before, bytes, isHex) = try parts(vector)
        let text = isHex ? Base64Text.text(bytes) : HexText.text(bytes)
        let refusal = refusal(vector, signature: before + text)
        // Hex digits are base64 of something else.
        #expect(refusal == (isHex ? .malformedSignature : .mismatch))
    }

    @Test(arguments: WebhookVectorTests.all) func `a body that is a byte longer, shorter or other`(vector: Vector) {
        #expect(refusal(vector, body: vector.body + " ") == .mismatch)
        #expect(refusal(vector, body: String(vector.body.dropLast())) == .mismatch)
        #expect(refusal(vector, body: "X" + vector.body.dropFirst()) == .mismatch)
        #expect(refusal(vector, body: "") == .mismatch)
    }

    @Test(arguments: WebhookVectorTests.all) func `another connector's secret, and one with a space`(vector: Vector) {
        let isHex = vector.scheme.signature?.key == .hex
        let other = isHex ? String(vector.secret.reversed()) : vector.secret + "x"
        #expect(refusal(vector, secrets: [other]) == .mismatch)
        #expect(refusal(vector, secrets: [vector.secret + " "]) == (isHex ? .noSecret : .mismatch))
        #expect(refusal(vector, secrets: [other, vector.secret]) == nil)
        #expect(refusal(vector, secrets: [vector.secret, other]) == nil)
    }

    @Test(arguments: WebhookVectorTests.all) func `no secret, and an empty one, prove nothing`(vector: Vector) {
        #expect(refusal(vector, secrets: []) == .noSecret)
        #expect(refusal(vector, secrets: [""]) == .noSecret)
        #expect(refusal(vector, secrets: ["", vector.secret]) == nil)
        let signed = HexText.text(MessageAuthentication.hmac(Array("{}".utf8), key: []))
        let plain = WebhookVerifier(scheme: .goCardless, secrets: [Secret("")])
        #expect(refusal(plain, "{}", ["Webhook-Signature": signed], vector.time) == .noSecret)
    }

    @Test(arguments: WebhookVectorTests.all) func `no signature, an empty one, and two headers`(vector: Vector) {
        let verifier = vector.verifier
        #expect(refusal(verifier, vector.body, [:], vector.time) == .unsigned)
        #expect(refusal(vector, signature: "") == .unsigned)
        var headers: TransportHeaders = [vector.header: vector.signature]
        headers.add(vector.header.uppercased(), vector.signature)
        #expect(refusal(verifier, vector.body, headers, vector.time) == .malformedSignature)
    }

    @Test func `Stripe's list without v1, or with v0 alone`() throws {
        let stripe = try #require(WebhookVectorTests.computed.first { $0.name == "Stripe" })
        let digest = try #require(stripe.signature.split(separator: "=").last)
        for list in [
            "t=1492774577", "t=1492774577,v0=\(digest)", "t=1492774577,\(digest)", "v1=\(digest)", "v1=,t=1492774577",
            "t=1492774577,t=1492774577,v1=\(digest)", "t=,v1=\(digest)", "t=-1,v1=\(digest)",
            "t=1492774577;v1=\(digest)",
            "t=1492774577,V1=\(digest)", "t=99999999999999999999,v1=\(digest)", "t=1e9,v1=\(digest)",
        ] {
            #expect(refusal(stripe, signature: list) == .malformedSignature, "\(list)")
        }
        #expect(refusal(stripe, signature: "t=1492774578,v1=\(digest)") == .mismatch)
        #expect(refusal(stripe, signature: "t=01492774577,v1=\(digest)") == .mismatch)
        let zeros = String(repeating: "0", count: 64)
        #expect(refusal(stripe, signature: "t=1492774577,v1=\(zeros),v0=\(zeros),v1=\(digest)") == nil)
        #expect(refusal(stripe, signature: "t=1492774577, v1=\(digest), v0=\(zeros)") == nil)
    }

    @Test func `a replay is refused beyond the tolerance, and taken at its very end`() throws {
        let stripe = try #require(WebhookVectorTests.computed.first { $0.name == "Stripe" })
        #expect(refusal(stripe, at: stripe.time + .seconds(300)) == nil)
        #expect(refusal(stripe, at: stripe.time + .seconds(300) + .milliseconds(1)) == .tooOld)
        #expect(refusal(stripe, at: stripe.time - .seconds(300)) == nil)
        #expect(refusal(stripe, at: stripe.time - .seconds(300) - .milliseconds(1)) == .tooNew)
        // Of a request that is not proven, the time tells nothing.
        #expect(refusal(stripe, body: "{}", at: stripe.time + .seconds(301)) == .mismatch)
    }

    @Test func `ten thousand signatures in a header, or nine, are not tried`() throws {
        let stripe = try #require(WebhookVectorTests.computed.first { $0.name == "Stripe" })
        let digest = try #require(stripe.signature.split(separator: "=").last)
        let right = ",v1=\(digest)"
        let many = "t=1492774577" + String(repeating: right, count: 10_000)
        let short = "t=1492774577" + String(repeating: ",v1=00", count: 8) + right
        #expect(refusal(stripe, signature: many) == .malformedSignature)
        #expect(refusal(stripe, signature: short) == .malformedSignature)
        #expect(refusal(stripe, signature: "t=1492774577" + String(repeating: right, count: 8)) == nil)
    }

    @Test func `what bears no proof passes only where that is allowed, and what is wrong never`() throws {
        for vector in WebhookVectorTests.all {
            let lax = WebhookVerifier(scheme: vector.scheme, secrets: [Secret(vector.secret)], allowsUnsigned: true)
            #expect(refusal(lax, vector.body, [:], vector.time) == nil)
            #expect(refusal(lax, vector.body, [vector.header: vector.signature], vector.time) == nil)
            #expect(refusal(lax, vector.body + " ", [vector.header: vector.signature], vector.time) == .mismatch)
            let open = WebhookVerifier(scheme: vector.scheme, secrets: [], allowsUnsigned: true)
            #expect(refusal(open, vector.body, [vector.header: "x"], vector.time) == nil)
        }
    }

    @Test func `a time in a header of its own is signed with the body`() throws {
        let scheme = WebhookScheme.hmac(
            WebhookSignature(
                header: "X-Signature",
                algorithm: .sha512,
                encoding: .base64,
                form: .plain(prefix: "v0="),
                time: WebhookSignature.Time(.header("X-Time"), tolerance: .seconds(60)),
                signs: [.text("v0:"), .time, .text(":"), .header("X-Id"), .text(":"), .body]
            )
        )
        let verifier = WebhookVerifier(scheme: scheme, secrets: [Secret("key")])
        // Python: hmac.new(b"key", b"v0:1492774577:d1:{}", sha512)
        let signature = "v0=jFZXw+z5/Qjr0osvAXEtvCiU/QRMbiV1SqAkG1d/N370ZiwBA/5Ytp2jfDn3YSh7tnMSECSbRq6z2S73ES3HLg=="
        let time = WebhookVectorTests.time
        let headers: TransportHeaders = ["X-Signature": signature, "X-Time": "1492774577", "X-Id": "d1"]
        #expect(refusal(verifier, "{}", headers, time) == nil)
        for (name, value) in [("X-Time", "1492774578"), ("X-Id", "d2")] {
            var other = headers
            other[name] = value
            #expect(refusal(verifier, "{}", other, time) == .mismatch)
            other[name] = nil
            #expect(refusal(verifier, "{}", other, time) == .malformedSignature)
        }
        #expect(refusal(verifier, "{}", headers, time + .seconds(61)) == .tooOld)
    }
}
