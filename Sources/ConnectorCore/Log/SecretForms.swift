/// How a secret may look in a text that somebody encoded.
enum SecretForms {
    static func all(of text: String) -> Set<String> {
        Set(inURLs(text)).union([
            jsonEscaped(text, solidus: false, asciiOnly: false),
            jsonEscaped(text, solidus: true, asciiOnly: false),
            jsonEscaped(text, solidus: false, asciiOnly: true),
            jsonEscaped(text, solidus: true, asciiOnly: true),
            HexText.text(Array(text.utf8)),
            HexText.text(Array(text.utf8)).uppercased(),
        ])
    }

    /// As it may stand in a URL; always as many, in the same order, whatever the text: states name a form by its place.
    static func inURLs(_ text: String) -> [String] {
        [
            text,
            percentEncoded(text, keeping: "-._~"),
            percentEncoded(text, keeping: "-._~").lowercasedPercentDigits,
            // Encoders of paths leave the slash.
            percentEncoded(text, keeping: "-._~/"),
            percentEncoded(text, keeping: "-._~/").lowercasedPercentDigits,
            // `encodeURIComponent` of browsers and node.
            percentEncoded(text, keeping: "-._~!'()*"),
            // `application/x-www-form-urlencoded`.
            formEncoded(text, keeping: "-._* "),
            formEncoded(text, keeping: "-._* ").lowercasedPercentDigits,
            formEncoded(text, keeping: "-._~ "),
            formEncoded(text, keeping: "-._~ ").lowercasedPercentDigits,
            // Encoders of .NET, and such that keep what has a meaning between parts only (RFC 3986 § 2.2).
            formEncoded(text, keeping: "-_.!*() ").lowercasedPercentDigits,
            percentEncoded(text, keeping: "-._~!$'()*,;:@/?"),
            percentEncoded(text, keeping: "-._~!$'()*,;:@/?+"),
        ]
    }

    /// The characters of base64 that the text alone decides, for each of its three places in a group of three bytes.
    static func base64Pieces(of text: String) -> [[UInt8]] {
        let bytes = Array(text.utf8)
        return (0..<3).map { before in
            let encoded = Base64Text.encode([UInt8](repeating: 0, count: before) + bytes)
            // A character holds six bits: those that share bits with a neighbour's byte do not count.
            let first = (before * 8 + 5) / 6
            let last = (before + bytes.count) * 8 / 6
            return first < last ? Array(encoded[first..<last]) : []
        }
    }

    private static func formEncoded(_ text: String, keeping kept: String) -> String {
        percentEncoded(text, keeping: kept).replacing(" ", with: "+")
    }

    private static func percentEncoded(_ text: String, keeping kept: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            if isAlphanumeric(byte) || kept.utf8.contains(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || (0x61...0x7A).contains(byte.asciiLowercased)
    }

    /// As most writers escape: short escapes where JSON has them.
    private static func jsonEscaped(_ text: String, solidus: Bool, asciiOnly: Bool) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "/" where solidus: result += "\\/"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (asciiOnly && !scalar.isASCII):
                result += String(scalar).utf16.map(HexText.jsonEscape).joined()
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

extension String {
    /// `%2F` as `%2f`: some encoders write small digits.
    fileprivate var lowercasedPercentDigits: String {
        var remaining = 0
        let bytes = utf8.map { byte -> UInt8 in
            if byte == UInt8(ascii: "%") {
                remaining = 2
                return byte
            }
            guard remaining > 0 else { return byte }
            remaining -= 1
            return byte.asciiLowercased
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate func replacing(_ old: Character, with new: Character) -> String {
        String(map { $0 == old ? new : $0 })
    }
}
