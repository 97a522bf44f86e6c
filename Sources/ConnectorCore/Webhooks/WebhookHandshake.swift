/// How a sender makes sure, before it sends anything, that a URL wants its webhooks: Business Central and other services
/// of Microsoft ask with the query parameter `validationToken`. Such a request proves nothing and carries no event.
package enum WebhookHandshake {
    /// Tokens are some hundred bytes long; longer ones are somebody's game.
    private static let maximumTokenBytes = 1024

    /// The token as plain text, or 400 for one that is not sent back; nil where the request is no handshake.
    ///
    /// A stranger may choose the token: it comes back only where it is short printable ASCII and given once, and as what
    /// no browser takes for a page.
    package static func answer(
        _ method: String,
        _ query: [(name: String, value: String)],
        parameter: String
    ) -> TransportResponse? {
        let tokens = query.filter { $0.name == parameter }.map { Array($0.value.utf8) }
        guard method == "POST" || method == "GET", let token = tokens.first else { return nil }
        let isPrintable = token.allSatisfy { (0x20...0x7E).contains($0) }
        guard tokens.count == 1, (1...maximumTokenBytes).contains(token.count), isPrintable else {
            return TransportResponse(status: 400)
        }
        return TransportResponse(
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
