/// The one question whether a request comes from a program of this machine: not from another, not through a proxy, not
/// made by a web page. What a proxy does not mark can't be told: a bare `proxy_pass` looks like such a program.
package enum LocalCaller {
    /// What proxies add, besides `X-Forwarded-…`.
    private static let marks = ["Forwarded", "X-Real-IP", "Via"]

    /// `peer` is an address, or `unix` for a socket file.
    package static func isOne(peer: String, headers: TransportHeaders) -> Bool {
        guard peer == "unix" || isLoopback(peer), !isForwarded(headers) else { return false }
        // A page from elsewhere can give its own name this machine's address; the browser then sends that name.
        guard headers["Host"].map(isLoopbackHost) ?? true else { return false }
        return !isOfForeignPage(headers)
    }

    private static func isForwarded(_ headers: TransportHeaders) -> Bool {
        marks.contains { headers[$0] != nil }
            || headers.fields.contains { $0.name.lowercased().hasPrefix("x-forwarded-") }
    }

    /// Browsers say whose page asks; what a person typed, and our own page, is not foreign.
    private static func isOfForeignPage(_ headers: TransportHeaders) -> Bool {
        if let site = headers["Sec-Fetch-Site"], site != "none", site != "same-origin" { return true }
        guard let origin = headers["Origin"] else { return false }
        guard let host = headers["Host"] else { return true }
        return origin != "http://\(host)"
    }

    private static func isLoopback(_ address: String) -> Bool {
        address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }

    private static func isLoopbackHost(_ host: String) -> Bool {
        let name: Substring =
            if host.first == "[" {
                host.dropFirst().prefix { $0 != "]" }
            } else {
                host.prefix { $0 != ":" }
            }
        return name.lowercased() == "localhost" || isLoopback(String(name)) && name.allSatisfy { !$0.isLetter }
    }
}
