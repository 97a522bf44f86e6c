/// Puts text from a file into a message: always one line, of bounded length, without control characters that could
/// move a terminal's cursor.
enum DiagnosticText {
    /// Enough to recognise what is meant.
    static let maximumQuoted = 80

    static func quoted(_ text: String) -> String {
        let shown = text.count > maximumQuoted ? text.prefix(maximumQuoted) + "…" : text[...]
        var result = "\""
        for scalar in shown.unicodeScalars {
            result += escaped(scalar)
        }
        return result + "\""
    }

    static func list(_ names: some Sequence<String>) -> String {
        names.map(quoted).joined(separator: ", ")
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        if scalar == "\"" || scalar == "\\" { return "\\\(scalar)" }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            return "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default:
            return String(scalar)
        }
    }
}
