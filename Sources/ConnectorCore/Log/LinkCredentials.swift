/// Takes a connector's credentials out of a link that its server made, so that it can be kept, and puts them back
/// before it is sent.
///
/// What stands in their place can stand in no link: a link's own such characters are escaped first, which means the
/// same to every reader of URLs (RFC 3987 § 3.1).
package struct LinkCredentials: Sendable {
    private static let open: Character = "‹"
    private static let close: Character = "›"

    private struct Place {
        let form: String
        let name: String
        let rank: Int
    }

    private let present: [Place]
    /// From long to short: a secret may hold another.
    private let places: [Place]

    /// `former` ones are taken out and never put back: what bears their name is sent with the present one.
    package init(_ credentials: [NamedSecret], former: [NamedSecret] = []) {
        present = Self.sorted(Self.places(credentials))
        places = Self.sorted(present + Self.places(former))
    }

    private static func places(_ credentials: [NamedSecret]) -> [Place] {
        let known = credentials.filter { $0.secret.reveal().count >= Redactor.minimumCharacters }
        return known.flatMap { credential in
            SecretForms.inURLs(credential.secret.reveal()).enumerated().map { index, form in
                Place(form: form, name: "\(open)\(credential.name):\(index)\(close)", rank: index == 0 ? .max : index)
            }
        }
    }

    /// Where forms are the same, the raw one comes last: another key in its place may not be plain.
    private static func sorted(_ places: [Place]) -> [Place] {
        places.enumerated().sorted {
            let (left, right) = ($0.element, $1.element)
            if left.form.utf8.count != right.form.utf8.count { return left.form.utf8.count > right.form.utf8.count }
            return (left.rank, $0.offset) < (right.rank, $1.offset)
        }.map(\.element)
    }

    /// The link with names instead of credentials. They are looked for in its query: a path is what it leads to.
    package func takenOut(of link: String) -> String {
        let plain = link.reduce(into: "") { text, character in
            let isMark = character == Self.open || character == Self.close
            text += isMark ? String(character).percentEncoded : String(character)
        }
        var (path, query) = Self.parts(plain)
        for place in places { query = query.replacing(place.form, with: place.name) }
        path += query
        return path
    }

    /// The link as the server made it. A credential that is not known (any more) leaves its name.
    package func putBack(into link: String) -> String {
        guard Self.lacksCredentials(link) else { return link }
        let (path, query) = Self.parts(link)
        // The last name first: a short secret may have been found in the name of a longer one.
        return path + present.reversed().reduce(query) { $0.replacing($1.name, with: $1.form) }
    }

    private static func parts(_ link: String) -> (path: String, query: String) {
        let mark = link.firstIndex(of: "?") ?? link.endIndex
        return (String(link[..<mark]), String(link[mark...]))
    }

    /// Whether names stand in it.
    package static func lacksCredentials(_ link: String) -> Bool { parts(link).query.contains(open) }
}
