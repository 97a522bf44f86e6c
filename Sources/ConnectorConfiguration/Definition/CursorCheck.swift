import ConnectorCore

/// What of a stream's cursor is written and yet asks for nothing, or for something else than was meant.
struct CursorCheck {
    let rule: CursorRule
    /// Every placeholder of the request.
    let used: Set<String>

    func check(_ reader: inout ConfigReader) {
        guard let cursor = reader.optional("cursor") else { return }
        checkFragment(cursor, "lower", "body", rule.lowerBody?.variables, "cursor")
        checkFragment(cursor, "upper", "body", rule.upperBody?.variables, "until")
        checkFragment(cursor, "lower", "text", rule.lowerText?.variables, "cursor")
        checkFragment(cursor, "upper", "text", rule.upperText?.variables, "until")
        for key in ["lower", "upper"] where cursor.member("\(key)_body") != nil {
            cursor.member("\(key)_text")?.error("stands beside `\(key)_body`: one of them would be lost", "keep one")
        }
        if !rule.upper.isEmpty, !rule.upper.contains(where: { $0.value.variables.contains("until") }) {
            let remedy = "write { before: \"${until}\" }, with the API's own parameter"
            cursor.member("upper")?.error("has no ${until}: it would always ask for the same", remedy)
        }
        checkBeginning(cursor)
        checkUnits(cursor)
        checkJoined(cursor, reader.optional("query"))
    }

    private func checkFragment(
        _ cursor: ConfigItem,
        _ key: String,
        _ kind: String,
        _ variables: [String]?,
        _ name: String
    ) {
        guard let variables, let item = cursor.member("\(key)_\(kind)") else { return }
        if !variables.contains(name) {
            item.error(
                "has no ${\(name)}: it would always ask for the same",
                "write \"${\(name)}\" where the time belongs"
            )
        }
        if !used.contains(key) {
            let place = kind == "body" ? "in the stream's body" : "in the text of the query"
            item.error("is never sent", "write \"${\(key)}\" where it belongs \(place)")
        }
    }

    private func checkBeginning(_ cursor: ConfigItem) {
        if rule.startsNow {
            cursor.member("start")?.warning("is not looked at beside `start_now`", "keep one of the two")
        } else if !rule.filtersLower {
            cursor.member("start")?.warning("is not asked for without `lower`", "give `lower`, or remove it")
        }
        guard !rule.filtersLower, !rule.filtersUpper else { return }
        for key in ["filter_format", "granularity"] {
            cursor.member(key)?.warning("is of filters, and there is none", "give `lower`, or remove it")
        }
    }

    /// What is no time has no now.
    private func checkUnits(_ cursor: ConfigItem) {
        guard !rule.format.isTime else { return }
        let format = DiagnosticText.quoted(rule.format.rawValue)
        cursor.member("window")?.error("needs a time, and the format is \(format)", "remove it")
        cursor.member("lag")?.warning("needs a time, and the format is \(format)", "remove it")
        guard rule.order != .descending else { return }
        for key in ["upper", "upper_body", "upper_text"] {
            cursor.member(key)?.warning(
                "is not asked for: ${until} is a time, and the format is \(format)",
                "remove it"
            )
        }
    }

    /// Filters of one name are joined by `and`, which only conditions can be.
    private func checkJoined(_ cursor: ConfigItem, _ query: ConfigItem?) {
        let places = [query, cursor.member("lower"), cursor.member("upper")]
        for (index, place) in places.enumerated() {
            guard let place, case .object(let members) = place.value.kind else { continue }
            for name in members.lastOfEachName.map(\.name) {
                let others = places[..<index].compactMap { $0?.member(name) }
                guard let item = place.member(name), !others.isEmpty else { continue }
                guard !(others + [item]).allSatisfy(\.isCondition) else { continue }
                let problem = "stands twice, and the two would be joined by `and`, which only conditions can be"
                item.error(problem, "write a condition such as \"changed ge ${cursor}\", or use another parameter")
            }
        }
    }
}

extension ConfigItem {
    /// A name, and what is compared with it.
    fileprivate var isCondition: Bool {
        guard let text = scalarText(), let template = Template(text) else { return true }
        let fixed = template.parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
        return fixed.contains(where: \.isLetter) && fixed.contains { " <>=!()~".contains($0) }
    }
}
