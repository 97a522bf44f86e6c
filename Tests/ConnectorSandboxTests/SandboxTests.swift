import ConnectorCore
import Dispatch
import Glibc
import HTTPListener
import Testing

@testable import ConnectorSandbox

/// Over real sockets: that the pieces meet.
struct SandboxTests {
    @Test func `three ports answer, and faults reach the wire`() async throws {
        let sandbox = try Sandbox(try SandboxArguments(["--customers=4", "--charges=20", "--orders=4", "--items=4"]))
        for port in [sandbox.payment.port, sandbox.erp.port, sandbox.aitbc.port] {
            #expect(await ask(port, "GET", "/_sandbox/served").hasPrefix("HTTP/1.1 200"))
        }
        let port = sandbox.payment.port
        let whole = await ask(port, "GET", "/v1/charges")
        _ = await ask(port, "POST", "/_sandbox/faults", #"{"kind":"short","match":"/v1","after_bytes":100}"#)
        let short = await ask(port, "GET", "/v1/charges")
        #expect(short.hasPrefix("HTTP/1.1 200"))
        #expect(short.utf8.count < whole.utf8.count)
        #expect(sandbox.announcement.hasPrefix(#"{"payment":"http://127.0.0.1:\#(port)","erp":"#))
        await sandbox.stop()
    }

    @Test func `a delayed answer comes late`() async throws {
        let sandbox = try Sandbox(try SandboxArguments(["--customers=4", "--charges=4", "--orders=4", "--items=4"]))
        _ = await ask(sandbox.aitbc.port, "POST", "/_sandbox/faults", #"{"kind":"delay","ms":50}"#)
        let start = ContinuousClock.now
        #expect(await ask(sandbox.aitbc.port, "GET", "/v1/health").hasPrefix("HTTP/1.1 200"))
        #expect(ContinuousClock.now - start >= .milliseconds(50))
        await sandbox.stop()
    }

    /// Everything the server sends until it closes.
    private func ask(_ port: UInt16, _ method: String, _ target: String, _ body: String = "") async -> String {
        let request = """
            \(method) \(target) HTTP/1.1\r
            Host: 127.0.0.1\r
            Authorization: Bearer sk_test_sandbox\r
            Connection: close\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """
        return await withCheckedContinuation { continuation in
            // A thread of its own, so that blocking it stops no handler.
            DispatchQueue(label: "ask").async {
                continuation.resume(returning: Self.exchange(port, Array(request.utf8)))
            }
        }
    }

    private static func exchange(_ port: UInt16, _ request: [UInt8]) -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0, unsafe write(descriptor, request, request.count) == request.count else { return "" }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += buffer[..<count]
        }
    }
}
