import ConnectorCore
import HTTPListener

/// What an API needs besides the request: time, how to shape pages, and where it notes what it served.
struct PageContext: Sendable {
    var now: Instant
    var origin: String
    var duplicatesPage = false
    var reordersPage = false
    var restartsOnUnknownAnchor = false
    var expiresDelta = false
    /// How far the server's clock is ahead, in seconds: added to the times that records show.
    var skew: Int64 = 0
    /// The last page of each path, for `duplicate_page`.
    var lastPages: [String: [Record]] = [:]
    /// What this request's page holds, for `change_while_paging`.
    var served: (collection: String, ids: [String])?

    /// The page as it will really be served.
    mutating func shape(_ records: [Record], of collection: String, path: String) -> [Record] {
        var page = records
        if duplicatesPage, let last = lastPages[path] { page = last }
        if reordersPage { page.reverse() }
        lastPages[path] = page
        served = (collection, page.map(\.id))
        return page
    }

    /// A record as this answer shows it.
    func bytes(_ record: Record) -> [UInt8] {
        guard skew != 0 else { return record.bytes }
        var json = record.json
        for name in ["created", "modified"] {
            if let seconds = json[name]?.int { json[name] = .int(seconds + Int(skew)) }
            if let text = json[name]?.text, let time = Timestamp.parse(text) {
                json[name] = .string(Timestamp.iso8601(time + .seconds(skew)))
            }
        }
        return json.bytes
    }

    /// A time that a request names, as the records here know it.
    func unskewed(_ time: Instant) -> Instant {
        time + .seconds(-skew)
    }

    func array(_ records: [Record]) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "[")]
        for (index, record) in records.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output += bytes(record)
        }
        output.append(UInt8(ascii: "]"))
        return output
    }
}

/// One API of the sandbox: a value that answers requests, so that tests need no socket.
protocol SandboxAPI: Sendable {
    var collections: [String: RecordCollection] { get }
    mutating func respond(to request: ListenerRequest, _ context: inout PageContext) -> ListenerResponse
    mutating func create(in collection: String, at now: Instant)
    mutating func update(_ id: String, in collection: String, at now: Instant)
    mutating func delete(_ id: String, in collection: String, at now: Instant)
    /// Forgets sessions, so that clients must log in again.
    mutating func endSessions()
}

extension ListenerResponse {
    static func json(_ status: Int, _ bytes: [UInt8], headers: TransportHeaders = [:]) -> ListenerResponse {
        var headers = headers
        if headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        return ListenerResponse(status: status, headers: headers, body: bytes)
    }

    static func json(_ status: Int, _ json: SandboxJSON) -> ListenerResponse {
        .json(status, json.bytes)
    }
}

extension ListenerRequest {
    var segments: [String] {
        path.split(separator: "/").map(String.init)
    }

    /// The credential of `Authorization: Bearer …`.
    var bearer: String? {
        guard let value = headers["Authorization"], value.prefix(7).lowercased() == "bearer " else { return nil }
        return String(value.dropFirst(7))
    }

    /// User name and password of `Authorization: Basic …`.
    var basic: String? {
        guard let value = headers["Authorization"], value.prefix(6).lowercased() == "basic " else { return nil }
        return Base64.decoded(value.dropFirst(6))
    }
}

/// RFC 4648, decoding only.
enum Base64 {
    static func decoded(_ text: some StringProtocol) -> String? {
        var output: [UInt8] = []
        var (bits, count) = (0, 0)
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            (bits, count) = (bits << 6 | value, count + 6)
            guard count >= 8 else { continue }
            count -= 8
            output.append(UInt8(bits >> count & 0xFF))
            bits &= (1 << count) - 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
}
