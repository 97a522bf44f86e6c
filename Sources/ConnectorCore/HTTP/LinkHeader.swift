/// The `Link` header (RFC 8288), as far as paging needs it.
package enum LinkHeader {
    /// The target of the first link whose relation types include `relation`.
    package static func target(_ headers: TransportHeaders, relation: String) -> String? {
        for value in headers.all("Link") {
            for link in links(value)
            where relations(link.parameters).contains(where: { $0.equalsIgnoringASCIICase(relation) }) {
                return link.target
            }
        }
        return nil
    }

    /// Splits at `<…>`: a comma or semicolon inside the brackets or inside quotes separates nothing.
    private static func links(_ value: String) -> [(target: String, parameters: Substring)] {
        var links: [(target: String, parameters: Substring)] = []
        var rest = value[...]
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            let target = String(rest[rest.index(after: open)..<close])
            rest = rest[rest.index(after: close)...]
            let end = unquoted(",", in: rest)
            links.append((target, rest[..<(end ?? rest.endIndex)]))
            rest = end.map { rest[rest.index(after: $0)...] } ?? ""
        }
        return links
    }

    private static func unquoted(_ separator: Character, in text: Substring) -> Substring.Index? {
        var isQuoted = false
        return text.firstIndex { character in
            if character == "\"" { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
    }

    private static func relations(_ parameters: Substring) -> [String] {
        var rest = parameters
        while !rest.isEmpty {
            let end = unquoted(";", in: rest)
            let parameter = rest[..<(end ?? rest.endIndex)]
            rest = end.map { rest[rest.index(after: $0)...] } ?? ""
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, trimmed(pair[0]).equalsIgnoringASCIICase("rel") else { continue }
            return trimmed(pair[1]).filter { $0 != "\"" }.split(separator: " ").map(String.init)
        }
        return []
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
