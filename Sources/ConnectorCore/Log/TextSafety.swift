extension String {
    /// Text of strangers for terminals and logs, on one line: what breaks a line and tabs become spaces, other control
    /// characters `?`, those included that turn the direction of what follows; cut before `maximumBytes`.
    package func escapingControls(maximumBytes: Int = .max) -> String {
        var result = ""
        var count = 0
        for scalar in unicodeScalars {
            let safe = scalar.safeOnOneLine
            count += UTF8.width(safe)
            guard count <= maximumBytes else { break }
            result.unicodeScalars.append(safe)
        }
        return result
    }

    /// The same JSON on one line: characters that a terminal obeys are written as JSON's own escapes.
    package func escapingControlsInJSON() -> String {
        guard unicodeScalars.contains(where: { $0.safeOnOneLine != $0 }) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            switch scalar.value {
            // JSON has these between its tokens only.
            case 0x09, 0x0A, 0x0D: result += " "
            case _ where scalar.safeOnOneLine == scalar: result.unicodeScalars.append(scalar)
            default: result += String(scalar).utf16.map(HexText.jsonEscape).joined()
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    /// Itself, unless a terminal or a log would obey it: C0, DEL and C1 controls, separators of lines and paragraphs,
    /// and Unicode's bidirectional controls (property Bidi_Control).
    fileprivate var safeOnOneLine: Unicode.Scalar {
        switch value {
        case 0x20..<0x7F: self
        case 0x09, 0x0A, 0x0D, 0x2028, 0x2029: " "
        case 0..<0x20, 0x7F..<0xA0: "?"
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: "?"
        default: self
        }
    }
}

extension String {
    /// Whether it holds a control character of ASCII, which no header bears.
    package var holdsControlCharacter: Bool { utf8.contains { $0 < 0x20 || $0 == 0x7F } }
}
