/// Reads JSON that we or our tests wrote; strict enough to refuse what is broken, bounded in depth.
struct SandboxJSONParser {
    private static let maximumDepth = 64
    private let bytes: [UInt8]
    private var position = 0

    struct Malformed: Error, Equatable {
        let position: Int
    }

    static func parse(_ bytes: [UInt8]) throws(Malformed) -> SandboxJSON {
        var reader = SandboxJSONParser(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw Malformed(position: reader.position) }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var malformed: Malformed { Malformed(position: position) }
    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(Malformed) -> SandboxJSON {
        guard depth < Self.maximumDepth else { throw malformed }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return try string()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(Malformed) -> SandboxJSON {
        var members: [SandboxJSON.Member] = []
        guard take("{") else { throw malformed }
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard let name = try string().text, take(":") else { throw malformed }
            members.append(.init(name: name, value: try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw malformed }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Malformed) -> SandboxJSON {
        var elements: [SandboxJSON] = []
        guard take("[") else { throw malformed }
        if take("]") { return .array([]) }
        repeat { elements.append(try value(depth: depth + 1)) } while take(",")
        guard take("]") else { throw malformed }
        return .array(elements)
    }

    private mutating func string() throws(Malformed) -> SandboxJSON {
        guard next == UInt8(ascii: "\"") else { throw malformed }
        let start = position
        var isEscaped = false
        position += 1
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw malformed }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                position += 1
            }
            position += 1
        }
        guard position < bytes.count else { throw malformed }
        position += 1
        if isEscaped { return .literal(String(decoding: bytes[start..<position], as: UTF8.self)) }
        return .string(String(decoding: bytes[(start + 1)..<(position - 1)], as: UTF8.self))
    }

    private mutating func word(_ word: String, _ value: SandboxJSON) throws(Malformed) -> SandboxJSON {
        guard bytes[position...].starts(with: word.utf8) else { throw malformed }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(Malformed) -> SandboxJSON {
        let start = position
        while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard Double(text) != nil else { throw malformed }
        return .number(text)
    }

    /// The text that a literal with escapes stands for; surrogates without a partner become U+FFFD.
    static func decoded(_ literal: String) -> String {
        var units: [UInt16] = []
        var rest = Array(literal.utf16.dropFirst().dropLast())[...]
        while let unit = rest.popFirst() {
            guard unit == 0x5C, let escape = rest.popFirst() else {
                units.append(unit)
                continue
            }
            switch Unicode.Scalar(escape) {
            case "n": units.append(0x0A)
            case "t": units.append(0x09)
            case "r": units.append(0x0D)
            case "b": units.append(0x08)
            case "f": units.append(0x0C)
            case "u":
                units.append(UInt16(String(decoding: rest.prefix(4), as: UTF16.self), radix: 16) ?? 0xFFFD)
                rest = rest.dropFirst(4)
            default: units.append(escape)
            }
        }
        return String(decoding: units, as: UTF16.self)
    }
}
