/// A JSON document as a value, for texts of the size of a configuration or an error body. Records on their way to a
/// sink stay bytes and never become one.
///
/// Members keep their order and repetitions, numbers keep their text, so writing gives back what was read. Strings
/// compare as Swift compares them: canonically equivalent spellings of an accented letter are equal.
package indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The exact source text; never passed through a `Double`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

extension JSONValue {
    package var isNull: Bool { self == .null }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number's text.
    package var number: String? {
        guard case .number(let text) = self else { return nil }
        return text
    }

    /// The number if it is whole and fits, in any spelling (`1e3`, `10.0`); never rounded.
    package var int64: Int64? { number.flatMap(JSONNumber.int64) }

    /// The nearest floating-point number.
    package var double: Double? { number.flatMap(Double.init) }

    package var array: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    package var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The member's value; of repeated names the last one counts.
    package subscript(name: String) -> JSONValue? {
        members?.last { $0.name == name }?.value
    }

    /// The element; nil outside of the array.
    package subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// Follows names and indices: `value[path: "error", "details", 0, "message"]`.
    package subscript(path steps: Step...) -> JSONValue? {
        self[path: steps]
    }

    package subscript(path steps: [Step]) -> JSONValue? {
        var current = self
        for step in steps {
            guard let next = current[step] else { return nil }
            current = next
        }
        return current
    }

    package subscript(step: Step) -> JSONValue? {
        switch step {
        case .name(let name): self[name]
        case .index(let index): self[index]
        }
    }

    /// One step of a path.
    package enum Step: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case name(String)
        case index(Int)

        package init(stringLiteral name: String) { self = .name(name) }
        package init(integerLiteral index: Int) { self = .index(index) }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .number(String(value)) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
