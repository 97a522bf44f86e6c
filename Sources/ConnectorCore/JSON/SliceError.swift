/// Why a page has no records: it is not JSON, or its records are not where the plan says.
package struct SliceError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The page is no JSON text.
        case malformed
        /// The page stops in the middle of a JSON text: a connection that broke, or a limit.
        case truncated
        /// A limit of the slicer: nesting, size.
        case tooLarge
        /// More records than there is room for.
        case tooManyRecords
        /// There is no value at the records' path.
        case recordsMissing
        /// The value at the records' path is null.
        case recordsNull
        /// The value at the records' path is of another type.
        case recordsOfWrongType
    }

    package let code: Code
    /// In the page as it came, counted from 0.
    package let offset: Int
    package let reason: String
    /// What stands around `offset` where the grammar is broken, else the page's beginning: at most 40 printable
    /// characters.
    package let excerpt: String

    package init(_ code: Code, offset: Int, reason: String, excerpt: String) {
        self.code = code
        self.offset = offset
        self.reason = reason
        self.excerpt = excerpt
    }

    package var description: String {
        if excerpt.isEmpty { return "byte \(offset): \(reason)" }
        return switch code {
        case .malformed, .truncated, .tooLarge, .tooManyRecords: "byte \(offset): \(reason), near `\(excerpt)`"
        case .recordsMissing, .recordsNull, .recordsOfWrongType: "\(reason); the page begins `\(excerpt)`"
        }
    }
}

/// Where a scan stopped and why, in the two words that the hot loop can afford.
struct Fault: Error, Equatable {
    enum Reason: UInt8 {
        case expectedValue, expectedName, expectedColon, expectedCommaOrBrace, expectedCommaOrBracket
        case badLiteral, badNumber, leadingZero, badEscape, badUnicodeEscape, controlCharacter, badUTF8
        case trailingBytes, tooDeep, tooManyRecords
    }

    let reason: Reason
    let offset: Int

    @inline(__always)
    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension Fault.Reason {
    var text: String {
        switch self {
        case .expectedValue: "a JSON value was expected"
        case .expectedName: "a member name in quotes was expected"
        case .expectedColon: "a colon was expected after the member name"
        case .expectedCommaOrBrace: "a comma or a closing brace was expected"
        case .expectedCommaOrBracket: "a comma or a closing bracket was expected"
        case .badLiteral: "only true, false and null may stand here without quotes"
        case .badNumber: "a digit was expected"
        case .leadingZero: "a number may not begin with a needless zero"
        case .badEscape: "a string has an unknown escape"
        case .badUnicodeEscape: "four hexadecimal digits were expected after \\u"
        case .controlCharacter: "a string has an unescaped control character"
        case .badUTF8: "a string is not valid UTF-8"
        case .trailingBytes: "something follows the end of the JSON text"
        case .tooDeep: "objects and arrays are nested deeper than \(PageScanner.depthMaximum)"
        case .tooManyRecords: "the page has more than \(SlicePlan.recordsMaximum) records"
        }
    }

    /// What it is beyond, where the text itself is in order.
    var limit: SliceError.Code? {
        switch self {
        case .tooDeep: .tooLarge
        case .tooManyRecords: .tooManyRecords
        default: nil
        }
    }

    /// Whether the scan was between the quotes of a string.
    var isInString: Bool {
        switch self {
        case .badEscape, .badUnicodeEscape, .controlCharacter, .badUTF8: true
        default: false
        }
    }
}

extension SliceError {
    /// Puts a fault into words, while the page's unread bytes still stand where they were.
    init(_ fault: Fault, in bytes: PageBytes, unmovedFrom unmoved: Int) {
        let start = Swift.max(unmoved, fault.offset - 20, 0)
        let end = Swift.min(bytes.count, fault.offset + 20)
        let excerpt = start < end ? Self.printable(bytes.copy(start..<end)) : ""
        if Self.isCutOff(fault, in: bytes) {
            let place = fault.reason.isInString ? "inside a string" : "where \(fault.reason.text)"
            self.init(.truncated, offset: fault.offset, reason: "the page ends \(place)", excerpt: excerpt)
        } else {
            let code = fault.reason.limit ?? .malformed
            self.init(code, offset: fault.offset, reason: fault.reason.text, excerpt: excerpt)
        }
    }

    /// Whether more bytes could have mended it.
    private static func isCutOff(_ fault: Fault, in bytes: PageBytes) -> Bool {
        if fault.reason.limit != nil { return false }
        // Six bytes are more than the longest literal or character.
        let rest = bytes.copy(Swift.min(fault.offset, bytes.count)..<Swift.min(fault.offset + 6, bytes.count))
        if rest.isEmpty { return true }
        switch fault.reason {
        case .badLiteral:
            return ["true", "false", "null"].contains { $0.utf8.starts(with: rest) }
        case .badUTF8:
            // A first byte of a longer character, and then nothing else than its next ones.
            return rest.count < 4 && rest[0] >= 0xC2 && rest.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
        default:
            return false
        }
    }

    /// ASCII as it is, any other byte as a dot: an error line never carries a server's control characters.
    static func printable(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
    }
}
