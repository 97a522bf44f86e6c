import ConnectorCore

/// What two programs on a request's way may read differently: such a request is refused, since what one of them takes for
/// a body the other takes for the next request (RFC 9112 § 6.3, § 11.2).
enum StrictHead {
    /// Why the head is refused; nil where it is not.
    static func problem(version: String, target: String, _ headers: TransportHeaders) -> String? {
        let lengths = headers.values(named: "Content-Length")
        let codings = headers.values(named: "Transfer-Encoding")
        let hosts = headers.values(named: "Host")
        if lengths.count > 1 { return "two lengths" }
        if let length = lengths.first, !isLength(length) { return "a length that is no number" }
        if !codings.isEmpty {
            if !lengths.isEmpty { return "a length and a transfer coding" }
            if version != "HTTP/1.1" { return "a transfer coding in \(version)" }
            if codings.map({ $0.lowercased() }) != ["chunked"] { return "a transfer coding that is not chunked" }
        }
        if version == "HTTP/1.1", hosts.count != 1 { return hosts.isEmpty ? "no Host" : "two Hosts" }
        if hosts.contains(where: { $0.utf8.contains { $0 <= 0x20 || $0 == 0x7F } }) { return "a Host that is none" }
        if target.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) { return "a control character in its target" }
        return nil
    }

    /// 1*DIGIT, as long as a number of bytes can be.
    private static func isLength(_ text: String) -> Bool {
        (1...18).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension TransportHeaders {
    fileprivate func values(named name: String) -> [String] {
        fields.filter { $0.name.equalsIgnoringASCIICase(name) }.map(\.value)
    }
}
