import CCurl
import ConnectorCore

/// An address as libcurl itself reads it, so that what we check is what it will do.
struct RequestTarget: Sendable, Equatable {
    /// Longer ones are refused by most servers; a cursor in a URL may be a few KB.
    static let maximumBytes = 64 << 10

    /// Without a fragment.
    let url: String
    private let place: Place

    /// A server, one object for all its URLs: a target is handed on with each request.
    private final class Place: Sendable {
        let scheme: String
        let host: String
        let port: String
        let origin: String
        let isLoopback: Bool

        init(scheme: String, host: String, port: String, isLoopback: Bool) {
            (self.scheme, self.host, self.port, self.isLoopback) = (scheme, host, port, isLoopback)
            origin = "\(scheme)://\(host):\(port)"
        }
    }

    var scheme: String { place.scheme }
    /// Lower case; IPv4 in dotted form, IPv6 in brackets.
    var host: String { place.host }
    var port: String { place.port }
    var isLoopback: Bool { place.isLoopback }
    /// Scheme, host and port: what a credential belongs to.
    var origin: String { place.origin }

    static func == (left: RequestTarget, right: RequestTarget) -> Bool {
        left.url == right.url && left.origin == right.origin
    }

    init(parsing url: String) throws(TransportError) {
        var parts = try URLParts()
        try parts.set(url)
        try self.init(parts)
    }

    /// Another URL of the same origin, which needs no reading.
    func with(_ url: String) -> RequestTarget { RequestTarget(url, at: place) }

    private init(_ url: String, at place: Place) {
        (self.url, self.place) = (url, place)
    }

    /// Where a `Location` leads from here; it may be relative.
    func resolving(_ location: String) throws(TransportError) -> RequestTarget {
        var parts = try URLParts()
        try parts.set(url)
        try parts.set(location)
        return try RequestTarget(parts)
    }

    private init(_ parts: borrowing URLParts) throws(TransportError) {
        guard parts.get(CURLUPART_USER) == nil, parts.get(CURLUPART_PASSWORD) == nil else {
            throw .badURL("the URL contains a user name or password; put them into the connector's authentication")
        }
        guard let scheme = parts.get(CURLUPART_SCHEME), let host = parts.get(CURLUPART_HOST),
            let port = parts.get(CURLUPART_PORT), let url = parts.get(CURLUPART_URL)
        else { throw .badURL("the URL is incomplete; it needs a scheme and a host") }
        guard scheme == "https" || scheme == "http" else {
            throw .badURL("the scheme \(scheme) is not supported; use https")
        }
        let name = host.lowercased()
        let isLoopback = name == "localhost" || name == "[::1]" || Self.isIPv4Loopback(name)
        self.init(url, at: Place(scheme: scheme, host: name, port: port, isLoopback: isLoopback))
    }

    /// libcurl has already turned `127.1` and `0x7f000001` into four decimal parts.
    private static func isIPv4Loopback(_ host: String) -> Bool {
        guard host.hasPrefix("127.") else { return false }
        let parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8(Substring($0)) != nil }
    }
}

/// libcurl's URL parser.
@safe private struct URLParts: ~Copyable {
    private let raw: OpaquePointer

    init() throws(TransportError) {
        guard let raw = unsafe curl_url() else { throw .badURL("the URL could not be read: out of memory") }
        unsafe self.raw = unsafe raw
    }

    deinit {
        unsafe curl_url_cleanup(raw)
    }

    /// Sets the URL, or resolves a relative one against the present one. The fragment never leaves a client.
    mutating func set(_ url: String) throws(TransportError) {
        guard url.utf8.count <= RequestTarget.maximumBytes else {
            throw .badURL("the URL has more than \(RequestTarget.maximumBytes) bytes")
        }
        let code = unsafe url.withCString { unsafe curl_url_set(raw, CURLUPART_URL, $0, 0) }
        guard code == CURLUE_OK, !url.utf8.contains(0) else {
            throw .badURL("the URL cannot be read: \(unsafe String(cString: curl_url_strerror(code)))")
        }
        unsafe curl_url_set(raw, CURLUPART_FRAGMENT, nil, 0)
    }

    func get(_ part: CURLUPart) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        let flags = part == CURLUPART_PORT ? UInt32(CURLU_DEFAULT_PORT) : 0
        guard unsafe curl_url_get(raw, part, &value, flags) == CURLUE_OK, let value = unsafe value else { return nil }
        defer { unsafe curl_free(value) }
        return unsafe String(cString: value)
    }
}

extension TransportError {
    fileprivate static func badURL(_ message: String) -> TransportError {
        TransportError(.badURL, message, mayHaveBeenSent: false)
    }
}
