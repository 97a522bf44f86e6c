import ConnectorCore
import Synchronization

/// Origins that libcurl has read before: a URL that only adds a plain path to one of them needs no second reading, which
/// costs a dozen allocations.
final class KnownOrigins: Sendable {
    /// A daemon talks to a few dozen; beyond this, all are read anew.
    static let maximum = 64
    /// As long as `RequestTarget` allows.
    private static let maximumBytes = RequestTarget.maximumBytes

    private let targets = Mutex<[String: RequestTarget]>([:])

    /// The target of a URL, as libcurl reads it.
    func target(of url: String) throws(TransportError) -> RequestTarget {
        guard let origin = Self.origin(of: url) else { return try RequestTarget(parsing: url) }
        if let known = targets.withLock({ $0[origin] }) { return known.with(url) }
        let target = try RequestTarget(parsing: url)
        // What libcurl writes in another way is read by it each time.
        guard target.url == url else { return target }
        targets.withLock { targets in
            if targets.count >= Self.maximum { targets = [:] }
            targets[origin] = target
        }
        return target
    }

    /// `https://host:port` of a URL whose path libcurl leaves as it is; nil for every other.
    private static func origin(of url: String) -> String? {
        let bytes = url.utf8
        guard bytes.count <= maximumBytes, let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let authority = bytes[colon...].dropFirst(3)
        guard bytes[colon...].starts(with: "://".utf8), let slash = authority.firstIndex(of: UInt8(ascii: "/")) else {
            return nil
        }
        guard isPlain(bytes[slash...]) else { return nil }
        return String(url[..<slash])
    }

    /// Bytes that stand for themselves, and no segment that begins with a dot.
    private static func isPlain(_ path: Substring.UTF8View) -> Bool {
        var previous: UInt8 = 0
        for byte in path {
            if byte == UInt8(ascii: "."), previous == UInt8(ascii: "/") { return false }
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: break
            default: guard "/-._~%?&=+,:;@!*()$".utf8.contains(byte) else { return false }
            }
            previous = byte
        }
        // libcurl takes an empty query away.
        return previous != UInt8(ascii: "?")
    }
}
