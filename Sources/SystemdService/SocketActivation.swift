import CSystemd
import Glibc

/// A socket that systemd opened for the service and passed on.
package struct ActivatedSocket: Sendable, Equatable {
    /// `FileDescriptorName=` of the socket unit; the unit's name where there is none.
    package var name: String
    package var descriptor: Int32
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
