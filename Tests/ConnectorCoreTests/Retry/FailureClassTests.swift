import ConnectorCore
import Testing

struct FailureClassTests {
    @Test(arguments: [
        (200, FailureClass?.none), (204, nil), (408, .transient), (425, .transient), (500, .transient),
        (502, .transient),
        (503, .transient), (504, .transient), (522, .transient), (429, .throttled), (401, .credentials),
        (403, .credentials), (404, .gone), (410, .gone), (400, .refused), (409, .refused), (422, .refused),
        (302, .refused), (501, .refused), (505, .refused), (0, .badAnswer), (100, .badAnswer), (999, .badAnswer),
    ])
    func `a status has a class`(status: Int, expected: FailureClass?) {
        #expect(FailureClass(status: status) == expected)
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
        #expect(FailureClass.allCases.filter(\.needsPerson) == [.credentials, .gone])
        #expect(FailureClass.allCases.filter(\.countsForBreaker) == [.transient])
    }
}
