import Synchronization

// Work that many wait for, and that belongs to none of them.
extension Task {
    /// What became of it; nil as soon as the one who waits is cancelled. The task goes on for the others.
    var resultUnlessCancelled: Result<Success, Failure>? {
        get async {
            let answer = FirstAnswer<Result<Success, Failure>?>()
            return await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    answer.expect(waiter)
                    Task<Void, Never> { answer.give(await result) }
                }
            } onCancel: {
                answer.give(nil)
            }
        }
    }
}

/// Hands the first of several answers to the one who waits, whichever of them comes first.
private final class FirstAnswer<Answer: Sendable>: Sendable {
    private enum State {
        case idle
        case expected(CheckedContinuation<Answer, Never>)
        case early(Answer)
        case given
    }

    private let state = Mutex(State.idle)

    func expect(_ waiter: CheckedContinuation<Answer, Never>) {
        let early: Answer? = state.withLock { state in
            guard case .early(let answer) = state else {
                state = .expected(waiter)
                return nil
            }
            state = .given
            return answer
        }
        if let early { waiter.resume(returning: early) }
    }

    func give(_ answer: Answer) {
        let waiter: CheckedContinuation<Answer, Never>? = state.withLock { state in
            switch state {
            case .idle:
                state = .early(answer)
                return nil
            case .expected(let waiter):
                state = .given
                return waiter
            case .early, .given: return nil
            }
        }
        waiter?.resume(returning: answer)
    }
}
