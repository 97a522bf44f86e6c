package import ConnectorCore

/// Waits for work that may hang.
package enum Patience {
    /// The work's result; nil when it is not there in time. The work is not waited for then: a task group would.
    package static func wait<Value: Sendable>(
        _ span: Duration,
        by clocks: any Clocks,
        for work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let (results, post) = AsyncStream<Value?>.makeStream()
        Task { post.yield(await work()) }
        let alarm = Task {
            do {
                try await clocks.sleep(for: span)
                post.yield(nil)
            } catch {
                // Cancelled: the result is there.
            }
        }
        defer { alarm.cancel() }
        for await result in results { return result }
        return nil
    }
}
