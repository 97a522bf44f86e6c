/// Spells the dotted paths of diagnostics: `streams.charges.lower."created[gte]"`, `items[2]`.
enum ConfigPath {
    static func member(_ name: String, of path: String) -> String {
        let shown = isPlain(name) ? name : DiagnosticText.quoted(name)
        return path.isEmpty ? shown : "\(path).\(shown)"
    }

    static func element(_ index: Int, of path: String) -> String {
        "\(path)[\(index)]"
    }

    /// Letters, digits, `_`, `-` and `$`: what needs no quotes to be read as one step of a path.
    private static func isPlain(_ name: String) -> Bool {
        let plain = name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "0"..."9" ~= $0 || "_-$".contains($0)
        }
        return plain && !name.isEmpty && name.count <= DiagnosticText.maximumQuoted
    }
}

extension String {
    fileprivate func contains(_ scalar: Unicode.Scalar) -> Bool { unicodeScalars.contains(scalar) }
}
