import ConnectorCore
import Synchronization

/// Answers each request with the same, and keeps the last.
final class OneAnswer: HTTPTransport {
    private let answer: TransportResponse?
    private let last = Mutex<TransportRequest?>(nil)

    init(_ answer: TransportResponse?) {
        self.answer = answer
    }

    var sent: TransportRequest? { last.withLock { $0 } }

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        last.withLock { $0 = request }
        guard let answer else {
            throw TransportError(.other, "the example has no answer", mayHaveBeenSent: false)
        }
        return answer
    }
}
