/// How a list goes on after a page.
package enum PageStep: Sendable, Equatable {
    case next(PagePosition)
    /// By what the page says it is the last one, and this source was seen to tell the truth.
    case end
    /// The page says that it is the last one, and nothing yet shows that it is: worth asking for the one behind it.
    case unprovenEnd(beyond: PagePosition)

    /// Where it goes on for certain.
    package var next: PagePosition? {
        if case .next(let position) = self { position } else { nil }
    }
}

/// What is known of a list besides its page at hand.
package struct ListSight: Sendable, Equatable {
    /// Whether this source's own word for an end is believed: nil asks to prove it.
    package var believesEnd: Bool?
    /// Records of the largest page that ever came: a shorter one is not cut short by the server.
    package var largestPage: Int
    /// Whether shorter pages have not been seen in the middle of the list.
    package var believesShort = true
    /// Records before this page in the same reading; nil where that is not known.
    package var countBefore: Int64?

    package init(believesEnd: Bool? = true, largestPage: Int = .max, countBefore: Int64? = nil) {
        self.believesEnd = believesEnd
        self.largestPage = largestPage
        self.countBefore = countBefore
    }
}

extension PagingRule {
    /// What follows a page. Any evidence of more wins over evidence of the end.
    package func step(
        after position: PagePosition,
        _ facts: PageFacts,
        _ sight: ListSight = ListSight(),
        base: URLReference
    ) throws(WalkError) -> PageStep {
        if facts.isMoreUnreadable { throw .unreadableMore }
        switch style {
        case .none:
            if facts.next != nil { throw .undeclaredPages }
            if promisesMore(position, facts, sight) { throw .moreWithoutNext }
            return .end
        case .page, .offset, .afterLast: return try countedStep(position, facts, sight)
        case .token, .link, .linkHeader: return try namedStep(position, facts, sight, base)
        }
    }

    /// Pages that we ask for by ourselves: one beyond the last can always be asked for.
    private func countedStep(
        _ position: PagePosition,
        _ facts: PageFacts,
        _ sight: ListSight
    ) throws(WalkError) -> PageStep {
        if promisesMore(position, facts, sight) {
            guard facts.count > 0 || style != .afterLast else { throw .emptyPageWithMore }
            return .next(try following(position, facts))
        }
        guard facts.count > 0 else { return .end }
        let isSaid = saysEnd(position, facts, sight)
        if isSaid, sight.believesEnd == true { return .end }
        let isShort = shortPage == .end && sight.believesShort && size.map { facts.count < $0 } ?? false
        if !isSaid, isShort, facts.count < sight.largestPage { return .end }
        // Where nothing says how to ask beyond, the source's word is all there is.
        if isSaid, style == .afterLast, facts.lastField == nil { return .end }
        let beyond = try following(position, facts)
        return isSaid && sight.believesEnd == nil || isShort ? .unprovenEnd(beyond: beyond) : .next(beyond)
    }

    /// Pages whose successor the answer names.
    private func namedStep(
        _ position: PagePosition,
        _ facts: PageFacts,
        _ sight: ListSight,
        _ base: URLReference
    ) throws(WalkError) -> PageStep {
        guard let next = facts.next else {
            if facts.more == true { throw .moreWithoutNext }
            return .end
        }
        let isEnd = facts.more == false
        if isEnd, sight.believesEnd == true { return .end }
        let named = style == .token ? PagePosition.token(next) : try link(next, base)
        if named == position {
            if isEnd { return .end }
            throw .positionStandsStill
        }
        return isEnd && sight.believesEnd == nil ? .unprovenEnd(beyond: named) : .next(named)
    }

    private func link(_ text: String, _ base: URLReference) throws(WalkError) -> PagePosition {
        guard let resolved = base.resolve(text), resolved.origin == base.origin else {
            throw .foreignLink(URLReference(text)?.origin ?? "an unusable URL")
        }
        return .link(resolved.text)
    }

    private func following(_ position: PagePosition, _ facts: PageFacts) throws(WalkError) -> PagePosition {
        switch style {
        case .page: return .page(number(position) + 1)
        case .offset:
            guard facts.count > 0 else { throw .positionStandsStill }
            return .offset(offset(position) + Int64(facts.count))
        case .afterLast, .none, .token, .link, .linkHeader:
            guard let last = facts.lastField else { throw .missingField(field?.joined(separator: ".") ?? "id") }
            guard .after(last) != position else { throw .positionStandsStill }
            return .after(last)
        }
    }

    private func number(_ position: PagePosition) -> Int64 {
        if case .page(let number) = position { number } else { first }
    }

    private func offset(_ position: PagePosition) -> Int64 {
        if case .offset(let offset) = position { offset } else { 0 }
    }

    private func promisesMore(_ position: PagePosition, _ facts: PageFacts, _ sight: ListSight) -> Bool {
        if facts.more == true { return true }
        guard facts.count > 0 else { return false }
        if let left = left(position, facts, sight), left > 0 { return true }
        if style == .page, let pages = facts.pages { return number(position) - first + 1 < pages }
        return false
    }

    private func saysEnd(_ position: PagePosition, _ facts: PageFacts, _ sight: ListSight) -> Bool {
        if facts.more == false { return true }
        if let left = left(position, facts, sight), left <= 0 { return true }
        if style == .page, let pages = facts.pages { return number(position) - first + 1 >= pages }
        return false
    }

    /// Records of the source's total that are still to come behind this page.
    package func left(_ position: PagePosition, _ facts: PageFacts, _ sight: ListSight) -> Int64? {
        let before = style == .offset ? offset(position) : sight.countBefore
        guard let total = facts.total, let before else { return nil }
        return total - before - Int64(facts.count)
    }
}
