import ConnectorConfiguration
import ConnectorCore

/// A request beside the one that an example expects.
struct RequestComparison {
    private let base: URLReference
    private let request: TransportRequest

    init(_ connector: ConnectorDefinition, _ request: TransportRequest) {
        base = connector.baseURL
        self.request = request
    }

    /// What is not as the example says.
    func differences(_ wanted: DefinitionExample.Request) -> [String] {
        var wrong: [String] = []
        if let method = wanted.method, method != request.method { wrong.append("request.method: \(request.method)") }
        let (place, query) = parts
        if let path = wanted.path, base.text(below: path) != place { wrong.append("request.path: \(place)") }
        let names = Set(query.map(\.name) + wanted.query.map(\.name)).sorted()
        for name in names {
            let found = query.filter { $0.name == name }.map(\.value)
            let should = wanted.query.filter { $0.name == name }.map(\.value)
            if found != should { wrong.append("request.query.\(name): \(shown(found)) instead of \(shown(should))") }
        }
        for header in wanted.headers where request.headers[header.name] != header.value {
            wrong.append("request.headers.\(header.name): \(shown([request.headers[header.name]].compactMap { $0 }))")
        }
        return wrong + body(wanted.body)
    }

    /// The URL before its query, and the query's parameters, decoded.
    private var parts: (place: String, query: [(name: String, value: String)]) {
        let halves = request.url.split(separator: "?", maxSplits: 1)
        let pairs = halves.count < 2 ? [] : halves[1].split(separator: "&")
        let query = pairs.map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), Self.decoded(parts.count > 1 ? parts[1] : ""))
        }
        return (String(halves.first ?? ""), query)
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap(\.hexDigitValue)
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                bytes.append(digits[0] << 4 | digits[1])
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func body(_ wanted: JSONValue?) -> [String] {
        guard let wanted else {
            return request.body.map {
                ["request.body: \(String(decoding: $0, as: UTF8.self)), and the example has none"]
            } ?? []
        }
        let text = String(decoding: request.body ?? [], as: UTF8.self)
        if let plain = wanted.string, plain == text { return [] }
        // A body that is no JSON differs from any, and is shown as it is.
        if let found = try? JSONValue(parsing: text), found == wanted { return [] }
        return ["request.body: \(text) instead of \(wanted.string ?? wanted.text)"]
    }

    private func shown(_ values: [String]) -> String { values.isEmpty ? "nothing" : values.joined(separator: " and ") }
}
