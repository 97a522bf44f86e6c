import ConnectorCore
import ConnectorDaemon
import Synchronization

/// Answers batches as a test says, and keeps what came.
final class FakeSender: BatchSender {
    struct Sent: Sendable, Equatable {
        var body: String
        var records: Int
        var key: String
    }

    typealias Answer = @Sendable (_ sent: Sent, _ number: Int) async -> BatchOutcome

    private struct State {
        var sent: [Sent] = []
        var underWay = 0
        var mostUnderWay = 0
    }

    private let state = Mutex(State())
    private let answer: Answer

    /// `number` counts batches from 1.
    init(_ answer: @escaping Answer = { _, _ in .accepted }) {
        self.answer = answer
    }

    var sent: [Sent] { state.withLock { $0.sent } }
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

    func send(_ batch: [UInt8], records: Int, idempotencyKey: String) async -> BatchOutcome {
        let sent = Sent(body: String(decoding: batch, as: UTF8.self), records: records, key: idempotencyKey)
        let number = state.withLock { state in
            state.sent.append(sent)
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            return state.sent.count
        }
        defer { state.withLock { $0.underWay -= 1 } }
        return await answer(sent, number)
    }
}

/// Closed until a test opens it.
final class Door: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { one in
            let passes = state.withLock { state in
                if !state.isOpen { state.waiting.append(one) }
                return state.isOpen
            }
            if passes { one.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }
}
