/// Reads single values of JSON text that a slicer has already checked. On any other text the answers are nil or
/// harmless, never a crash.
package enum JSONText {
    /// A value's type, as messages name it.
    package enum Kind: Sendable, Equatable, CustomStringConvertible {
        case object
        case array
        case string
        case number
        case boolean
        case null

        /// By a value's first byte.
        init?(first: UInt8) {
            switch first {
            case ASCII.openingBrace: self = .object
            case ASCII.openingBracket: self = .array
            case ASCII.quote: self = .string
            case ASCII.zero...ASCII.nine, ASCII.minus: self = .number
            case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .boolean
            case UInt8(ascii: "n"): self = .null
            default: return nil
            }
        }

        package var description: String {
            switch self {
            case .object: "an object"
            case .array: "an array"
            case .string: "a string"
            case .number: "a number"
            case .boolean: "a boolean"
            case .null: "null"
            }
        }
    }

    /// The type of the value in `range`; nil when there is none.
    package static func kind(_ bytes: [UInt8], _ range: Range<Int>) -> Kind? {
        bytes[range].first.flatMap(Kind.init(first:))
    }

    /// A string's text. Nil when the value is no string, or has an escaped half of a surrogate pair, which is no text.
    package static func string(_ bytes: [UInt8], _ range: Range<Int>) -> String? {
        let text = bytes[range]
        guard text.count >= 2, text.first == ASCII.quote, text.last == ASCII.quote else { return nil }
        guard let unescaped = unescaped(text.dropFirst().dropLast()) else { return nil }
        return String(decoding: unescaped, as: UTF8.self)
    }

    /// A string's text, or any other value's JSON text: what a key or a cursor looks like in a URL.
    package static func plain(_ bytes: [UInt8], _ range: Range<Int>) -> String? {
        kind(bytes, range) == .string ? string(bytes, range) : String(decoding: bytes[range], as: UTF8.self)
    }

    /// A number's value. Nil when it has a fraction or an exponent, does not fit, or is no number.
    package static func int64(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        var digits = bytes[range]
        let isNegative = digits.first == ASCII.minus
        if isNegative { digits = digits.dropFirst() }
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard byte >= ASCII.zero, byte <= ASCII.nine else { return nil }
            let digit = Int64(byte - ASCII.zero)
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            // Counted downwards where negative, since the lowest value has no positive counterpart.
            let (sum, excess) = product.addingReportingOverflow(isNegative ? -digit : digit)
            guard !overflow, !excess else { return nil }
            value = sum
        }
        return value
    }

    package static func bool(_ bytes: [UInt8], _ range: Range<Int>) -> Bool? {
        switch bytes[range] {
        case let text where text.elementsEqual("true".utf8): true
        case let text where text.elementsEqual("false".utf8): false
        default: nil
        }
    }

    package static func isNull(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        bytes[range].elementsEqual("null".utf8)
    }

    /// A string's UTF-8, given what is between its quotes. Nil at an escape that stands for no text.
    static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard let first = text.firstIndex(of: ASCII.backslash) else { return Array(text) }
        var result = Array(text[..<first])
        result.reserveCapacity(text.count)
        var index = first
        while index < text.endIndex {
            guard text[index] == ASCII.backslash else {
                result.append(text[index])
                index += 1
                continue
            }
            guard let (scalar, length) = escape(text[index...]) else { return nil }
            result.append(contentsOf: String(Character(scalar)).utf8)
            index += length
        }
        return result
    }

    /// The character and the length of the escape that the text begins with.
    private static func escape(_ text: ArraySlice<UInt8>) -> (Unicode.Scalar, length: Int)? {
        guard text.count >= 2 else { return nil }
        switch text[text.startIndex + 1] {
        case UInt8(ascii: "b"): return ("\u{8}", 2)
        case UInt8(ascii: "f"): return ("\u{C}", 2)
        case UInt8(ascii: "n"): return ("\n", 2)
        case UInt8(ascii: "r"): return ("\r", 2)
        case UInt8(ascii: "t"): return ("\t", 2)
        case UInt8(ascii: "u"): return unicodeEscape(text)
        case let byte: return (Unicode.Scalar(byte), 2)
        }
    }

    private static func unicodeEscape(_ text: ArraySlice<UInt8>) -> (Unicode.Scalar, length: Int)? {
        guard let unit = codeUnit(text) else { return nil }
        if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
        guard unit < 0xDC00, let second = codeUnit(text.dropFirst(6)), second >= 0xDC00, second < 0xE000 else {
            return nil
        }
        let value = 0x10000 + (UInt32(unit - 0xD800) << 10 | UInt32(second - 0xDC00))
        return Unicode.Scalar(value).map { ($0, 12) }
    }

    /// The value of a `\uXXXX` at the front.
    private static func codeUnit(_ text: ArraySlice<UInt8>) -> UInt16? {
        let escape = text.prefix(6)
        guard escape.count == 6, escape.starts(with: "\\u".utf8) else { return nil }
        var value: UInt16 = 0
        for byte in escape.dropFirst(2) {
            guard let digit = hexDigit(byte) else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case ASCII.zero...ASCII.nine: byte - ASCII.zero
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
