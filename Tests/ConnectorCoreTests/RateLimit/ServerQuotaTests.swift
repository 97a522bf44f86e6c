import ConnectorCore
import Testing

struct ServerQuotaTests {
    private static let now = Instant(seconds: 1_795_455_060)  // 2026-11-23T17:31:00Z

    private func quota(_ headers: TransportHeaders, status: Int = 200) -> ServerQuota {
        ServerQuota(status: status, headers: headers, now: Self.now)
    }

    @Test(arguments: [
        ("30", 30), ("0", nil), ("1795455090", 30), ("1795455090000", 31), ("1795455000", nil), ("59.2", 60),
        ("2026-11-23T17:31:30Z", 30), ("Mon, 23 Nov 2026 17:31:30 GMT", 30), ("-5", nil), ("soon", nil), ("", nil),
        ("999999999", 3600), ("99999999999999999999999", nil), ("1e3", nil), (" 30 ", 30), ("9795455090", 3600),
    ])
    func `a spent quota pauses until its reset, in seconds or as a time`(reset: String, seconds: Int?) {
        for prefix in ["X-RateLimit-", "x-rate-limit-", "RateLimit-"] {
            let headers: TransportHeaders = [
                "\(prefix)Limit": "100", "\(prefix)Remaining": "0", "\(prefix)Reset": reset,
            ]
            #expect(quota(headers).pause == seconds.map { .seconds($0) })
            #expect(quota(headers).limit == 100)
        }
    }

    @Test(arguments: ["1", "50", "-1", "none", "", "99999999999999999999"])
    func `a quota that is left, or nonsense, does not pause`(remaining: String) {
        #expect(quota(["X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": "30"]).pause == nil)
    }

    @Test(arguments: [
        ("limit=100, remaining=0, reset=5", nil, 5), ("limit=100,remaining=50,reset=5", nil, nil),
        (#""default";r=0;t=30"#, #""default";q=100;w=60"#, 30), (#""default";r=50;t=30"#, nil, nil),
        (#""default";r=0"#, #""default";q=100;w=60"#, 60), (#""a";r=9;t=1, "b";r=0;t=7"#, nil, 7),
        (#""a";r=0;t=1, "b"; r=0; t=70"#, nil, 70), (#""a";r=-1;t=9"#, nil, nil), (";;;=,=,", ";=", nil),
        (#""a";r=0;t=99999999"#, nil, 3600), ("remaining=0", nil, nil),
    ])
    func `the fields of the IETF drafts are read`(field: String, policy: String?, seconds: Int?) {
        var headers: TransportHeaders = ["RateLimit": field]
        headers["RateLimit-Policy"] = policy
        #expect(quota(headers).pause == seconds.map { .seconds($0) })
    }

    @Test func `the figures are there for the status`() {
        let read = quota(["RateLimit": #""hour";r=12;t=40"#, "RateLimit-Policy": #""hour";q=500;w=3600"#])
        #expect(read.limit == 500)
        #expect(read.remaining == 12)
        #expect(read.reset == .seconds(40))
        #expect(quota(["RateLimit-Limit": "100, 100;w=60", "RateLimit-Remaining": "7"]).limit == 100)
    }

    @Test(arguments: [
        ("120", 120), ("Mon, 23 Nov 2026 17:33:00 GMT", 120), ("Mon, 23 Nov 2026 17:30:00 GMT", 0), ("86400", 86400),
        ("-1", nil), ("abc", nil),
    ])
    func `Retry-After of an error is read in both forms`(text: String, seconds: Int?) {
        let read = quota(["Retry-After": text], status: 429)
        #expect(read.retryAfter == seconds.map { .seconds($0) })
        let pause = min(seconds ?? 0, 3600)
        #expect(read.pause == (pause > 0 ? .seconds(pause) : nil))
    }

    @Test func `Retry-After of an answer that is no error is no pause`() {
        #expect(quota(["Retry-After": "30"], status: 202).pause == nil)
    }

    @Test func `the longer of reset and Retry-After counts`() {
        let headers: TransportHeaders = ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9", "Retry-After": "5"]
        #expect(quota(headers, status: 429).pause == .seconds(9))
    }

    @Test func `absolute times are read by the server's own clock`() {
        let headers: TransportHeaders = [
            "Date": "Mon, 23 Nov 2026 16:00:00 GMT", "Retry-After": "Mon, 23 Nov 2026 16:00:20 GMT",
        ]
        #expect(quota(headers, status: 503).pause == .seconds(20))
    }

    @Test func `no field crashes the reader`() {
        var generator = SeededGenerator(seed: 429)
        let alphabet = Array("0123456789;=,. \"rtqw-xé")
        for _ in 0..<3000 {
            let count = Int.random(in: 0...40, using: &generator)
            let text = String((0..<count).compactMap { _ in alphabet.randomElement(using: &generator) })
            let read = quota(["RateLimit": text, "RateLimit-Policy": text, "X-RateLimit-Reset": text], status: 429)
            #expect((read.pause ?? .zero) <= ServerQuota.longestPause)
        }
    }
}
