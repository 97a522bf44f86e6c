import Glibc

/// Opens the sockets that the library then accepts from: one way for TCP, socket files and inherited descriptors,
/// and the system's own words when an address cannot be had.
struct ListeningSocket {
    /// Connections that may wait in the kernel.
    private static let backlog: Int32 = 511
    /// Owner and group, nobody else.
    private static let socketFileMode: mode_t = 0o660

    let descriptor: Int32
    /// 0 for a socket file.
    let port: UInt16

    init(_ address: ListenerConfiguration.Address) throws(ListenerError) {
        switch address {
        case .loopback(let port): try self.init(host: "127.0.0.1", port: port)
        case .loopbackIPv6(let port): try self.init(host: "::1", port: port)
        case .tcp(let host, let port): try self.init(host: host, port: port)
        case .unixSocket(let path): try self.init(path: path)
        case .inherited(let descriptor): try self.init(inherited: descriptor)
        }
    }

    private init(host: String, port: UInt16) throws(ListenerError) {
        let shown = "\(host):\(port)"
        var version4 = in_addr()
        var version6 = in6_addr()
        if unsafe inet_pton(AF_INET, host, &version4) == 1 {
            descriptor = try Self.open(AF_INET, shown)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr = version4
            try Self.bind(descriptor, &address, MemoryLayout<sockaddr_in>.size, shown)
        } else if unsafe inet_pton(AF_INET6, host, &version6) == 1 {
            descriptor = try Self.open(AF_INET6, shown)
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = version6
            try Self.bind(descriptor, &address, MemoryLayout<sockaddr_in6>.size, shown)
        } else {
            throw ListenerError(.addressInvalid, "\(host) is not an IPv4 or IPv6 address; write it in digits")
        }
        try Self.listen(descriptor, shown)
        self.port = Self.port(of: descriptor)
    }

    private init(path: String) throws(ListenerError) {
        var address = sockaddr_un()
        let capacity = ListenerConfiguration.longestSocketPath
        guard !path.isEmpty, path.utf8.count <= capacity else {
            throw ListenerError(.addressInvalid, "\(path): the path of a socket has 1 to \(capacity) bytes")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        descriptor = try Self.open(AF_UNIX, path)
        // Before bind(2), so that the file never exists with a wider mode.
        guard fchmod(descriptor, Self.socketFileMode) == 0 else {
            throw Self.failure("chmod", path, closing: descriptor)
        }
        Self.removeStale(path, address)
        try Self.bind(descriptor, &address, MemoryLayout<sockaddr_un>.size, path)
        try Self.listen(descriptor, path)
        port = 0
    }

    private init(inherited: Int32) throws(ListenerError) {
        let flags = fcntl(inherited, F_GETFL)
        guard flags >= 0, fcntl(inherited, F_SETFL, flags | O_NONBLOCK) >= 0 else {
            throw ListenerError(.systemCall, "descriptor \(inherited) is not an open socket: \(Self.reason())")
        }
        _ = fcntl(inherited, F_SETFD, FD_CLOEXEC)
        descriptor = inherited
        port = Self.port(of: inherited)
    }

    private static func open(_ family: Int32, _ shown: String) throws(ListenerError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw ListenerError(.systemCall, "\(shown): no socket: \(reason())") }
        var on: Int32 = 1
        // A restarted daemon must have its port back while old connections linger.
        if family != AF_UNIX {
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        return descriptor
    }

    private static func bind<Address>(
        _ descriptor: Int32,
        _ address: inout Address,
        _ size: Int,
        _ shown: String
    ) throws(ListenerError) {
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(descriptor, $0, socklen_t(size))
            }
        }
        guard result == 0 else { throw failure("bind", shown, closing: descriptor) }
    }

    private static func listen(_ descriptor: Int32, _ shown: String) throws(ListenerError) {
        guard Glibc.listen(descriptor, backlog) == 0 else { throw failure("listen", shown, closing: descriptor) }
    }

    /// A socket file that nobody answers on is a leftover of a killed process; one that answers is left alone.
    private static func removeStale(_ path: String, _ address: sockaddr_un) {
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return }
        defer { close(probe) }
        var address = address
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(probe, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if result != 0, errno == ECONNREFUSED { _ = unsafe unlink(path) }
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var storage = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size)
            }
        }
        // The port stands at the same place in both families.
        let family = Int32(storage.sin6_family)
        guard result == 0, family == AF_INET || family == AF_INET6 else { return 0 }
        return UInt16(bigEndian: storage.sin6_port)
    }

    private static func failure(_ call: String, _ shown: String, closing descriptor: Int32) -> ListenerError {
        let number = errno
        let reason = reason()
        close(descriptor)
        return switch number {
        case EADDRINUSE:
            ListenerError(.addressInUse, "\(shown) is in use; stop who listens there, or choose another address")
        case EACCES, EPERM:
            ListenerError(.permissionDenied, "\(shown): not permitted; choose a port above 1023 or a path you own")
        default:
            ListenerError(.systemCall, "\(shown): \(call) failed: \(reason)")
        }
    }

    private static func reason() -> String {
        unsafe String(cString: strerror(errno))
    }
}
