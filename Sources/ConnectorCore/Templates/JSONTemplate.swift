/// A JSON value whose strings may hold placeholders: the body of a request.
///
/// A string that is one placeholder and nothing else becomes the variable's own value, with its type: `"${limit}"`
/// gives a number. Where such a value is absent (a filter that does not apply now), the array element or the member
/// goes with it.
package indirect enum JSONTemplate: Sendable, Hashable {
    case constant(JSONValue)
    case text(Template)
    case array([JSONTemplate])
    case object([Member])

    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: JSONTemplate
    }

    /// Nil when a string in it is not a valid template.
    package init?(_ value: JSONValue) {
        switch value {
        case .string(let text):
            guard let template = Template(text) else { return nil }
            self =
                template.variables.isEmpty
                ? .constant(.string(template.fill(TemplateVariables()) ?? "")) : .text(template)
        case .array(let elements):
            let templates = elements.map { JSONTemplate($0) }
            guard templates.allSatisfy({ $0 != nil }) else { return nil }
            self = .array(templates.compactMap { $0 })
        case .object(let members):
            let templates = members.map { member in
                JSONTemplate(member.value).map { Member(name: member.name, value: $0) }
            }
            guard templates.allSatisfy({ $0 != nil }) else { return nil }
            self = .object(templates.compactMap { $0 })
        default:
            self = .constant(value)
        }
    }

    package var variables: [String] {
        switch self {
        case .constant: []
        case .text(let template): template.variables
        case .array(let elements): elements.flatMap(\.variables)
        case .object(let members): members.flatMap(\.value.variables)
        }
    }

    /// Nil when the value itself is one absent variable.
    package func fill(_ variables: TemplateVariables) -> JSONValue? {
        switch self {
        case .constant(let value): return value
        case .text(let template): return Self.fill(template, variables)
        case .array(let elements): return .array(elements.compactMap { $0.fill(variables) })
        case .object(let members):
            return .object(
                members.compactMap { member in
                    member.value.fill(variables).map { JSONValue.Member(member.name, $0) }
                }
            )
        }
    }

    private static func fill(_ template: Template, _ variables: TemplateVariables) -> JSONValue? {
        guard let name = template.soleVariable else {
            return template.fill(variables).map(JSONValue.string)
        }
        switch variables[name] {
        case .string(let text): return .string(text)
        case .integer(let number): return .number(String(number))
        case .json(let value): return value
        case .absent, nil: return nil
        }
    }
}
