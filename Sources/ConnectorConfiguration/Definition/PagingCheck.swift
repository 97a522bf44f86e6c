import ConnectorCore

/// What of a stream's paging is written and yet asks for nothing, or for something else than was meant.
struct PagingCheck {
    let rule: PagingRule
    let records: [String]
    let cursor: CursorRule?
    /// Every placeholder of the request.
    let used: Set<String>

    /// The styles that look at a key. `style` and `short_page` stand for themselves.
    private static let users: [(key: String, styles: Set<PagingRule.Style>)] = [
        ("parameter", [.page, .offset, .afterLast, .token]), ("first", [.page, .offset]), ("field", [.afterLast]),
        ("more", [.page, .offset, .afterLast, .token, .link, .linkHeader]),
        ("last", [.page, .offset, .afterLast, .token, .link, .linkHeader]), ("past_end", [.page, .offset]),
        ("next", [.token, .link]),
        ("body", [.page, .offset, .afterLast, .token]),
        ("anchor", [.page, .offset, .afterLast, .token, .link, .linkHeader]),
    ]

    func check(_ reader: inout ConfigReader) {
        let query = reader.optional("query")
        guard let paging = reader.optional("paging") else {
            if let top = query?.member("$top") { checkTop(top) }
            return
        }
        checkStyle(paging)
        checkSize(paging)
        checkEnd(paging)
        checkTwice(paging, query)
        for top in [query?.member("$top"), paging.member("size")?.member("parameter")] {
            if let top, top.name == "$top" || rule.sizeParameter == "$top" { checkTop(top) }
        }
        if rule.body != nil, !used.contains("position") {
            paging.member("body")?.error("is never sent", "write \"${position}\" where it belongs in the stream's body")
        }
    }

    /// Without a style the first page is the whole list.
    private func checkStyle(_ paging: ConfigItem) {
        let written = Self.users.filter { paging.member($0.key) != nil }
        if paging.member("style") == nil {
            guard let first = written.first else { return }
            let problem = "is missing: without it only the first page is read, and `\(first.key)` says nothing"
            let fitting = PagingRule.Style.allCases.filter { style in written.allSatisfy { $0.styles.contains(style) } }
            let styles = fitting.isEmpty ? PagingRule.Style.allCases : fitting
            let remedy = "write one of: \(DiagnosticText.list(styles.map(\.rawValue)))"
            paging.error("`style` \(problem)", remedy)
            return
        }
        for (key, styles) in written where !styles.contains(rule.style) {
            let item = paging.member(key)
            let style = DiagnosticText.quoted(rule.style.rawValue)
            item?.warning("is not looked at with style \(style)", "remove it, or write \(key): null to take it away")
        }
        if paging.member("anchor") != nil, rule.anchor == .cursor, rule.style != .none {
            let anchors = cursor.map { $0.order == .ascending && $0.filtersLower } ?? false
            if !anchors {
                paging.member("anchor")?.warning(
                    "is not followed: the list has no ascending cursor with a lower filter",
                    "give cursor.order: \"ascending\" and cursor.lower, or remove it"
                )
            }
        }
    }

    private func checkSize(_ paging: ConfigItem) {
        guard rule.size != nil else {
            if rule.shortPage == .end {
                paging.member("short_page")?.warning(
                    "says nothing without `size`: nobody knows when a page is short",
                    "write size: { parameter: …, value: … }"
                )
            }
            return
        }
        if rule.sizeParameter == nil, !used.contains("limit") {
            paging.member("size")?.warning(
                "is not asked for: no parameter carries it",
                "write size: { parameter: \"limit\", … } with the API's own name, or \"${limit}\" in the request"
            )
        }
    }

    private func checkEnd(_ paging: ConfigItem) {
        let others: [(key: String, path: [String]?)] = [
            ("more", rule.more), ("last", rule.last), ("next", rule.next),
        ]
        for (key, path) in others where path == records && !records.isEmpty {
            paging.member(key)?.error("names the records themselves", "name what says whether there is another page")
        }
        if let more = rule.more, more == rule.next {
            paging.member("more")?.error(
                "names the same as `next`",
                "`more` is a boolean; remove it, since a `next` that is missing or null ends the list"
            )
        }
    }

    /// A parameter that comes twice is read by each server in its own way.
    private func checkTwice(_ paging: ConfigItem, _ query: ConfigItem?) {
        if let name = rule.parameter, name == rule.sizeParameter {
            paging.member("parameter")?.error(
                "is the parameter of `size` too",
                "name the one that carries the position"
            )
        }
        if let name = rule.parameter, let twin = query?.member(name) {
            twin.error("is `paging.parameter` too, and would be sent twice", "remove it here")
        }
        if let name = rule.sizeParameter, let twin = query?.member(name) {
            twin.error("is `paging.size.parameter` too, and would be sent twice", "remove it here")
        }
    }

    /// OData's `$top` is no page size but the length of the whole list. Some servers take it for a page size all the
    /// same and give a next link.
    private func checkTop(_ item: ConfigItem) {
        let problem = "OData's $top is the length of the whole list: what lies behind it would be missing"
        let remedy =
            "write paging: { style: \"offset\", parameter: \"$skip\", size: { parameter: \"$top\", value: … } }, or remove it "
            + "and ask for pages with headers: { Prefer: \"odata.maxpagesize=500\" } and style \"link\""
        switch rule.style {
        // These ask for the list behind what they have: each answer may end where it likes.
        case .offset, .afterLast: break
        case .link, .linkHeader: item.warning(problem, remedy)
        case .none, .page, .token: item.error(problem, remedy)
        }
    }
}
