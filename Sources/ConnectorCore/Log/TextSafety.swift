extension String {
    /// Text of strangers for terminals and logs, on one line: line breaks and tabs become spaces, other control
    /// characters `?`; cut before `maximumBytes`. `keepingLines`: line feeds stay.
    package func escapingControls(maximumBytes: Int = .max, keepingLines: Bool = false) -> String {
        var result = ""
        var count = 0
        for scalar in unicodeScalars {
            let safe = keepingLines && scalar == "\n" ? scalar : scalar.safeOnOneLine
            count += UTF8.width(safe)
            guard count <= maximumBytes else { break }
            result.unicodeScalars.append(safe)
        }
        return result
    }
}

extension Unicode.Scalar {
    fileprivate var safeOnOneLine: Unicode.Scalar {
        switch value {
        case 0x09, 0x0A, 0x0D, 0x2028, 0x2029: " "
        case 0..<0x20, 0x7F..<0xA0: "?"
        default: self
        }
    }
}
