import ConnectorCore
import Glibc
import HTTPListener
import Testing

struct ListeningSocketTests {
    private let hello: HTTPListener.Handler = { .text(200, "\($0.peer) \($0.path)") }

    private func temporaryPath() -> String {
        "/tmp/listener-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
    }

    private func ask(_ path: String) async -> RawClient.Received? {
        guard let client = RawClient(path: path) else { return nil }
        client.send("GET /over/a/file HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        return await client.receive()
    }

    @Test func `a socket file serves, and only its owner and group may use it`() async throws {
        let path = temporaryPath()
        defer { _ = unsafe unlink(path) }
        let listener = try HTTPListener(
            configuration: ListenerConfiguration(address: .unixSocket(path: path)),
            handler: hello
        )
        #expect(await ask(path)?.body == "unix /over/a/file\n")
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o007 == 0)
        await listener.stop()
    }

    @Test func `a stale socket file is replaced, a living one is not`() async throws {
        let path = temporaryPath()
        defer { _ = unsafe unlink(path) }
        let configuration = ListenerConfiguration(address: .unixSocket(path: path))
        let first = try HTTPListener(configuration: configuration, handler: hello)
        let error = #expect(throws: ListenerError.self) {
            try HTTPListener(configuration: configuration, handler: hello)
        }
        #expect(error?.code == .addressInUse)
        await first.stop()
        let second = try HTTPListener(configuration: configuration, handler: hello)
        #expect(await ask(path)?.status == 200)
        await second.stop()
    }

    @Test func `a path that does not fit is refused`() {
        let path = "/" + String(repeating: "x", count: 200)
        let error = #expect(throws: ListenerError.self) {
            try HTTPListener(configuration: ListenerConfiguration(address: .unixSocket(path: path)), handler: hello)
        }
        #expect(error?.code == .addressInvalid)
    }

    @Test func `an inherited socket serves`() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #expect(listen(descriptor, 5) == 0)
        let listener = try HTTPListener(
            configuration: ListenerConfiguration(address: .inherited(descriptor: descriptor)),
            handler: hello
        )
        #expect(await RawClient.get(listener.port, "/x").body == "127.0.0.1 /x\n")
        await listener.stop()
    }

    @Test func `a descriptor that is closed is refused`() {
        #expect(throws: ListenerError.self) {
            try HTTPListener(
                configuration: ListenerConfiguration(address: .inherited(descriptor: 9999)),
                handler: hello
            )
        }
    }

    @Test func `IPv6 loopback can be bound`() async throws {
        let listener = try HTTPListener(
            configuration: ListenerConfiguration(address: .loopbackIPv6(port: 0)),
            handler: hello
        )
        #expect(listener.port > 0)
        await listener.stop()
    }
}
