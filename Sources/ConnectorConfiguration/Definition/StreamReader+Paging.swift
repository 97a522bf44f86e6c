import ConnectorCore

/// The paging and cursor blocks of a stream.
extension StreamReader {
    /// `namesPosition`: a template of the request itself carries the position, such as `${page}`.
    func paging(_ reader: inout ConfigReader, _ cursor: CursorRule?, _ namesPosition: Bool) -> PagingRule {
        let style = reader.optionalChoice("style", default: PagingRule.Style.none)
        var rule = PagingRule(style: style)
        rule.parameter = reader.optionalString("parameter")
        rule.first = Int64(reader.optionalInteger("first", range: 0...1, default: style == .offset ? 0 : 1))
        rule.field = reader.path("field")
        rule.more = reader.path("more")
        rule.last = reader.path("last")
        rule.total = reader.path("total")
        rule.pages = reader.path("pages")
        rule.pastEnd = reader.optionalIntegers("past_end", range: 400...499)
        (rule.next, rule.nextChoice) = next(&reader)
        rule.body = reader.jsonTemplate("body", known: Self.requestNames)
        rule.shortPage = reader.optionalChoice("short_page", default: PagingRule.ShortPage.continue)
        if let size = reader.optionalObject("size", size) {
            rule.size = size.value
            rule.sizeParameter = size.parameter
        }
        rule.anchor = reader.optionalChoice("anchor") ?? Self.defaultAnchor(style, cursor)
        checkPaging(rule, namesPosition, reader)
        return rule
    }

    /// Positions and links shift when records change while they are read: servers look up a link's anchor record anew,
    /// and it may have moved behind everything. The cursor reached does not shift.
    private static func defaultAnchor(_ style: PagingRule.Style, _ cursor: CursorRule?) -> PagingRule.Anchor {
        guard let cursor else { return .server }
        switch style {
        case .page, .offset: return .cursor
        case .link, .linkHeader: return cursor.order == .ascending && cursor.filtersLower ? .cursor : .server
        case .none, .afterLast, .token: return .server
        }
    }

    /// A path, or `{ in: "links", where: { rel: "next" }, take: "href" }`.
    private func next(_ reader: inout ConfigReader) -> ([String]?, PagingRule.LinkChoice?) {
        guard let item = reader.optional("next") else { return (nil, nil) }
        guard case .object = item.value.kind else { return (FieldPath.parse(item), nil) }
        let found = item.object { (next: inout ConfigReader) -> ([String], PagingRule.LinkChoice)? in
            let list = next.required("in", "the path of the list of links").flatMap { FieldPath.parse($0) }
            let wanted = next.optionalStringMap("where")
            let value = next.path("take") ?? ["href"]
            if wanted.count > 1 { next.error("where", "names several fields", "name one, such as { rel: \"next\" }") }
            let (field, equals) = wanted.first.map { ($0.name, $0.value) } ?? ("rel", "next")
            return list.map { ($0, .init(field: FieldPath.parse(field), equals: equals, value: value)) }
        }
        return (found?.0, found?.1)
    }

    private func size(_ reader: inout ConfigReader) -> (parameter: String?, value: Int64)? {
        let parameter = reader.optionalString("parameter")
        guard let value = reader.integer("value", range: 1...1_000_000) else { return nil }
        return (parameter, Int64(value))
    }

    private func checkPaging(_ rule: PagingRule, _ namesPosition: Bool, _ reader: ConfigReader) {
        switch rule.style {
        case .page, .offset, .afterLast, .token:
            if rule.parameter == nil, !namesPosition {
                reader.error(
                    "parameter",
                    "is missing",
                    "name the query parameter that carries the position, or use ${position} in the body"
                )
            }
        case .none, .link, .linkHeader: break
        }
        if rule.style == .afterLast, rule.field == nil {
            reader.error("field", "is missing", "name the field of the last record that the next page continues after")
        }
        if rule.style == .token || rule.style == .link, rule.next == nil {
            reader.error("next", "is missing", "give the path of the token or URL in the answer")
        }
    }

    /// `most` is a number of records, or a share of those remembered: `"50%"`.
    func deletes(_ reader: inout ConfigReader) -> DeleteRule {
        var rule = DeleteRule()
        rule.after = reader.optionalDuration("after", range: .zero...(.seconds(30 * 86_400))) ?? rule.after
        guard let item = reader.optional("most") else { return rule }
        if case .string(let text) = item.value.kind {
            guard text.hasSuffix("%"), let percent = Int64(text.dropLast()), (0...100).contains(percent) else {
                item.error("is no share", "write a number of records, or a share of those remembered such as \"50%\"")
                return rule
            }
            rule.mostPercent = percent
        } else if let most = item.integer(0...Int.max) {
            (rule.most, rule.mostPercent) = (Int64(most), 0)
        }
        return rule
    }

