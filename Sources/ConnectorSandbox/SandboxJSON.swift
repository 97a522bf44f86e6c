/// JSON as it came: members keep their order, numbers and escaped strings keep their text, so that a record read,
/// changed in one member and written again differs in that member only.
indirect enum SandboxJSON: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number's text.
    case number(String)
    case string(String)
    /// A string literal with escapes, quotes included, verbatim.
    case literal(String)
    case array([SandboxJSON])
    case object([Member])

    struct Member: Sendable, Equatable {
        var name: String
        var value: SandboxJSON
    }

    subscript(name: String) -> SandboxJSON? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.name == name }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            let place = members.firstIndex { $0.name == name }
            if let newValue, let place {
                members[place].value = newValue
            } else if let newValue {
                members.append(Member(name: name, value: newValue))
            } else if let place {
                members.remove(at: place)
            }
            self = .object(members)
        }
    }

    var text: String? {
        switch self {
        case .string(let text): text
        case .literal(let literal): SandboxJSONParser.decoded(literal)
        default: nil
        }
    }

    var int: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    var double: Double? {
        if case .number(let text) = self { Double(text) } else { nil }
    }

    var elements: [SandboxJSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// Without white space.
    var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .number(let text), .literal(let text): output += text.utf8
        case .string(let text): Self.write(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.write(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output += "\\\"".utf8
            case UInt8(ascii: "\\"): output += "\\\\".utf8
            case UInt8(ascii: "\n"): output += "\\n".utf8
            case 0..<0x20: output += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}

extension SandboxJSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int64) { self = .number(String(value)) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(nilLiteral: ()) { self = .null }
    init(arrayLiteral elements: SandboxJSON...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, SandboxJSON)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }
    static func int(_ value: some BinaryInteger) -> SandboxJSON { .number(String(value)) }
}
