import ConnectorCore

/// Bounds a whole call, its waits and retries included.
enum Deadline {
    /// Throws a ``TimeoutError`` when the time is over; what runs is cancelled.
    static func run<Value: Sendable>(
        _ deadline: Duration?,
        _ request: @autoclosure @Sendable () -> String,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let deadline else { return try await work() }
        let request = request()
        guard deadline > .zero else {
            let hint = "nothing was sent; give it time"
            throw TimeoutError(
                ErrorContext("\(request) had no time left", code: "DEADLINE", request: request, hint: hint)
            )
        }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: deadline)
                let context = ErrorContext(
                    "\(request) was not done within \(deadline.friendlyText)",
                    code: "DEADLINE",
                    request: request,
                    hint: "raise the deadline, or look why the server is slow or the rate limit is used up",
                    mayHaveBeenSent: true
                )
                throw TimeoutError(context)
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
