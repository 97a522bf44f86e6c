import ConnectorCore

/// URLs below a base: one slash between the parts, whatever slashes the parts bear.
enum ClientPath {
    static func joined(_ base: String, _ part: String) -> String {
        let head = String(base.reversed().drop { $0 == "/" }.reversed())
        let tail = part.drop { $0 == "/" }
        return tail.isEmpty ? head : "\(head)/\(tail)"
    }

    /// The path is taken as it is, but for what would change where it leads.
    static func url(_ base: String, _ path: String, _ query: [(name: String, value: String)]) -> String {
        let url = joined(base, path.contains { $0.isWhitespace || $0 == "#" } ? path.pathEncoded : path)
        guard !query.isEmpty else { return url }
        let pairs = query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }
        return url + (url.contains("?") ? "&" : "?") + pairs.joined(separator: "&")
    }
}

extension String {
    /// Percent-encoded but for slashes and what a query is written with.
    fileprivate var pathEncoded: String {
        split(separator: "/", omittingEmptySubsequences: false)
            .map { String($0).percentEncoded }
            .joined(separator: "/")
    }
}
