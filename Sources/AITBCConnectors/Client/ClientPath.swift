import ConnectorCore

/// URLs below a base: one slash between the parts, whatever slashes the parts bear.
enum ClientPath {
    static func joined(_ base: String, _ part: String) -> String {
        // By bytes: this is on every request's way.
        let slash = UInt8(ascii: "/")
        let end = base.utf8.lastIndex { $0 != slash }.map { base.utf8.index(after: $0) } ?? base.startIndex
        let start = part.utf8.firstIndex { $0 != slash } ?? part.endIndex
        return start == part.endIndex ? String(base[..<end]) : "\(base[..<end])/\(part[start...])"
    }

    /// A path of components, each of them encoded: whatever it holds, it stays one. Throws where one would lead elsewhere.
    static func path(of components: [String]) throws(ValidationError) -> String {
        guard !components.isEmpty, !components.contains(where: { $0.isEmpty || isDots($0) }) else {
            throw refusal("a component of the path is empty, `.` or `..`")
        }
        return components.map(\.percentEncoded).joined(separator: "/")
    }

    /// Throws where a path has dot segments: libcurl, and many servers, would take the part before them away, and ask
    /// for another object, or for all of them.
    static func check(_ path: String) throws(ValidationError) {
        // By bytes: this is on every request's way, and hardly any path has one.
        guard path.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "%") }) else { return }
        let place = path.prefix { $0 != "?" && $0 != "#" }
        guard place.split(whereSeparator: { $0 == "/" || $0 == "\\" }).contains(where: isDots) else { return }
        throw refusal("the path has a segment `.` or `..`")
    }

    private static func isDots(_ segment: some StringProtocol) -> Bool {
        let plain = segment.lowercased().replacing("%2e", with: ".")
        return plain == "." || plain == ".."
    }

    private static func refusal(_ problem: String) -> ValidationError {
        let hint = "nothing was sent; give the path's parts one by one, such as [\"orders\", id], and check them"
        return ValidationError(ErrorContext(problem, code: "UNSAFE_PATH", hint: hint))
    }

    /// The path is taken as it is, but for what would change where it leads.
    static func url(_ base: String, _ path: String, _ query: [(name: String, value: String)]) -> String {
        let url = joined(
            base,
            path.utf8.contains { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "#") } ? path.pathEncoded : path
        )
        guard !query.isEmpty else { return url }
        let pairs = query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }
        return url + (url.contains("?") ? "&" : "?") + pairs.joined(separator: "&")
    }
}

extension String {
    /// Bytes that can't stand in a URL are percent-encoded; what is written as one stays.
    fileprivate var pathEncoded: String {
        var encoded = ""
        for byte in utf8 {
            let isPlain = byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#")
            encoded += isPlain ? String(Unicode.Scalar(byte)) : "%" + HexText.text([byte]).uppercased()
        }
        return encoded
    }
}
