import Dispatch
import Glibc

/// A socket without any HTTP of its own, so that tests see the bytes and the way a connection ends.
final class RawClient: Sendable {
    enum End: Equatable {
        case closed
        case reset
        case silent
        case enough
    }

    struct Received {
        var bytes: [UInt8]
        var end: End

        var text: String { String(decoding: bytes, as: UTF8.self) }
        var status: Int? { Int(text.split(separator: " ").dropFirst().first ?? "") }
        /// What follows the empty line.
        var body: String {
            let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
            guard let blank = lines.firstIndex(of: "") else { return "" }
            return lines[(blank + 1)...].joined(separator: "\r\n")
        }
    }

    private let descriptor: Int32

    init?(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { return nil }
    }

    init?(path: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { return nil }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Reads until the connection ends, `enough` says so, or nothing comes for so long.
    func receive(
        silence: Int32 = 120_000,
        enough: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
    ) async -> Received {
        await withCheckedContinuation { continuation in
            // A thread of its own: blocking one of the pool would stop the handlers under test.
            DispatchQueue(label: "raw-client").async {
                continuation.resume(returning: self.read(silence, enough))
            }
        }
    }

    private func read(_ silence: Int32, _ enough: ([UInt8]) -> Bool) -> Received {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if enough(all) { return Received(bytes: all, end: .enough) }
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&poller, 1, silence) > 0 else { return Received(bytes: all, end: .silent) }
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 { return Received(bytes: all, end: .closed) }
            if count < 0 { return Received(bytes: all, end: .reset) }
            all += buffer[..<count]
        }
    }
}

extension RawClient {
    /// One request on a connection of its own, read to the end.
    static func ask(_ port: UInt16, _ request: String, silence: Int32 = 120_000) async -> Received {
        guard let client = RawClient(port: port) else { return Received(bytes: [], end: .reset) }
        client.send(request)
        return await client.receive(silence: silence)
    }

    static func get(_ port: UInt16, _ target: String, silence: Int32 = 120_000) async -> Received {
        await ask(port, "GET \(target) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n", silence: silence)
    }
}
