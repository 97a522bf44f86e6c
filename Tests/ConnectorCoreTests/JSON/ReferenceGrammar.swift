/// RFC 8259 once more, as plainly as it can be written, for the slicer to be compared with: recursive, slow, unaware
/// of paths. Also says what the text looks like without white space.
struct ReferenceGrammar {
    private struct Refused: Error {}

    private var rest: ArraySlice<UInt8>
    private(set) var compact: [UInt8] = []

    /// The text without white space; nil when it is no JSON.
    static func compact(_ text: [UInt8]) -> [UInt8]? {
        var grammar = ReferenceGrammar(rest: text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text[...])
        do {
            try grammar.value()
            return grammar.rest.isEmpty ? grammar.compact : nil
        } catch {
            return nil
        }
    }

    private init(rest: ArraySlice<UInt8>) {
        self.rest = rest
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        compact.append(rest.removeFirst())
        return true
    }

    private mutating func expect(_ text: String) throws {
        for character in text.unicodeScalars where !take(character) { throw Refused() }
    }

    private mutating func space() {
        while let byte = rest.first, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { rest.removeFirst() }
    }

    private mutating func value() throws {
        space()
        switch rest.first {
        case UInt8(ascii: "{"): try object()
        case UInt8(ascii: "["): try array()
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try expect("true")
        case UInt8(ascii: "f"): try expect("false")
        case UInt8(ascii: "n"): try expect("null")
        default: try number()
        }
        space()
    }

    private mutating func object() throws {
        try expect("{")
        space()
        if take("}") { return }
        repeat {
            space()
            try string()
            space()
            try expect(":")
            try value()
        } while take(",")
        try expect("}")
    }

    private mutating func array() throws {
        try expect("[")
        space()
        if take("]") { return }
        repeat { try value() } while take(",")
        try expect("]")
    }

    private mutating func string() throws {
        try expect("\"")
        let start = compact.count
        while let byte = rest.first, byte != UInt8(ascii: "\"") {
            if take("\\") {
                try escape()
            } else if byte >= 0x20 {
                compact.append(rest.removeFirst())
            } else {
                throw Refused()
            }
        }
        guard String(validating: compact[start...], as: UTF8.self) != nil else { throw Refused() }
        try expect("\"")
    }

    private mutating func escape() throws {
        for character in "\"\\/bfnrt".unicodeScalars where take(character) { return }
        try expect("u")
        for _ in 0..<4 {
            guard let byte = rest.popFirst(), Character(Unicode.Scalar(byte)).isHexDigit, byte < 0x80 else {
                throw Refused()
            }
            compact.append(byte)
        }
    }

    private mutating func number() throws {
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            try digits()
        }
    }

    private mutating func digits() throws {
        var count = 0
        while let byte = rest.first, byte >= 0x30, byte <= 0x39 {
            compact.append(rest.removeFirst())
            count += 1
        }
        if count == 0 { throw Refused() }
    }
}
