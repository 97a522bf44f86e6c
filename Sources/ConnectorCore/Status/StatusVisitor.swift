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
    private let headers: TransportHeaders

    package init(peer: String, headers: TransportHeaders) {
        self.peer = peer
        self.headers = headers
    }

    package func isAllowed(by rule: Rule) -> Bool {
        switch rule {
        case .all: true
        case .none: false
        case .local: LocalCaller.isOne(peer: peer, headers: headers)
        }
    }

    /// What is shown as `listener.status_token`: a bearer token (RFC 6750), or, as browsers do, the password of Basic
    /// authentication (RFC 7617) with any name.
    package var offeredToken: Secret? {
        guard let words = headers["Authorization"]?.split(separator: " ", maxSplits: 1), words.count == 2 else {
            return nil
        }
        switch words[0].lowercased() {
        case "bearer": return Secret(String(words[1]))
        case "basic":
            guard let pair = Base64Text.bytes(words[1]).map({ String(decoding: $0, as: UTF8.self) }),
                let colon = pair.firstIndex(of: ":")
            else { return nil }
            return Secret(String(pair[pair.index(after: colon)...]))
        default: return nil
        }
    }
}
