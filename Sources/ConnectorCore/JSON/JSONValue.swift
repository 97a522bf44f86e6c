/// A JSON document as a value, for texts of the size of a configuration or an error body. Records on their way to a
/// sink stay bytes and never become one.
///
/// Members keep their order and repetitions, numbers keep their text, so writing gives back what was read.
///
/// Two objects are equal whatever the order of their members (see ``isIdentical(to:)``), two numbers where they are
/// written alike, and strings as Swift compares them: canonically equivalent spellings of an accented letter are equal.
public indirect enum JSONValue: Sendable {
    /// `null`, which is a value: not the same as a member that is not there.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// The exact source text; never passed through a `Double`.
    case number(String)
    /// Its text, with escapes resolved.
    case string(String)
    /// Its elements.
    case array([JSONValue])
    /// Its members, in their order, repetitions included.
    case object([Member])

    /// A name and its value.
    public struct Member: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Its value.
        public var value: JSONValue

        /// A member from its parts.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

extension JSONValue: Hashable {
    /// Whatever the order of members; of repeated names the order of their values counts.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): isEqual(left, right)
        default: false
        }
    }

    /// Each value is looked at once: in their order where the names stand alike, else by name.
    private static func isEqual(_ left: [Member], _ right: [Member]) -> Bool {
        guard left.count == right.count else { return false }
        if left.indices.allSatisfy({ left[$0].name == right[$0].name }) { return left == right }
        return Dictionary(grouping: left, by: \.name) == Dictionary(grouping: right, by: \.name)
    }

    /// The same for equal values.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let text): hasher.combine(text)
        case .string(let text): hasher.combine(text)
        case .array(let elements): hasher.combine(elements)
        case .object(let members):
            // A sum, which no order changes.
            hasher.combine(members.reduce(0) { $0 &+ $1.hashValue })
        }
    }

    /// Whether both are written as the same text: with the same members in the same order.
    public func isIdentical(to other: JSONValue) -> Bool { bytes == other.bytes }
}

extension JSONValue: CustomStringConvertible {
    /// As it is written.
    public var description: String { text }
}

extension JSONValue {
    /// Whether it is `null`.
    public var isNull: Bool { self == .null }

    /// `true` or `false`; nil for any other kind.
    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The text; nil for any other kind.
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number's text.
    public var number: String? {
        guard case .number(let text) = self else { return nil }
        return text
    }

    /// The number if it is whole and fits, in any spelling (`1e3`, `10.0`); never rounded.
    public var int64: Int64? { number.flatMap(JSONNumber.int64) }

    /// The nearest floating-point number.
    public var double: Double? { number.flatMap(Double.init) }

    /// The elements; nil for any other kind.
    public var array: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members in their order; nil for any other kind.
    public var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The member's value; of repeated names the last one counts.
    public subscript(name: String) -> JSONValue? {
        members?.last { $0.name == name }?.value
    }

    /// The element; nil outside of the array.
    public subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// Follows names and indices: `value[path: "error", "details", 0, "message"]`.
    public subscript(path steps: Step...) -> JSONValue? {
        self[path: steps]
    }

    /// The value there; nil where there is none.
    public subscript(path steps: [Step]) -> JSONValue? {
        var current = self
        for step in steps {
            guard let next = current[step] else { return nil }
            current = next
        }
        return current
    }

    /// The value there; nil where there is none.
    public subscript(step: Step) -> JSONValue? {
        switch step {
        case .name(let name): self[name]
        case .index(let index): self[index]
        }
    }

    /// One step of a path.
    public enum Step: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        /// The member of that name.
        case name(String)
        /// The element at that place, from 0.
        case index(Int)

        /// As it is written in a program.
        public init(stringLiteral name: String) { self = .name(name) }
        /// As it is written in a program.
        public init(integerLiteral index: Int) { self = .index(index) }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// As it is written in a program.
    public init(nilLiteral: ()) { self = .null }
    /// As it is written in a program.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// As it is written in a program.
    public init(integerLiteral value: Int64) { self = .number(String(value)) }
    /// The shortest text that means this floating-point number: `0.1`, `1e+20`. Money is better written as integers, or as
    /// `.number("19.90")`.
    public init(floatLiteral value: Double) {
        precondition(value.isFinite, "JSON has no infinity")
        self = .number(String(value))
    }
    /// As it is written in a program.
    public init(stringLiteral value: String) { self = .string(value) }
    /// As it is written in a program.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// As it is written in a program.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
