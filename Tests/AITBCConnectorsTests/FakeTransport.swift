import ConnectorCore
import Synchronization

/// Answers as a test says, and keeps what was asked.
final class FakeTransport: HTTPTransport {
    typealias Answer =
        @Sendable (_ request: TransportRequest, _ number: Int) -> Result<TransportResponse, TransportError>

    private let asked = Mutex<[TransportRequest]>([])
    private let answer: Answer

    /// `number` counts requests from 1.
    init(_ answer: @escaping Answer) {
        self.answer = answer
    }

    var requests: [TransportRequest] { asked.withLock { $0 } }

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let number = asked.withLock { asked in
            asked.append(request)
            return asked.count
        }
        await Task.yield()
        return try answer(request, number).get()
    }
}

/// Stands still.
struct StillClocks: Clocks {
    var now = Instant(seconds: 1_800_000_000)
    var monotonic = MonotonicInstant(nanoseconds: 5_000_000_000)
}

extension TransportResponse {
    static func json(_ text: String, status: Int = 200, _ headers: TransportHeaders = [:]) -> TransportResponse {
        TransportResponse(status: status, headers: headers, body: Array(text.utf8))
    }
}
