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

    package func isAllowed(by rule: Rule) -> Bool {
        switch rule {
        case .all: true
        case .none: false
        case .local: LocalCaller.isOne(peer: peer, headers: headers)
        }
    }
}
