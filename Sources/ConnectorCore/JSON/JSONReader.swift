extension JSONValue {
    /// Deeper nesting is refused (RFC 8259 § 9 allows a limit): real documents stay far below it.
    public static let maximumDepth = 512

    /// Reads one document, strictly by RFC 8259.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        try self.init(bytes, takesLoneSurrogates: false)
    }

    private init(_ bytes: [UInt8], takesLoneSurrogates: Bool) throws(JSONError) {
        if let offset = UTF8Check.firstInvalidOffset(in: bytes) {
            throw JSONError(offset: offset, problem: "not UTF-8")
        }
        var reader = JSONReader(bytes: bytes)
        reader.takesLoneSurrogates = takesLoneSurrogates
        self = try reader.document()
    }

    /// Reads what a server sent: a byte order mark in front, as templates write it, is no part of the document, and half of
    /// a surrogate pair, as JavaScript leaves it of an emoji that it cuts, is the character for what can't be read.
    package init(parsingAnswer bytes: [UInt8]) throws(JSONError) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        try self.init(bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes, takesLoneSurrogates: true)
    }

    /// A JSON value from its parts.
    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }
}

/// Finds damage in UTF-8 (overlong forms and surrogates included).
package enum UTF8Check {
    package static func firstInvalidOffset(in bytes: [UInt8]) -> Int? {
        do {
            _ = try UTF8Span(validating: bytes.span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }
}

/// A parser with its own stack, so that depth costs heap and not the thread's stack. The bytes are valid UTF-8.
private struct JSONReader {
    let bytes: [UInt8]
    var offset = 0
    var takesLoneSurrogates = false
    /// The containers that are open, outermost first.
    var open: [Container] = []

    /// An array or object that is being read; one type for both, so that it grows in place.
    struct Container {
        var isObject: Bool
        /// Of the member whose value comes next.
        var name = ""
        var elements: [JSONValue] = []
        var members: [JSONValue.Member] = []

        mutating func add(_ value: JSONValue) {
            if isObject { members.append(JSONValue.Member(name, value)) } else { elements.append(value) }
        }
    }

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(JSONError) -> JSONValue {
        while true {
            guard let value = try valueOrOpening(), let document = try deliver(value) else { continue }
            skipSpace()
            guard offset == bytes.count else { throw failure("more text after the document") }
            return document
        }
    }

    /// Gives a value to the innermost container, and every container that ends there to its own. What no container
    /// takes is the document; nil when another value follows.
    mutating func deliver(_ value: JSONValue) throws(JSONError) -> JSONValue? {
        var value = value
        while !open.isEmpty {
            open[open.count - 1].add(value)
            guard let closed = try closedContainer() else { return nil }
            value = closed
        }
        return value
    }

    /// After a value: the container if it ends here, nil if a comma announces another value.
    mutating func closedContainer() throws(JSONError) -> JSONValue? {
        let isObject = open[open.count - 1].isObject
        skipSpace()
        if take(isObject ? "}" : "]") {
            let container = open.removeLast()
            return isObject ? .object(container.members) : .array(container.elements)
        }
        guard take(",") else {
            throw failure(isObject ? "expected , or } in an object" : "expected , or ] in an array")
        }
        if isObject { open[open.count - 1].name = try memberName() }
        return nil
    }

    /// A complete value, or nil when a container was opened and its first value comes next.
    mutating func valueOrOpening() throws(JSONError) -> JSONValue? {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try openObject()
        case UInt8(ascii: "["): return try openArray()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    mutating func openArray() throws(JSONError) -> JSONValue? {
        try enter()
        if take("]") { return .array([]) }
        open.append(Container(isObject: false))
        return nil
    }

    mutating func openObject() throws(JSONError) -> JSONValue? {
        try enter()
        if take("}") { return .object([]) }
        open.append(Container(isObject: true, name: try memberName()))
        return nil
    }

    mutating func enter() throws(JSONError) {
        guard open.count < JSONValue.maximumDepth else {
            throw failure("nested deeper than \(JSONValue.maximumDepth) levels")
        }
        offset += 1
        skipSpace()
    }

    mutating func memberName() throws(JSONError) -> String {
        skipSpace()
        guard peek == UInt8(ascii: "\"") else { throw failure("expected a member's name in quotes") }
        let name = try string()
        skipSpace()
        guard take(":") else { throw failure("expected : after a member's name") }
        return name
    }
}

// MARK: - Tokens

extension JSONReader {
    var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    func failure(_ problem: String) -> JSONError {
        JSONError(offset: offset, problem: offset < bytes.count ? problem : "the text ends too early")
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
        }
    }

    mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for byte in word.utf8 {
            guard peek == byte else { throw failure("expected \(word)") }
            offset += 1
        }
        return value
    }

    mutating func number() throws(JSONError) -> String {
        let start = offset
        _ = take("-")
        if !take("0") { try digits(start == offset ? "expected a value" : "expected a digit") }
        if take(".") { try digits("expected a digit after the point") }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits("expected a digit in the exponent")
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    mutating func digits(_ problem: String) throws(JSONError) {
        guard let byte = peek, byte.isASCIIDigit else { throw failure(problem) }
        while let byte = peek, byte.isASCIIDigit {
            offset += 1
        }
    }
}

// MARK: - Strings

extension JSONReader {
    mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { offset += 1 }
        // Most strings are as they stand.
        if take("\"") { return String(decoding: bytes[start..<offset - 1], as: UTF8.self) }
        var text = Array(bytes[start..<offset])
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case 0..<0x20:
                throw failure("a control character in a string must be escaped")
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw failure("a string does not end")
    }

    mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let start = offset
        offset += 1
        switch peek {
        case UInt8(ascii: "u"):
            offset = start
            text.append(contentsOf: try unicodeEscape().utf8)
            return
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[offset])
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        default: throw failure("unknown escape in a string")
        }
        offset += 1
    }

    /// `\uXXXX`, or two of them that form a surrogate pair.
    mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = offset
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let end = offset
        if UTF16.isLeadSurrogate(first), bytes.dropFirst(end).starts(with: "\\u".utf8),
            let scalar = SurrogatePair.scalar(first, try codeUnit())
        {
            return scalar
        }
        guard takesLoneSurrogates else { throw JSONError(offset: start, problem: "half of a surrogate pair") }
        offset = end
        return "\u{FFFD}"
    }

    mutating func codeUnit() throws(JSONError) -> UInt16 {
        guard take("\\"), take("u") else { throw failure("expected \\u") }
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = peek?.hexDigitValue else { throw failure("expected four hexadecimal digits after \\u") }
            value = value << 4 | UInt16(digit)
            offset += 1
        }
        return value
    }
}

/// Two UTF-16 code units that stand for one scalar.
package enum SurrogatePair {
    package static func scalar(_ lead: UInt16, _ trail: UInt16) -> Unicode.Scalar? {
        guard UTF16.isLeadSurrogate(lead), UTF16.isTrailSurrogate(trail) else { return nil }
        return Unicode.Scalar(0x10000 + (UInt32(lead) - 0xD800) << 10 + UInt32(trail) - 0xDC00)
    }
}

extension Unicode.Scalar {
    var utf8: [UInt8] { Array(String(self).utf8) }
}

extension UInt8 {
    /// 0 to 15 for an ASCII hexadecimal digit.
    package var hexDigitValue: UInt8? {
        switch asciiLowercased {
        case 0x30...0x39: self - 0x30
        case 0x61...0x66: asciiLowercased - 0x61 + 10
        default: nil
        }
    }
}
