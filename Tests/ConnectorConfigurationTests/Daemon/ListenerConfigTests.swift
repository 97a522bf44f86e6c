import ConnectorConfiguration
import ConnectorCore
import Testing

struct ListenerConfigTests {
    private func read(_ members: String) -> (listener: ListenerConfig?, lines: [String]) {
        let diagnostics = DiagnosticCollector()
        let text = "{ listener: { \(members) } }"
        guard let value = JSON5Reader.read(Array(text.utf8), file: "f", diagnostics: diagnostics) else {
            return (nil, diagnostics.lines)
        }
        return (DaemonConfig(value, resolver: TableResolver(), diagnostics: diagnostics).listener, diagnostics.lines)
    }

    @Test func `nobody listens unless the file says so`() {
        #expect(DaemonConfig().listener == nil)
    }

    @Test func `an empty block listens on this machine alone`() {
        let (listener, lines) = read("")
        #expect(lines == [])
        #expect(listener == ListenerConfig())
        #expect(listener?.address == .tcp(host: "127.0.0.1", port: 8480))
        #expect(listener?.address.isLocal == true)
    }

    @Test func `every key is read`() {
        let (listener, lines) = read(
            """
            address: "[::]:80", public_url: "https://hooks.example.com/a/", max_connections: 9,
            max_connections_per_peer: 8, max_body_bytes: 2048, request_timeout: "2s",
            body_memory_bytes: 2097152,
            status_token: { credential: "hex" }
            """
        )
        var expected = ListenerConfig()
        expected.address = .tcp(host: "::", port: 80)
        expected.publicURL = URLReference("https://hooks.example.com/a")
        expected.maximumConnections = 9
        expected.maximumConnectionsPerPeer = 8
        expected.maximumBodyBytes = 2_048
        expected.bodyMemoryBytes = 2_097_152
        expected.requestTimeout = .seconds(2)
        expected.statusToken = Secret("44782DEF547AAA06C910C43932B1EB0C")
        #expect(lines == [])
        #expect(listener == expected)
    }

    @Test func `where strangers come directly, none takes all connections`() {
        #expect(read("address: \"0.0.0.0:8480\"").listener?.maximumConnectionsPerPeer == 64)
        #expect(read("address: \"127.0.0.1:8480\"").listener?.maximumConnectionsPerPeer == 0)
    }

    @Test(arguments: [
        ("127.0.0.1:8480", true), ("127.1.2.3:1", true), ("[::1]:8480", true), ("unix:/run/x.sock", true),
        ("0.0.0.0:8480", false), ("[::]:1", false), ("192.0.2.7:65535", false),
    ])
    func `an address says whether strangers can reach it, and writes itself`(text: String, isLocal: Bool) {
        let address = ListenerConfig.Address(text)
        #expect(address?.isLocal == isLocal)
        #expect(address?.text == text)
    }

    @Test(arguments: ["", "8480", ":8480", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "host:80", "unix:x", "a.b:-1"])
    func `anything else is no address`(text: String) {
        #expect(ListenerConfig.Address(text) == nil)
        #expect(read("address: \"\(text)\"").lines.count == 1)
    }

    @Test(arguments: [
        "status_token: { credential: \"key\" }",
        "max_connections: 0", "max_body_bytes: 10", "request_timeout: \"10ms\"", "public_url: \"x\"", "port: 1",
        "body_memory_bytes: 1024", "max_body_bytes: 2097152, body_memory_bytes: 1048576",
    ])
    func `a value that can't be is told`(members: String) {
        #expect(read(members).lines.count == 1)
    }
}
