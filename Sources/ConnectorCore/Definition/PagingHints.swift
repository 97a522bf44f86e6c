/// What an answer has beside its records that speaks of pages, and that `paging` does not name: known names of common
/// APIs, and links that lead to the list itself. Only hints: a name may mean something else.
package enum PagingHints {
    /// By the key of `paging` that they may be for; without case, hyphens and underscores.
    private static let names: [(key: String, names: Set<String>)] = [
        (
            "next",
            [
                "next", "nextlink", "nextpage", "nexturl", "nextpagetoken", "nexttoken", "nextcursor", "nextoffset",
                "@odata.nextlink", "odata.nextlink", "cursor", "endcursor", "continuationtoken", "pagetoken",
                "bookmark",
            ]
        ),
        ("more", ["more", "hasmore", "hasnext", "hasnextpage", "moreitems"]),
        ("last", ["last", "islast", "islastpage", "lastpage"]),
        (
            "total",
            ["total", "totalcount", "totalitems", "totalresults", "totalrecords", "@odata.count", "recordcount"]
        ),
        ("pages", ["pages", "totalpages", "pagecount", "pagestotal", "numpages"]),
    ]
    /// Envelopes are flat; what lies deeper is a record.
    private static let mostDepth = 3
    /// Links to the list that lead to no next page.
    private static let others: Set<String> = ["self", "first", "last", "prev", "previous", "href", "url"]
    private static let mostHints = 4

    /// A line each, such as "`links.next`, which may be for `paging.next`". `answer` came from `url`.
    package static func of(_ answer: JSONValue, _ stream: StreamDefinition, from url: URLReference) -> [String] {
        found(in: answer, stream, url).prefix(mostHints).map { "\($0.place), which may be for `paging.\($0.key)`" }
    }

    /// Where an answer speaks of a next page for sure, and `paging` names none: a link to the list itself with another
    /// query, or a token called the next one.
    package static func unnamedNext(
        in answer: JSONValue,
        _ stream: StreamDefinition,
        from url: URLReference
    ) -> String? {
        found(in: answer, stream, url).first { $0.key == "next" && isSureNext($0.member, url) }?.place
    }

    private struct Hint {
        /// As it is shown, in backquotes.
        var place: String
        /// Of `paging`.
        var key: String
        var member: JSONValue.Member
    }

    private static func found(in answer: JSONValue, _ stream: StreamDefinition, _ url: URLReference) -> [Hint] {
        func look(at value: JSONValue, _ path: [String]) -> [Hint] {
            guard path.count < mostDepth, let members = value.members else { return [] }
            return members.flatMap { member -> [Hint] in
                let place = path + [member.name]
                guard place != stream.records, !declared(stream.paging).contains(place) else { return [] }
                guard let key = key(for: member, url), !isNamed(key, stream.paging, in: answer) else {
                    return look(at: member.value, place)
                }
                return [Hint(place: "`\(place.joined(separator: "."))`", key: key, member: member)]
            }
        }
        return look(at: answer, [])
    }

    private static func declared(_ paging: PagingRule) -> [[String]] {
        [paging.next, paging.more, paging.last, paging.total, paging.pages].compactMap { $0 }
    }

    /// Where one word for an end is declared, others add nothing but doubt.
    private static func isNamed(_ key: String, _ paging: PagingRule, in answer: JSONValue) -> Bool {
        switch key {
        // One that is declared and not in this answer may be the wrong one.
        case "next": paging.makesPositions || isThere(paging.next, in: answer)
        case "more", "last": paging.more != nil || paging.last != nil
        default: paging.total != nil || paging.pages != nil
        }
    }

    private static func isThere(_ path: [String]?, in answer: JSONValue) -> Bool {
        guard let path else { return false }
        return path.reduce(Optional(answer)) { $0?[$1] }.map { !$0.isNull } ?? false
    }

    private static func key(for member: JSONValue.Member, _ url: URLReference) -> String? {
        let plain = member.name.lowercased().filter { $0 != "_" && $0 != "-" }
        switch member.value {
        case .null, .array, .object: return nil
        case .string(let text) where leadsBack(text, url): return others.contains(plain) ? nil : "next"
        case .bool, .number, .string: break
        }
        return names.first { $0.names.contains(plain) }?.key
    }

    private static func isSureNext(_ member: JSONValue.Member, _ url: URLReference) -> Bool {
        guard let text = member.value.string, !text.isEmpty else { return false }
        return leadsBack(text, url) || member.name.lowercased().contains("next")
    }

    /// A link to the same list with another query.
    private static func leadsBack(_ text: String, _ url: URLReference) -> Bool {
        guard text.contains("?"), let link = url.resolve(text), link.origin == url.origin, link != url else {
            return false
        }
        return link.target.prefix { $0 != "?" } == url.target.prefix { $0 != "?" }
    }
}
