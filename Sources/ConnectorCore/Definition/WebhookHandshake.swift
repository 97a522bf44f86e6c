/// How a sender makes sure, before it sends anything, that a URL wants its webhooks; the raw value is its name in
/// configuration.
package enum WebhookHandshake: String, Sendable, CaseIterable {
    /// Business Central and other services of Microsoft: a request with the query parameter `validationToken` is
    /// answered with the token as plain text. Such a request proves nothing and carries no event.
    case validationToken = "validation_token"

    /// Tokens are some hundred characters long; more is not worth sending back.
    private static let maximumTokenBytes = 1024

    /// The answer to a handshake; nil where the request is none.
    ///
    /// A stranger may choose the token: it is sent back only where it is short printable ASCII, and as what no browser
    /// takes for a page.
    package func answer(query: [(name: String, value: String)]) -> HTTPResponse? {
        let tokens = query.filter { $0.name == "validationToken" }.map { Array($0.value.utf8) }
        guard let token = tokens.first else { return nil }
        let isPrintable = token.allSatisfy { (0x20...0x7E).contains($0) }
        guard tokens.count == 1, !token.isEmpty, token.count <= WebhookHandshake.maximumTokenBytes, isPrintable else {
            return HTTPResponse(status: 400)
        }
        return HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": "text/plain; charset=utf-8",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            ],
            body: token
        )
    }
}
