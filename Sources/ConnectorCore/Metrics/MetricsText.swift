extension MetricsSnapshot {
    /// Prometheus' text format 0.0.4. Names and tag names are made of what the format allows, values are escaped.
    package func prometheus(prefix: String = "") -> String {
        var text = ""
        var last = ""
        for series in series {
            let name = Self.word(prefix + series.name)
            if name != last { text += "# TYPE \(name) \(series.value.kind)\n" }
            last = name
            for line in Self.lines(series) {
                text += Self.word(prefix + line.name) + Self.braces(line.tags) + " \(Self.text(line.value))\n"
            }
        }
        return text
    }

    private static func braces(_ tags: [Tag]) -> String {
        guard !tags.isEmpty else { return "" }
        return "{" + tags.map { "\(word($0.name))=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    /// Letters, digits and underscores, not beginning with a digit; anything else becomes an underscore.
    private static func word(_ name: String) -> String {
        let bytes = name.utf8.map { byte in
            let isLetter = (0x61...0x7A).contains(byte.asciiLowercased)
            return isLetter || (0x30...0x39).contains(byte) || byte == 0x5F ? byte : 0x5F
        }
        let word = String(decoding: bytes, as: UTF8.self)
        return word.first?.isNumber ?? true ? "_" + word : word
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension MetricsSnapshot.Value {
    var kind: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
