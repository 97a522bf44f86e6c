import ConnectorCore
import Testing

struct WebhookHandshakeTests {
    private func answer(_ query: [(name: String, value: String)], _ method: String = "POST") -> TransportResponse? {
        WebhookHandshake.answer(method, query, parameter: "validationToken")
    }

    @Test func `a validation token comes back as plain text`() throws {
        let token = "Validation: Testing client application reachability for subscription Request-Id: 7d2f"
        let response = try #require(answer([("tenant", "t1"), ("validationToken", token)]))
        #expect(response.status == 200)
        #expect(response.body == Array(token.utf8))
        #expect(response.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
    }

    @Test func `a request without a validation token is no handshake`() {
        #expect(answer([]) == nil)
        #expect(answer([("validationtoken", "a"), ("token", "b")]) == nil)
        #expect(answer([("validationToken", "a")], "DELETE") == nil)
        #expect(answer([("validationToken", "a")], "GET")?.status == 200)
    }

    @Test func `markup comes back as text that no browser takes for a page`() throws {
        let response = try #require(answer([("validationToken", "<script>alert(1)</script>")]))
        #expect(response.headers["Content-Type"] == "text/plain; charset=utf-8")
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
    }

    @Test(arguments: [
        "", "a\r\nSet-Cookie: x=1", "a\u{0}", "\u{7F}", "grüezi", "\t", String(repeating: "a", count: 1025),
    ])
    func `a token that is not short printable ASCII is not sent back`(token: String) {
        #expect(answer([("validationToken", token)]) == TransportResponse(status: 400))
    }

    @Test func `the longest token comes back, and of two tokens none`() {
        let longest = String(repeating: "a", count: 1024)
        #expect(answer([("validationToken", longest)])?.status == 200)
        #expect(answer([("validationToken", "a"), ("validationToken", "a")]) == TransportResponse(status: 400))
    }
}
