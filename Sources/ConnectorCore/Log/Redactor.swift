/// Knows every secret of the process and takes them out of a text before it is logged or shown: as they are, and as
/// they look percent-encoded, form-encoded, escaped in JSON, in hexadecimal, and inside of base64 (`Authorization: Basic`).
///
/// Overlapping occurrences are taken out together, so that no tail of a secret stays. Work is one pass over the text
/// with one look-up a byte, however many secrets there are.
package struct Redactor: Sendable {
    /// What stands in place of a secret.
    package static let mask = "‹redacted›"
    /// Shorter secrets would hit ordinary words; they protect nothing anyway.
    package static let minimumCharacters = 4
    /// A piece of base64 shorter than this could be a piece of anything.
    private static let minimumBase64 = 8
    /// A line of a secret in many lines (a PEM key) is a secret from this length on.
    private static let minimumLine = 8

    /// Patterns by their first four bytes, each list from long to short.
    private var patterns: [UInt32: [[UInt8]]] = [:]

    package init(_ secrets: [Secret] = []) {
        for secret in secrets {
            add(secret)
        }
    }

    /// Learns a secret; shorter than four characters it is passed over.
    package mutating func add(_ secret: Secret) {
        let text = secret.reveal()
        add(text)
        let lines = text.split(whereSeparator: \.isNewline)
        for line in lines where lines.count > 1 && line.count >= Self.minimumLine && !line.hasPrefix("-----") {
            add(String(line))
        }
    }

    /// Learns also how `user:secret` looks in base64. Base64 of the secret beside an unknown user is known without it,
    /// but for the characters that the neighbours share.
    package mutating func add(user: String, _ secret: Secret) {
        add(secret)
        guard secret.reveal().count >= Self.minimumCharacters else { return }
        let encoded = Base64Text.encode(Array("\(user):\(secret.reveal())".utf8))
        addPattern(encoded)
        addPattern(Base64Text.urlSafe(encoded))
    }

    private mutating func add(_ text: String) {
        guard text.count >= Self.minimumCharacters else { return }
        for form in SecretForms.all(of: text) {
            addPattern(Array(form.utf8))
        }
        for piece in SecretForms.base64Pieces(of: text) where piece.count >= Self.minimumBase64 {
            addPattern(piece)
            addPattern(Base64Text.urlSafe(piece))
        }
    }

    private mutating func addPattern(_ pattern: [UInt8]) {
        guard pattern.count >= 4 else { return }
        let key = pattern.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        var list = patterns[key, default: []]
        guard !list.contains(pattern) else { return }
        list.insert(pattern, at: list.firstIndex { $0.count < pattern.count } ?? list.endIndex)
        patterns[key] = list
    }

    /// The text without secrets.
    package func redact(_ text: String) -> String {
        guard !patterns.isEmpty else { return text }
        let bytes = Array(text.utf8)
        let found = occurrences(in: bytes)
        guard !found.isEmpty else { return text }
        var result: [UInt8] = []
        var end = 0
        for range in found {
            result += bytes[end..<range.lowerBound]
            result += Self.mask.utf8
            end = range.upperBound
        }
        result += bytes[end...]
        return String(decoding: result, as: UTF8.self)
    }

    /// Where secrets stand, in order; overlapping ones are one range.
    private func occurrences(in bytes: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var key: UInt32 = 0
        for (index, byte) in bytes.enumerated() {
            key = key << 8 | UInt32(byte)
            let start = index - 3
            guard start >= 0, let length = longestPattern(key, in: bytes[start...]) else { continue }
            if let last = found.last, start < last.upperBound {
                found[found.count - 1] = last.lowerBound..<max(last.upperBound, start + length)
            } else {
                found.append(start..<start + length)
            }
        }
        return found
    }

    private func longestPattern(_ key: UInt32, in bytes: ArraySlice<UInt8>) -> Int? {
        patterns[key]?.first { bytes.starts(with: $0) }?.count
    }
}
