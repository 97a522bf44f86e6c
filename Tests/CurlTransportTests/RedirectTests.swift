import ConnectorCore
import Testing

@testable import CurlTransport

@Suite struct RedirectTests {
    private func decide(
        _ status: Int,
        _ location: String?,
        method: String = "GET",
        hops: Int = 0
    ) throws -> Redirect {
        var response = TransportResponse(status: status)
        response.headers["Location"] = location
        let target = try RequestTarget(parsing: "https://a.test/x")
        return try Redirect(of: response, to: method, at: target, hops: hops)
    }

    @Test(arguments: [200, 201, 300, 304, 400])
    func `other statuses are answers`(status: Int) throws {
        #expect(try decide(status, "/y") == .none)
    }

    @Test func `a redirect without a location is an answer`() throws {
        #expect(try decide(302, nil) == .none)
    }

    @Test(arguments: [301, 302, 303, 307, 308], ["GET", "HEAD"])
    func `reading follows within the origin`(status: Int, method: String) throws {
        let next = try RequestTarget(parsing: "https://a.test/y")
        #expect(try decide(status, "/y", method: method) == .follow(next))
    }

    @Test(arguments: [307, 308], ["POST", "PUT", "PATCH", "DELETE"])
    func `a write follows where method and body are kept`(status: Int, method: String) throws {
        let next = try RequestTarget(parsing: "https://a.test/y")
        #expect(try decide(status, "https://A.test:443/y", method: method) != .none)
        #expect(try decide(status, "/y", method: method) == .follow(next))
    }

    @Test(arguments: [301, 302, 303], ["POST", "PUT", "PATCH", "DELETE"])
    func `a write is never turned into a read`(status: Int, method: String) {
        let error = #expect(throws: TransportError.self) { try decide(status, "/y", method: method) }
        #expect(error?.code == .redirectRefused)
        #expect(error?.mayHaveBeenSent == true)
    }

    @Test(arguments: [
        "https://b.test/y?token=1", "http://a.test/y", "https://a.test:444/y", "//b.test/", "https://u:p@a.test/",
        "ftp://a.test/",
    ])
    func `another origin is refused, without its path`(location: String) {
        let error = #expect(throws: TransportError.self) { try decide(302, location) }
        #expect(error?.code == .redirectRefused)
        #expect(error?.message.contains("token") == false)
    }

    @Test func `the message names the other origin`() {
        let error = #expect(throws: TransportError.self) { try decide(302, "https://b.test/y") }
        #expect(error?.message.contains("https://b.test:443") == true)
    }

    @Test func `five hops are enough`() throws {
        #expect(try decide(302, "/y", hops: 4) != .none)
        #expect(throws: TransportError.self) { try decide(302, "/y", hops: 5) }
    }
}
