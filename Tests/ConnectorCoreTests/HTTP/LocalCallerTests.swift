import ConnectorCore
import Testing

/// Who is a program of this machine, as far as a request tells.
struct LocalCallerTests {
    @Test(arguments: ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "unix"])
    func `a program of this machine is one`(peer: String) {
        for host in ["localhost", "LOCALHOST:8480", "127.0.0.1", "127.0.0.1:8480", "[::1]:8480"] {
            #expect(LocalCaller.isOne(peer: peer, headers: ["Host": host]), "\(host)")
        }
        #expect(LocalCaller.isOne(peer: peer, headers: [:]))
    }

    @Test(arguments: ["10.0.0.1", "192.168.0.9", "::2", "128.0.0.1", "unknown", ""])
    func `another machine's is none`(peer: String) {
        #expect(!LocalCaller.isOne(peer: peer, headers: ["Host": "localhost"]))
    }

    @Test(arguments: [
        "Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "x-forwarded-proto", "X-Forwarded-Port",
    ])
    func `what came through a proxy is none`(field: String) {
        #expect(!LocalCaller.isOne(peer: "127.0.0.1", headers: ["Host": "localhost", field: "1"]))
    }

    @Test(arguments: ["hooks.example.com", "localhost.example.com", "127.0.0.1.example.com", "127.example:80", ""])
    func `another name than this machine's is none`(host: String) {
        #expect(!LocalCaller.isOne(peer: "127.0.0.1", headers: ["Host": host]))
    }

    @Test func `a web page from elsewhere is none, our own is one`() {
        let host = "localhost:8480"
        for site in ["cross-site", "same-site", "x"] {
            #expect(!LocalCaller.isOne(peer: "::1", headers: ["Host": host, "Sec-Fetch-Site": site]))
        }
        for site in ["none", "same-origin"] {
            #expect(LocalCaller.isOne(peer: "::1", headers: ["Host": host, "Sec-Fetch-Site": site]))
        }
        for origin in ["https://shop.example", "null", "http://localhost:1", "https://localhost:8480"] {
            #expect(!LocalCaller.isOne(peer: "::1", headers: ["Host": host, "Origin": origin]))
        }
        #expect(LocalCaller.isOne(peer: "::1", headers: ["Host": host, "Origin": "http://localhost:8480"]))
        #expect(!LocalCaller.isOne(peer: "::1", headers: ["Origin": "http://localhost:8480"]))
    }
}
