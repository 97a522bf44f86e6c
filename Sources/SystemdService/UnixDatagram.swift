import Glibc

/// Sends one datagram to a unix socket, by path or, with a leading `@`, by abstract name.
enum UnixDatagram {
    /// Bytes of `sockaddr_un.sun_path`.
    private static let maximumPathLength = 108

    /// Returns 0 or an `errno`.
    static func send(_ payload: String, to address: String) -> Int32 {
        var name = Array(address.utf8)
        guard name.count > 1, name.count < maximumPathLength,
            name[0] == UInt8(ascii: "/") || name[0] == UInt8(ascii: "@")
        else { return EINVAL }
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return send(Array(payload.utf8), on: descriptor, to: name)
    }

    private static func send(_ payload: [UInt8], on descriptor: Int32, to name: [UInt8]) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in unsafe path.copyBytes(from: name) }
        let header = MemoryLayout<sockaddr_un>.size - maximumPathLength
        let sent = unsafe withUnsafePointer(to: &address) { start in
            unsafe start.withMemoryRebound(to: sockaddr.self, capacity: 1) { start in
                let flags = Int32(MSG_NOSIGNAL)
                return unsafe sendto(descriptor, payload, payload.count, flags, start, socklen_t(header + name.count))
            }
        }
        return sent == payload.count ? 0 : (sent < 0 ? errno : EMSGSIZE)
    }
}
