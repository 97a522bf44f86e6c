/// Text with `${name}` placeholders, parsed once when a definition is read.
///
/// `$$` is a literal dollar sign before a brace. Names are checked against the variables of their place when the
/// configuration is read, so filling never meets an unknown one.
package struct Template: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case text(String)
        case variable(String)
    }

    package let parts: [Part]

    /// Nil when a placeholder is not closed or is empty.
    package init?(_ source: String) {
        var parts: [Part] = []
        var text = ""
        var rest = source[...]
        while let dollar = rest.firstIndex(of: "$") {
            text += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$", rest.dropFirst().first == "{" {
                text += "${"
                rest = rest.dropFirst(2)
            } else if rest.first == "{" {
                guard let close = rest.firstIndex(of: "}") else { return nil }
                let name = rest[rest.index(after: rest.startIndex)..<close]
                guard !name.isEmpty else { return nil }
                if !text.isEmpty { parts.append(.text(text)) }
                text = ""
                parts.append(.variable(String(name)))
                rest = rest[rest.index(after: close)...]
            } else {
                text += "$"
            }
        }
        text += rest
        if !text.isEmpty { parts.append(.text(text)) }
        self.parts = parts
    }

    init(parts: [Part]) {
        self.parts = parts
    }

    /// A template without placeholders.
    package init(literal text: String) {
        parts = text.isEmpty ? [] : [.text(text)]
    }

    /// The text of a template without placeholders.
    package var literal: String? {
        switch parts.first {
        case nil: ""
        case .text(let text) where parts.count == 1: text
        case .text, .variable: nil
        }
    }

    package var variables: [String] {
        parts.compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }

    /// The one variable of a template that is nothing else: its value keeps its type in a JSON body.
    package var soleVariable: String? {
        guard parts.count == 1, case .variable(let name) = parts[0] else { return nil }
        return name
    }

    /// Fills the placeholders; `encode` is applied to each value (percent-encoding in a path), not to the text.
    /// Nil when a variable has no value now: a query parameter that has none is left out. Where something has to be
    /// sent nonetheless, `absent` stands for such a value.
    package func fill(
        _ variables: TemplateVariables,
        absent: String? = nil,
        encode: (String) -> String = { $0 }
    ) -> String? {
        var filled = ""
        for part in parts {
            switch part {
            case .text(let text): filled += text
            case .variable(let name):
                if let value = variables[name], value != .absent {
                    filled += encode(value.text)
                } else {
                    guard let absent else { return nil }
                    filled += absent
                }
            }
        }
        return filled
    }
}

/// The values that a request's templates are filled with.
package struct TemplateVariables: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        case string(String)
        case integer(Int64)
        /// JSON as it came, such as a key that may be a number or a string.
        case json(JSONValue)
        /// Takes the place of its placeholder in an array, or vanishes with it (see `JSONTemplate`).
        case absent

        package var text: String {
            switch self {
            case .string(let text): text
            case .integer(let number): String(number)
            case .json(.string(let text)): text
            case .json(.number(let text)): text
            case .json(let value): value.text
            case .absent: ""
            }
        }
    }

    private var values: [String: Value]

    package init(_ values: [String: Value] = [:]) {
        self.values = values
    }

    package subscript(name: String) -> Value? {
        get { values[name] }
        set { values[name] = newValue }
    }
}

/// A query parameter with a template for its value.
package struct QueryTemplate: Sendable, Equatable {
    package var name: String
    package var value: Template

    package init(_ name: String, _ value: Template) {
        self.name = name
        self.value = value
    }
}
