import CSystemd
import Glibc

/// A socket that systemd opened for the service and passed on.
package struct ActivatedSocket: Sendable, Equatable {
    /// `FileDescriptorName=` of the socket unit; the unit's name where there is none.
    package var name: String
    package var descriptor: Int32

    /// Whether only this machine can reach it.
    package var isLocal: Bool {
        var storage = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size)
            }
        }
        // A path longer than this buffer is cut: the family stands first.
        guard result == 0 else { return false }
        switch Int32(storage.sin6_family) {
        case AF_UNIX: return true
        case AF_INET:
            // An IPv4 address stands where IPv6 keeps its flow label.
            return UInt32(bigEndian: storage.sin6_flowinfo) >> 24 == 127
        case AF_INET6:
            return unsafe withUnsafeBytes(of: storage.sin6_addr) { bytes in
                unsafe bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
            }
        default: return false
        }
    }
}

/// The sockets passed on by systemd (`LISTEN_FDS`), in order; none off systemd. The environment is cleared, so that a
/// child does not take them for its own: call once, at the start, before there are other threads.
package func activatedSockets() throws(SystemdError) -> [ActivatedSocket] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = unsafe sd_listen_fds_with_names(1, &names)
    defer { unsafe free(names) }
    guard count >= 0 else {
        throw SystemdError(
            operation: "take over the sockets of the socket unit",
            code: -count,
            hint: "check the .socket unit; LISTEN_FDS or LISTEN_PID is malformed"
        )
    }
    return (0..<count).map { index in
        let name = unsafe names?[Int(index)]
        defer { unsafe free(name) }
        return ActivatedSocket(
            name: unsafe name.map { unsafe String(cString: $0) } ?? "",
            descriptor: SD_LISTEN_FDS_START + index
        )
    }
}
