import ConnectorCore

// Strings and member names of JSON5.

extension JSON5Scanner {
    /// A name in quotes, or an identifier of ECMAScript 5.
    mutating func memberName() throws(JSON5Failure) -> String {
        if peek == "\"" || peek == "'" { return try string() }
        var name = String.UnicodeScalarView()
        let start = offset
        while let scalar = peek, scalar == "\\" || Self.continuesIdentifier(scalar) {
            let place = offset
            let part = scalar == "\\" ? try identifierEscape() : scalar
            if scalar != "\\" { offset += 1 }
            guard name.isEmpty ? Self.startsIdentifier(part) : Self.continuesIdentifier(part) else {
                throw failure(
                    "a key without quotes cannot have \(DiagnosticText.quoted(String(part))) here",
                    Self.quote,
                    at: place
                )
            }
            name.append(part)
        }
        guard offset > start else { throw failure("expected a key, found \(found)", missingNameRemedy) }
        guard !["-", ".", "/", "@", "["].contains(peek) || peek(1) == "/" || peek(1) == "*" else {
            throw failure("a key without quotes cannot have \(found)", Self.quote)
        }
        return String(name)
    }

    private static var quote: String { "put the key in quotes" }

    private var missingNameRemedy: String {
        switch peek {
        case "#": "begin a comment with //"
        case ",": "remove the second comma"
        default: "write key: value, or close the object with }"
        }
    }

    private mutating func identifierEscape() throws(JSON5Failure) -> Unicode.Scalar {
        guard peek(1) == "u" else { throw failure("\\ in a key without quotes", Self.quote) }
        offset += 1
        return try unicodeEscape()
    }

    /// `$`, `_` or a letter.
    static func startsIdentifier(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "$" || scalar == "_" { return true }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber:
            return true
        default:
            return false
        }
    }

    /// Also digits, combining marks, connectors and the two joiners.
    static func continuesIdentifier(_ scalar: Unicode.Scalar) -> Bool {
        if startsIdentifier(scalar) || scalar == "\u{200C}" || scalar == "\u{200D}" { return true }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }
}

// MARK: - Strings

extension JSON5Scanner {
    /// A string in either kind of quotes.
    mutating func string() throws(JSON5Failure) -> String {
        let start = offset
        let quote = peek
        offset += 1
        var text = String.UnicodeScalarView()
        while let scalar = peek, scalar != quote {
            if scalar == "\\" {
                if let escaped = try escape() { text.append(escaped) }
            } else if scalar == "\n" || scalar == "\r" {
                throw failure(
                    "the text does not end in its line",
                    "close the quote, or end the line with \\",
                    at: start
                )
            } else {
                text.append(scalar)
                offset += 1
            }
        }
        guard peek != nil else { throw failure("the text does not end", "close the quote", at: start) }
        offset += 1
        return String(text)
    }

    /// The character that an escape stands for; nothing for a line continuation.
    private mutating func escape() throws(JSON5Failure) -> Unicode.Scalar? {
        let start = offset
        offset += 1
        guard let letter = peek else { return nil }
        switch letter {
        case "u": return try unicodeEscape()
        case "x": return try hexEscape()
        case "\r":
            offset += 1
            _ = take("\n")
            return nil
        case _ where Self.isLineTerminator(letter):
            offset += 1
            return nil
        case _ where Self.isDigit(letter) && (letter != "0" || peek(1).map(Self.isDigit) ?? false):
            throw failure("\\ before a digit", "write \\\\ for a backslash, or \\xHH", at: start)
        default:
            offset += 1
            return Self.controlEscapes[letter] ?? letter
        }
    }

    private static let controlEscapes: [Unicode.Scalar: Unicode.Scalar] = [
        "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{B}", "0": "\0",
    ]

    private mutating func hexEscape() throws(JSON5Failure) -> Unicode.Scalar {
        offset += 1
        return Unicode.Scalar(UInt8(try hexDigits(2)))
    }

    /// From the `u`: four digits, and another escape if they are the first half of a surrogate pair.
    private mutating func unicodeEscape() throws(JSON5Failure) -> Unicode.Scalar {
        let start = offset - 1
        offset += 1
        let first = try hexDigits(4)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard take("\\u"), let scalar = SurrogatePair.scalar(first, try hexDigits(4)) else {
            throw failure("half of a surrogate pair", "write both halves, or the character itself", at: start)
        }
        return scalar
    }

    private mutating func hexDigits(_ count: Int) throws(JSON5Failure) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<count {
            guard let peek, peek.isASCII, let digit = UInt8(peek.value).hexDigitValue else {
                throw failure("expected \(count) hexadecimal digits", "write 0 to 9 or a to f, or \\\\ for a backslash")
            }
            value = value << 4 | UInt16(digit)
            offset += 1
        }
        return value
    }
}
