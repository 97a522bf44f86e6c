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
    private(set) var headers = TransportHeaders()
    private var bytes = 0
    private var isComplete = false
    private let memory: FieldMemory

    init(_ memory: FieldMemory = FieldMemory()) {
        self.memory = memory
    }

    /// A line as libcurl hands it over, its end included.
    mutating func take(_ line: some BidirectionalCollection<UInt8>) -> Event {
        bytes += line.count
        guard bytes <= Self.maximumBytes else {
            return .tooLarge("header fields of more than \(Self.maximumBytes) bytes")
        }
        guard !isComplete else { return .more }  // Trailers say nothing about the body's meaning.
        if headers.fields.count < Self.maximumFields, let known = memory.field(line, at: headers.fields.count) {
            headers.add(known)
            return .more
        }
        if line.starts(with: "HTTP/".utf8) { return begin(line) }
        let text = line.trimmingEnd { $0 == 0x0D || $0 == 0x0A }
        return text.isEmpty ? endOfBlock() : add(text, line)
    }

    private mutating func begin(_ line: some BidirectionalCollection<UInt8>) -> Event {
        let digits = line.drop { $0 != 0x20 }.dropFirst().prefix { (0x30...0x39).contains($0) }
        // Three digits (RFC 9110 § 15); anything longer is no status.
        status = digits.count == 3 ? digits.reduce(0) { 10 * $0 + Int($1 & 0x0F) } : 0
        headers = TransportHeaders()
        return .more
    }

    private mutating func endOfBlock() -> Event {
        guard status >= 200 else { return .more }
        isComplete = true
        return .complete
    }

    private mutating func add(_ text: some BidirectionalCollection<UInt8>, _ line: some Collection<UInt8>) -> Event {
        guard headers.fields.count < Self.maximumFields else {
            return .tooLarge("more than \(Self.maximumFields) header fields")
        }
        // A line without a name (or the obsolete folding of RFC 9112 § 5.2) is not worth failing an answer for.
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")), let first = text.first, !Self.isBlank(first) else {
            return .more
        }
        let value = text[text.index(after: colon)...].drop(while: Self.isBlank).trimmingEnd(where: Self.isBlank)
        let field = TransportHeaders.Field(
            name: String(decoding: text[..<colon], as: UTF8.self),
            value: String(decoding: value, as: UTF8.self)
        )
        memory.remember(field, line, at: headers.fields.count)
        headers.add(field)
        return .more
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

extension TransportHeaders {
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

extension BidirectionalCollection<UInt8> {
    fileprivate func trimmingEnd(where isDropped: (UInt8) -> Bool) -> SubSequence {
        var end = endIndex
        while end > startIndex, isDropped(self[index(before: end)]) { end = index(before: end) }
        return self[..<end]
    }
}
