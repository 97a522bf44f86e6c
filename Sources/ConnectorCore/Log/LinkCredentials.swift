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
    }

    /// From long to short: a secret may hold another.
    private let places: [Place]

    package init(_ credentials: [NamedSecret]) {
        let known = credentials.filter { $0.secret.reveal().count >= Redactor.minimumCharacters }
        let places = known.flatMap { credential in
            SecretForms.inURLs(credential.secret.reveal()).enumerated().map { index, form in
                Place(form: form, name: "\(Self.open)\(credential.name):\(index)\(Self.close)")
            }
        }
        self.places = places.enumerated().sorted {
            ($1.element.form.utf8.count, $0.offset) < ($0.element.form.utf8.count, $1.offset)
        }.map(\.element)
    }

    /// The link with names instead of credentials. Only its query is looked at: a path is what it leads to.
    package func takenOut(of link: String) -> String {
        guard let mark = link.firstIndex(of: "?") else { return link }
        var query = link[mark...].reduce(into: "") { text, character in
            text +=
                character == Self.open || character == Self.close
                ? String(character).percentEncoded : String(character)
        }
        for place in places { query = query.replacing(place.form, with: place.name) }
        return link[..<mark] + query
    }

    /// The link as the server made it. A credential that is not known (any more) leaves its name.
    package func putBack(into link: String) -> String {
        guard Self.lacksCredentials(link) else { return link }
        // The last name first: a short secret may have been found in the name of a longer one.
        return places.reversed().reduce(link) { $0.replacing($1.name, with: $1.form) }
    }

    /// Whether names stand in it.
    package static func lacksCredentials(_ link: String) -> Bool { link.contains(open) }
}
