import CMicroHTTPD
import ConnectorCore
import Glibc

/// A connection of the library.
///
/// `@unchecked Sendable`: the pointer may travel to tasks, but is used only as `ServedRequest` says: on the library's
/// thread, or under the exchange's lock while the connection is suspended. Suspending and resuming are thread-safe.
@safe struct LibraryConnection: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    /// Its own as long as it lives.
    var identity: UInt { unsafe UInt(bitPattern: pointer) }

    var descriptor: Int32 { unsafe cmhd_socket(pointer) }

    func suspend() {
        unsafe MHD_suspend_connection(pointer)
    }

    func resume() {
        unsafe MHD_resume_connection(pointer)
    }

    /// Every field in the order it came.
    func headers() -> TransportHeaders {
        var headers: TransportHeaders = [:]
        unsafe withUnsafeMutablePointer(to: &headers) { headers in
            _ = unsafe cmhd_each_header(
                pointer,
                { context, _, name, value in
                    guard let context = unsafe context, let name = unsafe name else { return .YES }
                    let headers = unsafe context.assumingMemoryBound(to: TransportHeaders.self)
                    let text = if let value = unsafe value { unsafe String(cString: value) } else { "" }
                    unsafe headers.pointee.add(String(cString: name), text)
                    return .YES
                },
                headers
            )
        }
        return headers
    }

    /// The client's address without its port.
    func peer() -> String {
        var address = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getpeername(cmhd_socket(pointer), $0, &size)
            }
        }
        let family = Int32(address.sin6_family)
        guard result == 0, family == AF_INET || family == AF_INET6 else { return "unix" }
        // An IPv4 address stands where IPv6 keeps its flow label, an IPv6 one four bytes later.
        let offset = family == AF_INET ? 4 : 8
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return unsafe withUnsafeBytes(of: &address) { bytes in
            guard let start = bytes.baseAddress,
                let name = unsafe inet_ntop(family, start + offset, &text, socklen_t(INET6_ADDRSTRLEN))
            else { return "unknown" }
            return unsafe String(cString: name)
        }
    }

    /// Resets the connection at once. Closing with `SO_LINGER` would not do: the library shuts its side down first, in
    /// order, and the client would see a plain end. Dissolving the association sends RST instead.
    func reset() {
        var nobody = sockaddr()
        nobody.sa_family = sa_family_t(AF_UNSPEC)
        _ = unsafe connect(cmhd_socket(pointer), &nobody, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Hands the answer to the library; false closes the connection without one.
    func queue(_ response: borrowing OutgoingResponse, status: Int) -> Bool {
        unsafe MHD_queue_response(pointer, UInt32(clamping: status), response.pointer) == .YES
    }
}
