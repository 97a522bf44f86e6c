/// The answer to a sender that wants to see whether somebody listens before it sends events.
package enum WebhookHandshake {
    /// A token of a thousand bytes is long; longer ones are somebody's game.
    private static let maximumBytes = 1_024

    /// The token of a validation request as plain text; nil where the request is none.
    package static func answer(
        _ method: String,
        _ query: [(name: String, value: String)],
        parameter: String
    ) -> HTTPResponse? {
        guard method == "POST" || method == "GET", let token = query.first(where: { $0.name == parameter })?.value,
            (1...maximumBytes).contains(token.utf8.count), token.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"],
            body: Array(token.utf8)
        )
    }
}
