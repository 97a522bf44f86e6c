/// Where in a list a page begins.
package enum PagePosition: Sendable, Equatable {
    case first
    case page(Int64)
    case offset(Int64)
    /// The JSON text of the last record's paging field.
    case after(String)
    case token(String)
    /// An absolute URL on the connector's own origin.
    case link(String)

    /// For the state file: `kind` and value.
    package var encoded: JSONValue {
        switch self {
        case .first: .array([.string("first")])
        case .page(let number): .array([.string("page"), .number(String(number))])
        case .offset(let number): .array([.string("offset"), .number(String(number))])
        case .after(let text): .array([.string("after"), .string(text)])
        case .token(let text): .array([.string("token"), .string(text)])
        case .link(let text): .array([.string("link"), .string(text)])
        }
    }

    package init?(encoded: JSONValue) {
        guard let parts = encoded.array, let kind = parts.first?.string else { return nil }
        let text = parts.dropFirst().first
        switch (kind, text?.int64, text?.string) {
        case ("first", _, _): self = .first
        case ("page", let number?, _): self = .page(number)
        case ("offset", let number?, _): self = .offset(number)
        case ("after", _, let text?): self = .after(text)
        case ("token", _, let text?): self = .token(text)
        case ("link", _, let text?): self = .link(text)
        default: return nil
        }
    }
}
