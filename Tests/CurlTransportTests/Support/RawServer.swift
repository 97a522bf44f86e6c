import Glibc
import Synchronization

/// A server that does exactly what a test says, misbehaviour included. Loopback, free port, at most 64 connections.
final class RawServer: Sendable {
    private static let maximumConnections = 64

    let port: UInt16
    private let listener: Int32
    private let heads = Mutex<[RawRequest]>([])

    /// `handle` runs once for each connection, on a thread of its own; the connection is closed when it returns.
    init(_ handle: @escaping @Sendable (RawConnection) -> Void) throws {
        let (listener, port) = try Self.listen()
        self.listener = listener
        self.port = port
        BackgroundThread.run { [self] in
            for number in 1...Self.maximumConnections {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                let connection = RawConnection(descriptor: descriptor, number: number, server: self)
                BackgroundThread.run {
                    connection.limitWaiting()
                    handle(connection)
                    connection.end()
                }
            }
            close(listener)
        }
    }

    /// Ends the accept loop.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    var requests: [RawRequest] { heads.withLock { $0 } }

    func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

    fileprivate func note(_ request: RawRequest) {
        heads.withLock { $0.append(request) }
    }

    static func isFree(_ port: UInt16) -> Bool {
        guard let (descriptor, _) = try? listen(port) else { return false }
        close(descriptor)
        return true
    }

    private static func listen(_ port: UInt16 = 0) throws -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, length) == 0 && Glibc.listen(descriptor, 64) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard bound else {
            let error = SetupError(what: "no loopback port (errno \(errno))")
            close(descriptor)
            throw error
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}

struct SetupError: Error {
    let what: String
}

struct RawRequest: Sendable {
    /// Request line and fields, as they came.
    let head: String
    let body: [UInt8]

    var line: String { String(head.prefix { $0 != "\r\n" }) }

    func has(_ field: String) -> Bool { head.contains(field) }
}

struct RawConnection: Sendable {
    let descriptor: Int32
    /// 1 for the server's first connection.
    let number: Int
    let server: RawServer

    /// `nil` when the client closed, or sent nothing for 2 min.
    func readRequest() -> RawRequest? {
        var bytes: [UInt8] = []
        while true {
            if let end = Self.headEnd(bytes) {
                let head = String(decoding: bytes[..<end], as: UTF8.self)
                guard let body = readBody(head, already: Array(bytes[end...])) else { return nil }
                let request = RawRequest(head: head, body: body)
                server.note(request)
                return request
            }
            guard let more = receive() else { return nil }
            bytes += more
        }
    }

    func write(_ text: String) {
        write(Array(text.utf8))
    }

    func write(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes { chunk in
                unsafe send(descriptor, chunk.baseAddress, chunk.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Answers with a `Content-Length`.
    func answer(_ status: String = "200 OK", _ fields: [String] = [], body: String = "") {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + fields
        write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// Whether the client closed the connection within 2 min.
    func waitForClose() -> Bool {
        while receive() != nil {}
        return errno != EAGAIN
    }

    /// The next `close` sends RST.
    func resetOnClose() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    }

    /// A child process of another test may hold a copy of the descriptor: closing alone would not end the connection.
    fileprivate func end() {
        shutdown(descriptor, Int32(SHUT_WR))
        close(descriptor)
    }

    fileprivate func limitWaiting() {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    private func readBody(_ head: String, already: [UInt8]) -> [UInt8]? {
        let length = head.split(separator: "\r\n").lazy
            .filter { $0.lowercased().hasPrefix("content-length:") }
            .compactMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) }
            .first
        var body = already
        while body.count < length ?? 0 {
            guard let more = receive() else { return nil }
            body += more
        }
        return body
    }

    private func receive() -> [UInt8]? {
        errno = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            unsafe count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        return bytes.isEmpty ? nil : bytes
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let blank: [UInt8] = [13, 10, 13, 10]
        return (0...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual(blank) }.map { $0 + 4 }
    }
}

extension RawConnection {
    /// POLLRDHUP, which Glibc's module leaves out.
    private static let peerClosed: Int16 = 0x2000

    /// One byte every few milliseconds until the client closes; 2 min at most.
    func drip(every milliseconds: Int32) {
        for _ in 0..<(120_000 / milliseconds) {
            guard !peerCloses(within: milliseconds) else { return }
            write("x")
        }
    }

    /// Reads nothing, so that the client's bytes pile up.
    func pauseUntilPeerCloses() {
        var poll = pollfd(fd: descriptor, events: Self.peerClosed, revents: 0)
        _ = unsafe Glibc.poll(&poll, 1, 120_000)
    }

    private func peerCloses(within milliseconds: Int32) -> Bool {
        var poll = pollfd(fd: descriptor, events: Self.peerClosed, revents: 0)
        return unsafe Glibc.poll(&poll, 1, milliseconds) > 0
    }
}
