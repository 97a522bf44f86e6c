import ConnectorCore

/// What stops the reading of a JSON5 file.
struct JSON5Failure: Error {
    var offset: Int
    var problem: String
    var remedy: String
}

/// The tokens of JSON5: white space, comments, words, numbers. Strings and names are in the extension beside.
struct JSON5Scanner {
    let scalars: [Unicode.Scalar]
    var offset = 0

    var peek: Unicode.Scalar? { peek(0) }

    func peek(_ distance: Int) -> Unicode.Scalar? {
        offset + distance < scalars.count ? scalars[offset + distance] : nil
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        offset += 1
        return true
    }

    mutating func take(_ word: String) -> Bool {
        let length = word.unicodeScalars.count
        guard scalars[offset...].starts(with: word.unicodeScalars) else { return false }
        offset += length
        return true
    }

    func failure(_ problem: String, _ remedy: String, at place: Int? = nil) -> JSON5Failure {
        JSON5Failure(offset: place ?? offset, problem: problem, remedy: remedy)
    }

    /// What stands here, for messages. One character, so that no secret gets into a log.
    var found: String {
        guard let peek else { return "the end of the file" }
        return DiagnosticText.quoted(String(peek))
    }
}

// MARK: - White space and comments

extension JSON5Scanner {
    mutating func skipSpace() throws(JSON5Failure) {
        while let scalar = peek {
            if Self.isSpace(scalar) {
                offset += 1
            } else if scalar == "/" {
                try skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() throws(JSON5Failure) {
        let start = offset
        switch peek(1) {
        case "/":
            while let scalar = peek, !Self.isLineTerminator(scalar) { offset += 1 }
        case "*":
            offset += 2
            while peek != "*" || peek(1) != "/" {
                guard peek != nil else { throw failure("the comment does not end", "close it with */", at: start) }
                offset += 1
            }
            offset += 2
        default:
            throw failure("a single /", "begin a comment with // or /*")
        }
    }

    static func isLineTerminator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{2028}", "\u{2029}": true
        default: false
        }
    }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "\t", "\u{B}", "\u{C}", "\u{FEFF}": true
        default: isLineTerminator(scalar) || (!scalar.isASCII && scalar.properties.generalCategory == .spaceSeparator)
        }
    }
}

// MARK: - Words and numbers

extension JSON5Scanner {
    /// `null`, `true` or `false`. Anything else is not quoted in the message: it may be a secret without its quotes.
    mutating func word() throws(JSON5Failure) -> LocatedValue.Kind {
        let start = offset
        guard let first = peek, Self.startsIdentifier(first) else {
            let remedy =
                peek == "#" ? "begin a comment with //" : "write a value: text in quotes, a number, { … } or [ … ]"
            throw failure("expected a value, found \(found)", remedy)
        }
        while let scalar = peek, Self.continuesIdentifier(scalar) { offset += 1 }
        let word = String(String.UnicodeScalarView(scalars[start..<offset]))
        switch word {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            let known = ["null", "true", "false"].first { $0 == word.lowercased() }
            throw failure("a word without quotes", "write \(known ?? "text in quotes")", at: start)
        }
    }

    static func startsNumber(_ scalar: Unicode.Scalar) -> Bool {
        isDigit(scalar) || ["+", "-", ".", "I", "N"].contains(scalar)
    }

    /// A number in JSON's spelling, or `Infinity`, `-Infinity`, `NaN`.
    mutating func number() throws(JSON5Failure) -> String {
        let start = offset
        let isNegative = peek == "-"
        if peek == "-" || peek == "+" { offset += 1 }
        let magnitude = try magnitude(start)
        if let next = peek, Self.continuesIdentifier(next) {
            throw failure("\(found) inside of a number", "put text in quotes, or separate with a comma")
        }
        return isNegative && magnitude != "NaN" ? "-\(magnitude)" : magnitude
    }

    private mutating func magnitude(_ start: Int) throws(JSON5Failure) -> String {
        if take("Infinity") { return "Infinity" }
        if take("NaN") { return "NaN" }
        if take("0x") || take("0X") { return try hexadecimal(start) }
        return try decimal(start)
    }

    private mutating func hexadecimal(_ start: Int) throws(JSON5Failure) -> String {
        let digits = run(where: Self.isHexDigit)
        guard !digits.isEmpty else { throw failure("no digit after 0x", "write 0 to 9 or a to f") }
        guard let value = UInt64(digits, radix: 16) else {
            throw failure("a hexadecimal number over 64 bits", "write it in decimal", at: start)
        }
        return String(value)
    }

    private mutating func decimal(_ start: Int) throws(JSON5Failure) -> String {
        let whole = run(where: Self.isDigit)
        guard whole.count <= 1 || !whole.hasPrefix("0") else {
            throw failure("a number with a leading zero", "remove the zero, or put the number in quotes", at: start)
        }
        let fraction = take(".") ? run(where: Self.isDigit) : ""
        guard !whole.isEmpty || !fraction.isEmpty else {
            throw failure("expected a value", "write a number, or put text in quotes", at: start)
        }
        let text = (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : ".\(fraction)")
        return text + (try exponent())
    }

    private mutating func exponent() throws(JSON5Failure) -> String {
        guard peek == "e" || peek == "E" else { return "" }
        offset += 1
        let sign = peek == "-" ? "-" : ""
        if peek == "-" || peek == "+" { offset += 1 }
        let digits = run(where: Self.isDigit)
        guard !digits.isEmpty else { throw failure("no digit in the exponent", "write 1e3 for a thousand") }
        return "e\(sign)\(digits)"
    }

    private mutating func run(where belongs: (Unicode.Scalar) -> Bool) -> String {
        let start = offset
        while let scalar = peek, belongs(scalar) { offset += 1 }
        return String(String.UnicodeScalarView(scalars[start..<offset]))
    }

    static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    static func isHexDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && UInt8(scalar.value).hexDigitValue != nil
    }
}
