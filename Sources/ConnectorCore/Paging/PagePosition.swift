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

/// What a page says about the one after it.
package struct PageFacts: Sendable, Equatable {
    package var count: Int
    /// JSON text of the last record's paging field.
    package var lastField: String?
    package var more: Bool?
    /// Token or URL; nil where absent, null or empty.
    package var next: String?

    package init(count: Int, lastField: String? = nil, more: Bool? = nil, next: String? = nil) {
        self.count = count
        self.lastField = lastField
        self.more = more
        self.next = next
    }
}

/// Why a list can't be read further.
package enum WalkError: Error, Sendable, Equatable {
    /// The answer names a page that is on another origin: credentials would leave the configured host.
    case foreignLink(String)
    /// The next position is the one just read.
    case positionStandsStill
    /// Every record of the page was already seen in this walk: the server began again.
    case startedOver
    /// More records are promised, but the page has none to go on from.
    case emptyPageWithMore
    /// The record lacks the field that paging needs.
    case missingField(String)

    package var explanation: String {
        switch self {
        case .foreignLink(let origin): "the next page is on another host (\(origin)), and credentials stay here"
        case .positionStandsStill: "the answer's next position is the one just read"
        case .startedOver: "the server began the list again in the middle of it"
        case .emptyPageWithMore: "the answer promises more records but has none to go on from"
        case .missingField(let name): "the last record has no \"\(name)\", which paging needs"
        }
    }
}

extension PagingRule {
    /// The position after a page; nil at the end of the list.
    package func position(
        after position: PagePosition,
        _ facts: PageFacts,
        base: URLReference
    ) throws(WalkError) -> PagePosition? {
        let next = try following(position, facts, base: base)
        if let next, next == position { throw .positionStandsStill }
        return next
    }

    private func following(
        _ position: PagePosition,
        _ facts: PageFacts,
        base: URLReference
    ) throws(WalkError) -> PagePosition? {
        switch style {
        case .none:
            return nil
        case .page:
            guard goesOn(facts) else { return nil }
            if case .page(let number) = position { return .page(number + 1) }
            return .page(first + 1)
        case .offset:
            guard goesOn(facts) else { return nil }
            if case .offset(let number) = position { return .offset(number + Int64(facts.count)) }
            return .offset(Int64(facts.count))
        case .afterLast:
            guard goesOn(facts) else { return nil }
            guard facts.count > 0 else { throw .emptyPageWithMore }
            guard let last = facts.lastField else { throw .missingField(field?.joined(separator: ".") ?? "id") }
            return .after(last)
        case .token:
            return facts.more == false ? nil : facts.next.map(PagePosition.token)
        case .link, .linkHeader:
            guard facts.more != false, let link = facts.next else { return nil }
            guard let resolved = base.resolve(link), resolved.origin == base.origin else {
                throw .foreignLink(URLReference(link)?.origin ?? "an unusable URL")
            }
            return .link(resolved.text)
        }
    }

    /// A boolean decides where there is one; else an empty page ends the list, and a short one where that is known.
    private func goesOn(_ facts: PageFacts) -> Bool {
        if more != nil { return facts.more ?? false }
        if facts.count == 0 { return false }
        if shortPage == .end, let size, facts.count < size { return false }
        return true
    }
}
