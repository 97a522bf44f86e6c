/// Who asks for the status page or the metrics, and whether he may see them.
package struct StatusVisitor: Sendable {
    /// `listener.status` of `connectord.json5`.
    package enum Rule: String, Sendable, CaseIterable {
        /// Programs of this machine, not through a proxy.
        case local
        /// Whoever reaches the listener.
        case all
        case none
    }

    private let peer: String
    private let headers: HTTPHeaders

    package init(peer: String, headers: HTTPHeaders) {
        self.peer = peer
        self.headers = headers
    }

    /// What proxies add: with one of them the visitor is somebody else than the peer.
    private static let marks = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"]

    package func isAllowed(by rule: Rule) -> Bool {
        switch rule {
        case .all: true
        case .none: false
        case .local: isLocal
        }
    }

    private var isLocal: Bool {
        guard peer == "unix" || Self.isLoopback(peer) else { return false }
        guard Self.marks.allSatisfy({ headers[$0] == nil }) else { return false }
        // A page from elsewhere can give its own name this machine's address; the browser then sends that name.
        return headers["Host"].map(Self.isLoopbackHost) ?? true
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
