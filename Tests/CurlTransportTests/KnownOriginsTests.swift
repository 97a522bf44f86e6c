import ConnectorCore
import Testing

@testable import CurlTransport

@Suite struct KnownOriginsTests {
    /// Repeats itself: which text it was, a failure shows.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private func read(_ url: String) -> RequestTarget? {
        do { return try RequestTarget(parsing: url) } catch { return nil }
    }

    private func known(_ origins: KnownOrigins, _ url: String) -> RequestTarget? {
        do { return try origins.target(of: url) } catch { return nil }
    }

    @Test func `a known origin reads every URL as libcurl does`() {
        var dice = Dice(state: 20_261_128)
        let pieces = [
            "/", "/", ".", "..", "a", "B", "7", "%2e", "%zz", "?", "&", "#", "@", ":", ";", "\\", " ", "é", "//", "~",
            "+",
        ]
        let origins = KnownOrigins()
        for base in ["https://a.test", "https://A.test:8443", "http://127.1", "https://u@a.test", "http://[::1]:80"] {
            _ = known(origins, base + "/v1/x")
            for _ in 0..<400 {
                let path = (0..<Int.random(in: 0...6, using: &dice)).map { _ in
                    pieces.randomElement(using: &dice) ?? ""
                }
                let url = base + path.joined()
                #expect(known(origins, url) == read(url), "\(url)")
            }
        }
    }

    @Test func `more origins than are kept are all read right`() throws {
        let origins = KnownOrigins()
        for round in 0..<2 {
            for number in 0..<KnownOrigins.maximum * 2 {
                let url = "https://h\(number).test/\(round)"
                #expect(try origins.target(of: url) == RequestTarget(parsing: url))
            }
        }
    }
}