    func cursor(_ reader: inout ConfigReader) -> CursorRule? {
        let field = reader.path("field")
        if field == nil {
            reader.error("field", "is missing", "name the field that grows with every change, such as \"updated_at\"")
        }
        let fallback = reader.path("fallback")
        let format = reader.optionalChoice("format", default: CursorFormat.iso8601)
        let filter = reader.optionalChoice("filter_format", of: CursorFormat.self)
        let order = reader.optionalChoice("order", default: CursorRule.Order.none)
        var rule = CursorRule(
            fields: [field, fallback].compactMap { $0 },
            format: format,
            filterFormat: filter,
            order: order
        )
        rule.lower = reader.queries("lower", known: Self.requestNames)
        rule.upper = reader.queries("upper", known: Self.requestNames)
        rule.lowerHeaders = reader.queries("lower_headers", known: Self.requestNames)
        for (key, filters) in [("lower", rule.lower), ("lower_headers", rule.lowerHeaders)] {
            guard !filters.isEmpty, !filters.contains(where: { $0.value.variables.contains("cursor") }) else {
                continue
            }
            let remedy = "write { since: \"${cursor}\" }, with the API's own name"
            reader.error(key, "has no ${cursor}: it would always ask for the same", remedy)
        }
        rule.lowerBody = reader.jsonTemplate("lower_body", known: Self.requestNames)
        rule.upperBody = reader.jsonTemplate("upper_body", known: Self.requestNames)
        rule.lowerText = reader.template("lower_text", known: Self.requestNames)
        rule.upperText = reader.template("upper_text", known: Self.requestNames)
        rule.window = span(&reader, "window", format)
        rule.lookback = span(&reader, "lookback", format) ?? defaultLookback(format)
        rule.lag = span(&reader, "lag", format) ?? 0
        rule.granularity = granularity(&reader, format) ?? rule.granularity
        rule.start = start(&reader, format)
        rule.startsNow = reader.optionalBool("start_now", default: false)
        checkCursor(rule, reader)
        return field == nil ? nil : rule
    }

    /// An ERP's record often bears the time its transaction began: a walk must reach back further than the longest
    /// one. A payment processor's does not, but its clocks and replicas differ by seconds.
    private func defaultLookback(_ format: CursorFormat) -> Int64 {
        guard format.isTime else { return 0 }
        return (kind == .erp ? 600 : 60) * 1_000_000_000
    }

    private func span(_ reader: inout ConfigReader, _ key: String, _ format: CursorFormat) -> Int64? {
        if format.isTime {
            return reader.optionalDuration(key, range: .zero...(.seconds(366 * 86_400)))?.wholeNanoseconds
        }
        return reader.optionalInteger(key, range: 0...Int.max).map(Int64.init)
    }

    /// Bounds are rounded to it, so it can't be zero.
    private func granularity(_ reader: inout ConfigReader, _ format: CursorFormat) -> Int64? {
        guard let value = span(&reader, "granularity", format) else { return nil }
        guard value > 0 else {
            reader.error("granularity", "is zero", "write the filter's coarsest step, or leave the key out")
            return nil
        }
        return value
    }

    private func start(_ reader: inout ConfigReader, _ format: CursorFormat) -> Int64? {
        guard let item = reader.optional("start") else { return nil }
        if format.isTime, let text = item.scalarText() {
            guard let instant = Instant(iso8601: text) else {
                item.error("is not a time", "write it like 2026-01-31 or 2026-01-31T12:00:00Z")
                return nil
            }
            return instant.nanoseconds
        }
        return item.integer().map(Int64.init)
    }

    private func checkCursor(_ rule: CursorRule, _ reader: ConfigReader) {
        if kind == .erp, rule.format.isTime, rule.lookback == 0 {
            reader.error(
                "lookback",
                "is zero",
                "give at least the length of the ERP's longest transaction: records bear the time it began"
            )
        }
        if kind == .erp, !rule.format.isTime, !reader.contains("lookback") {
            reader.warning(
                "lookback",
                "is missing, and the cursor is a number",
                "give how many numbers may be open at once: they are handed out when a transaction begins, and those of a "
                    + "longer one appear behind the cursor; 0 where numbers are given at the commit"
            )
        }
        guard rule.window != nil else { return }
        if !rule.filtersLower || !rule.filtersUpper {
            reader.error("window", "needs both bounds", "give `lower` and `upper` filters")
        }
        if rule.start == nil {
            reader.error("start", "is missing", "say where the first window begins, such as start: \"2024-01-01\"")
        }
        if rule.window ?? 1 <= rule.granularity {
            reader.error("window", "is not longer than the filter's granularity", "choose a longer one")
        }
    }
}
