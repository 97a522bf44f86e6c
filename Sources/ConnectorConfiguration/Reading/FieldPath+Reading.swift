package import ConnectorCore

extension FieldPath {
    /// As it is written: with dots, or as an array of names. Nil for another notation; that is reported.
    package static func parse(_ item: ConfigItem) -> [String]? {
        switch item.value.kind {
        case .string(let text):
            if let notation = ForeignNotation(text) {
                item.error("is \(notation.name), which is not read here", notation.remedy)
                return nil
            }
            return parse(text)
        case .array: return item.strings()
        default:
            item.mismatch(expected: "a path", remedy: "write names with dots, such as \"error.message\"")
            return nil
        }
    }
}

/// A path that another tool would understand. Taken for ours it names a member that no answer has, so a list would be
/// empty, or `more` absent, and nobody would know why.
private struct ForeignNotation {
    let name: String
    private let steps: [String]

    init?(_ text: String) {
        if text.hasPrefix("/") || text.hasPrefix("#/") {
            name = "a JSON pointer"
            steps = text.split(separator: "/").map(String.init).filter { $0 != "#" }
        } else if text == "$" || text.hasPrefix("$.") || text.hasPrefix("$[") || text.contains("[") {
            name = "a JSONPath"
            steps = Self.steps(ofJSONPath: text)
        } else if text.split(separator: ".", omittingEmptySubsequences: false).contains(where: {
            $0.isEmpty || $0 == "*"
        }), !text.isEmpty {
            name = "a path with an empty or open step"
            steps = text.split(separator: ".").map(String.init).filter { $0 != "*" }
        } else {
            return nil
        }
    }

    /// `$.data[*].items[0]['a']` has the steps data, items, 0 and a.
    private static func steps(ofJSONPath text: String) -> [String] {
        let names = text.split { ".[]".contains($0) }
        return names.map { $0.filter { !"'\"".contains($0) } }.filter { $0 != "*" && $0 != "$" && !$0.isEmpty }
    }

    var remedy: String {
        let written = DiagnosticText.quoted(steps.joined(separator: "."))
        return steps.isEmpty
            ? "the answer itself is \"\"; a member of it is named as it is, such as \"data\""
            : "write \(written); a name that holds a dot or bracket itself stands in an array: [\"a.b\"]"
    }
}
