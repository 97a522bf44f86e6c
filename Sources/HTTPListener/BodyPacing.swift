/// Decides how a body of a known length goes out: a value, asked once for every piece.
struct BodyPacing: Sendable, Equatable {
    enum Step: Equatable {
        case send(upTo: Int)
        case pause(Duration)
        case fail
    }

    let delivery: ListenerResponse.Delivery
    let stallTime: Duration
    /// Bytes that may be sent before the next pause; grows by a chunk with each pause.
    private var allowance: Int
    private var hasStalled = false

    init(delivery: ListenerResponse.Delivery, stallTime: Duration) {
        self.delivery = delivery
        self.stallTime = stallTime
        if case .slow(let chunk, _) = delivery { allowance = max(1, chunk) } else { allowance = 0 }
    }

    /// What to do with `position` bytes already sent. A pause counts as done when the next step is asked for.
    mutating func step(at position: Int) -> Step {
        switch delivery {
        case .whole:
            .send(upTo: .max)
        case .slow(let chunk, let interval):
            slow(at: position, chunk: max(1, chunk), interval: interval)
        case .stall(let end):
            stall(at: position, end: end)
        case .reset(let end), .truncated(let end):
            position < end ? .send(upTo: end) : .fail
        case .hangUp:
            .fail
        }
    }

    private mutating func slow(at position: Int, chunk: Int, interval: Duration) -> Step {
        if position < allowance { return .send(upTo: allowance) }
        allowance += chunk
        return .pause(interval)
    }

    private mutating func stall(at position: Int, end: Int) -> Step {
        if position < end { return .send(upTo: end) }
        if hasStalled { return .fail }
        hasStalled = true
        return .pause(stallTime)
    }
}
