import ConnectorCore

/// Builds the fields of the final answer from libcurl's lines; interim answers (1xx) are dropped.
struct HeaderCollector {
    enum Event: Equatable {
        case more
        /// The blank line after the fields of the final answer.
        case complete
        case tooLarge(String)
    }

    /// Of all lines together, interim answers included. Large servers allow 8 to 64 KB.
    static let maximumBytes = 128 << 10
    static let maximumFields = 256

    private(set) var status = 0
    private(set) var headers = HTTPHeaders()
    private var bytes = 0
    private var isComplete = false

    mutating func take(_ line: String) -> Event {
        bytes += line.utf8.count
        guard bytes <= Self.maximumBytes else {
            return .tooLarge("header fields of more than \(Self.maximumBytes) bytes")
        }
        guard !isComplete else { return .more }  // Trailers say nothing about the body's meaning.
        if line.hasPrefix("HTTP/") { return begin(line) }
        let text = line[...].trimmingLineEnd()
        return text.isEmpty ? endOfBlock() : add(text)
    }

    private mutating func begin(_ line: String) -> Event {
        // By bytes: properties of characters cost more than all other fields together.
        let words = line.utf8.split(maxSplits: 2) { $0 == 0x20 || $0 == 0x0D || $0 == 0x0A }
        status = words.count > 1 ? Int(Substring(words[1])) ?? 0 : 0
        headers = HTTPHeaders()
        return .more
    }

    private mutating func endOfBlock() -> Event {
        guard status >= 200 else { return .more }
        isComplete = true
        return .complete
    }

    private mutating func add(_ text: Substring) -> Event {
        guard headers.fields.count < Self.maximumFields else {
            return .tooLarge("more than \(Self.maximumFields) header fields")
        }
        // A line without a name (or the obsolete folding of RFC 9112 § 5.2) is not worth failing an answer for.
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text.first?.isWhitespace == false else {
            return .more
        }
        let value = text[text.utf8.index(after: colon)...]
        headers.add(String(text[..<colon]), String(value.trimmingBlanks()))
        return .more
    }
}

extension HTTPHeaders {
    /// `nil` when absent or not a number.
    var contentLength: Int? { self["Content-Length"].flatMap { Int($0) } }

    var isChunked: Bool { self["Transfer-Encoding"].map { $0.lowercased().contains("chunked") } ?? false }

    var isLabelledGzip: Bool {
        self["Content-Encoding"].map { $0.equalsIgnoringASCIICase("gzip") || $0.equalsIgnoringASCIICase("x-gzip") }
            ?? false
    }

    var hasContentCoding: Bool {
        self["Content-Encoding"].map { !$0.isEmpty && !$0.equalsIgnoringASCIICase("identity") } ?? false
    }
}

extension Substring {
    fileprivate func trimmingLineEnd() -> Substring {
        self[..<(utf8.lastIndex { $0 != 0x0D && $0 != 0x0A }.map { utf8.index(after: $0) } ?? startIndex)]
    }

    fileprivate func trimmingBlanks() -> Substring {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard let first = utf8.firstIndex(where: { !isBlank($0) }) else { return self[endIndex...] }
        let last = utf8.lastIndex { !isBlank($0) } ?? first
        return self[first...last]
    }
}
