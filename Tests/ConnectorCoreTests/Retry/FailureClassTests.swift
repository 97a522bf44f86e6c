import ConnectorCore
import Testing

struct FailureClassTests {
    @Test(arguments: [
        (200, FailureClass?.none), (204, nil), (408, .transient), (425, .transient), (500, .transient),
        (502, .transient),
        (503, .transient), (504, .transient), (522, .transient), (429, .throttled), (401, .credentials),
        (403, .forbidden), (404, .gone), (410, .gone), (400, .refused), (409, .refused), (422, .refused),
        (302, .refused), (501, .refused), (505, .refused), (0, .badAnswer), (100, .badAnswer), (999, .badAnswer),
    ])
    func `a status has a class`(status: Int, expected: FailureClass?) {
        #expect(FailureClass(status: status) == expected)
    }

    @Test(arguments: [
        ("Retry-After", "30", FailureClass.throttled), ("X-RateLimit-Remaining", "0", .throttled),
        ("RateLimit", "\"day\";r=0;t=60", .throttled), ("X-RateLimit-Remaining", "7", .forbidden),
        ("Retry-After", "soon", .forbidden), ("Date", "today", .forbidden),
    ])
    func `a 403 that asks to wait, or whose quota is spent, is a rate limit`(
        field: String,
        value: String,
        expected: FailureClass
    ) {
        let headers: TransportHeaders = [field: value]
        let now = Instant(seconds: 1_800_000_000)
        #expect(FailureClass(TransportResponse(status: 403, headers: headers), now: now) == expected)
        #expect(FailureClass(TransportResponse(status: 401, headers: headers), now: now) == .credentials)
        #expect(FailureClass(TransportResponse(status: 200, headers: headers), now: now) == nil)
    }

    @Test(arguments: [
        (TransportError.Code.nameNotResolved, FailureClass?.some(.transient)), (.couldNotConnect, .transient),
        (.tlsFailed, .transient), (.connectTimeout, .transient), (.idleTimeout, .transient),
        (.totalTimeout, .transient),
        (.connectionLost, .transient), (.other, .transient), (.bodyTooLarge, .badAnswer),
        (.badContentEncoding, .badAnswer),
        (.redirectRefused, .refused), (.insecureRefused, .refused), (.badURL, .refused), (.cancelled, nil),
    ])
    func `a transport error has a class`(code: TransportError.Code, expected: FailureClass?) {
        #expect(FailureClass(TransportError(code, "", mayHaveBeenSent: true)) == expected)
    }

    @Test func `only what may pass is worth another attempt`() {
        #expect(FailureClass.allCases.filter(\.mayPass) == [.transient, .throttled, .badAnswer])
        #expect(FailureClass.allCases.filter(\.needsPerson) == [.credentials, .forbidden, .gone])
        #expect(FailureClass.allCases.filter(\.countsForBreaker) == [.transient])
    }
}
