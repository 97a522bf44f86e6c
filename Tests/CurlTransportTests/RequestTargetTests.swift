import ConnectorCore
import Testing

@testable import CurlTransport

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("https://API.example.com/a?b#c", "https://api.example.com:443"),
        ("http://127.1:8080/", "http://127.0.0.1:8080"),
        ("HTTP://[0:0::1]/", "http://[::1]:80"),
    ])
    func `an origin is scheme, host and port`(url: String, origin: String) throws {
        #expect(try RequestTarget(parsing: url).origin == origin)
    }

    @Test func `the fragment stays here`() throws {
        #expect(try RequestTarget(parsing: "https://a.test/x?y=1#secret").url == "https://a.test/x?y=1")
    }

    @Test(arguments: [
        "", "example.com", "/path", "ftp://a.test/", "file:///etc/passwd", "https://", "https://a b/",
        "https://user@a.test/", "https://user:word@a.test/", "https://:word@a.test/", "https://a.test:99999/",
        "https://a.test/\r\nX: y", "https://a.test/\0", "https://a.test/" + String(repeating: "x", count: 70_000),
    ])
    func `what is not a plain web address is refused`(url: String) {
        let error = #expect(throws: TransportError.self) { try RequestTarget(parsing: url) }
        #expect(error?.code == .badURL)
        #expect(error?.mayHaveBeenSent == false)
    }

    @Test(arguments: [
        ("http://127.0.0.1/", true), ("http://127.255.3.4/", true), ("http://localhost/", true),
        ("http://LOCALHOST/", true), ("http://[::1]/", true), ("http://0x7f000001/", true),
        ("http://127.0.0.1.evil.test/", false), ("http://localhost.evil.test/", false), ("http://128.0.0.1/", false),
        ("http://[::2]/", false), ("http://0.0.0.0/", false),
    ])
    func `only this machine is loopback`(url: String, expected: Bool) throws {
        #expect(try RequestTarget(parsing: url).isLoopback == expected)
    }

    @Test(arguments: [
        ("/other", "https://a.test/other"), ("c", "https://a.test/b/c"), ("?p=2", "https://a.test/b/x?p=2"),
        ("//other.test/z", "https://other.test/z"), ("https://a.test:443/q#f", "https://a.test:443/q"),
    ])
    func `a location resolves against the present address`(location: String, expected: String) throws {
        #expect(try RequestTarget(parsing: "https://a.test/b/x?y").resolving(location).url == expected)
    }
}
