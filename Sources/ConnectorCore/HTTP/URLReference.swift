/// The parts of an absolute `http` or `https` URL that decisions need: where it leads, and what is below.
package struct URLReference: Sendable, Equatable {
    package var scheme: String
    /// Lower case, without brackets around an IPv6 address.
    package var host: String
    package var port: Int
    /// Path and query as written, starting with a slash.
    package var target: String

    /// Nil for anything but an absolute http(s) URL with a host and without user information.
    package init?(_ text: String) {
        guard let separator = text.firstRange(ofASCII: "://") else { return nil }
        scheme = String(text[..<separator.lowerBound]).lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = text[separator.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        guard let (host, port) = Self.split(authority: rest[..<end]) else { return nil }
        self.host = host
        self.port = port ?? (scheme == "https" ? 443 : 80)
        let below = rest[end...].prefix { $0 != "#" }
        target = below.first == "/" ? String(below) : "/" + below
    }

    /// Scheme, host and port: what credentials are bound to.
    package var origin: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        let isDefault = port == (scheme == "https" ? 443 : 80)
        return isDefault ? "\(scheme)://\(shown)" : "\(scheme)://\(shown):\(port)"
    }

    package var text: String { origin + target }

    /// The text with a path below it, with one slash between them; itself where the path is empty.
    package func text(below path: String) -> String {
        let root = text.hasSuffix("/") ? String(text.dropLast()) : text
        return path.isEmpty || path.hasPrefix("/") ? root + path : "\(root)/\(path)"
    }

    /// `127.0.0.0/8`, `::1` or `localhost`.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }

    /// A reference found in an answer, seen from this URL (RFC 3986 § 5.2). Nil for what is no http(s) URL.
    package func resolve(_ reference: String) -> URLReference? {
        let scheme = reference.prefix { $0 != ":" && $0 != "/" && $0 != "?" && $0 != "#" }
        let below = reference.prefix { $0 != "#" }
        // A colon further on is part of a path or query.
        if scheme.endIndex < reference.endIndex, reference[scheme.endIndex] == ":" {
            return URLReference(reference)?.withoutDots
        }
        if below.hasPrefix("//") { return URLReference("\(self.scheme):\(below)")?.withoutDots }
        var resolved = self
        let path = target.prefix { $0 != "?" }
        if below.isEmpty {
            return resolved
        } else if below.hasPrefix("/") {
            resolved.target = String(below)
        } else if below.hasPrefix("?") {
            resolved.target = String(path + below)
            return resolved
        } else {
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
            resolved.target = String(folder + below)
        }
        return resolved.withoutDots
    }

    /// RFC 3986 § 5.2.4: `.` and `..` are steps in the path; above the root there is nothing.
    private var withoutDots: URLReference {
        let path = target.prefix { $0 != "?" }
        guard path.contains("/.") else { return self }
        let steps = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var kept: [Substring] = []
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1
            switch step {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(step)
            }
        }
        var plain = self
        plain.target = "/" + kept.joined(separator: "/") + target[path.endIndex...]
        return plain
    }

    private static func split(authority: Substring) -> (host: String, port: Int?)? {
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        var host = authority
        var port: Substring?
        if authority.first == "[" {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<close]
            let rest = authority[authority.index(after: close)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ isHostByte($0, bracketed: authority.first == "[") }) else {
            return nil
        }
        guard let port, !port.isEmpty else { return (host.lowercased(), nil) }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port) else { return nil }
        return (1...65_535).contains(number) ? (host.lowercased(), number) : nil
    }

    /// Letters, digits, `-`, `.` and `_`, and the colon of IPv6: what every parser of URLs reads alike. Names in other
    /// scripts are written in their `xn--` form.
    private static func isHostByte(_ byte: UInt8, bracketed: Bool) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        case UInt8(ascii: ":"): bracketed
        default: false
        }
    }
}

extension String {
    fileprivate func firstRange(ofASCII needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) {
                return start..<index(start, offsetBy: needle.count)
            }
            start = index(after: start)
        }
        return nil
    }

    /// RFC 3986: everything but unreserved characters is escaped.
    package var percentEncoded: String {
        var encoded = ""
        for byte in utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.utf8.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        return encoded
    }
}
