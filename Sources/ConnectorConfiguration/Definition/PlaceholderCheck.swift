import ConnectorCore

/// Which placeholders of a stream's requests ever get a value, by its paging and its cursor. Where one never does, its
/// parameter, header or element would be left out of each request, and the list be another than was meant.
struct PlaceholderCheck {
    let paging: PagingRule
    let cursor: CursorRule?

    /// Reports each such placeholder of the request, and of the filters that take a place in it.
    func check(_ reader: inout ConfigReader) {
        for key in ["path", "query", "headers", "body"] { reader.optional(key).map { check($0) } }
        let cursor = reader.optional("cursor")
        for key in ["lower", "upper", "lower_headers"] { cursor?.member(key).map { check($0) } }
        // They are filled in this order, each without those behind it.
        cursor?.member("lower_body").map { check($0, without: ["lower", "upper", "position"]) }
        cursor?.member("upper_body").map { check($0, without: ["upper", "position"]) }
        for key in ["lower_text", "upper_text"] {
            cursor?.member(key).map { check($0, without: ["lower", "upper", "position"]) }
        }
        reader.optional("paging")?.member("body").map { check($0, without: ["position"]) }
    }

    private func check(_ item: ConfigItem, without later: Set<String> = []) {
        for text in item.texts {
            guard case .string(let source) = text.value.kind, let names = Template(source)?.variables else { continue }
            for name in names {
                if later.contains(name) {
                    text.error("${\(name)} has no value here", "it stands in the request; write what it consists of")
                } else if let flaw = flaw(of: name) {
                    text.error("${\(name)} never has a value: \(flaw.problem)", flaw.remedy)
                }
            }
        }
    }

    private func flaw(of name: String) -> (problem: String, remedy: String)? {
        switch name {
        case "cursor": return bound("lower", cursor?.filtersLower, "cursor")
        case "until": return bound("upper", cursor?.filtersUpper, "until")
        case "lower":
            return cursor?.lowerBody == nil && cursor?.lowerText == nil ? fragment("cursor.lower_body", "cursor") : nil
        case "upper":
            return cursor?.upperBody == nil && cursor?.upperText == nil ? fragment("cursor.upper_body", "until") : nil
        case "position": return paging.body == nil ? fragment("paging.body", "after") : nil
        case "page": return position(.page)
        case "offset": return position(.offset)
        case "after": return position(.afterLast)
        case "token": return position(.token)
        default: return nil
        }
    }

    private func bound(_ key: String, _ filters: Bool?, _ name: String) -> (String, String)? {
        guard filters != true else { return nil }
        let problem = filters == nil ? "the stream has no `cursor`" : "the cursor has no `\(key)`"
        return (
            problem,
            "write cursor: { \(key): { PARAMETER: \"${\(name)}\" } }, or \(key)_body and \"${\(key)}\" in the body"
        )
    }

    private func fragment(_ key: String, _ name: String) -> (String, String)? {
        ("there is no `\(key)`", "write it: the part of the body that holds \"${\(name)}\"")
    }

    private func position(_ style: PagingRule.Style) -> (String, String)? {
        guard paging.style != style else { return nil }
        return (
            "`paging.style` is \"\(paging.style.rawValue)\"", "it needs paging: { style: \"\(style.rawValue)\", … }"
        )
    }
}

extension ConfigItem {
    /// A member of this object, where it is written.
    func member(_ name: String) -> ConfigItem? {
        guard let member = value[name], !member.isNull else { return nil }
        return ConfigItem(member, path: ConfigPath.member(name, of: path), name: name, diagnostics: diagnostics)
    }

    /// Every text in it, at any depth.
    var texts: [ConfigItem] { leaves.filter { if case .string = $0.value.kind { true } else { false } } }

    private var leaves: [ConfigItem] {
        switch value.kind {
        case .array(let elements):
            elements.enumerated().flatMap { index, element in
                let path = ConfigPath.element(index, of: path)
                return ConfigItem(element, path: path, name: name, diagnostics: diagnostics).leaves
            }
        case .object(let members): members.lastOfEachName.compactMap { member($0.name) }.flatMap(\.leaves)
        default: [self]
        }
    }
}
