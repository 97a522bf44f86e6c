import ConnectorCore
import Synchronization

/// Waits that the end of the program cuts short.
final class EndableWaits: Sendable {
    private struct State {
        var isOver = false
        var lastNumber = 0
        var sleepers: [Int: Task<Void, any Error>] = [:]
    }

    private let state = Mutex(State())
    private let clocks: any Clocks

    init(_ clocks: any Clocks) {
        self.clocks = clocks
    }

    /// Throws `CancellationError` when the task is cancelled, or the waits are over.
    func wait(_ span: Duration) async throws {
        let sleeper = Task { [clocks] in try await clocks.sleep(for: span) }
        let number = state.withLock { state -> Int? in
            guard !state.isOver else { return nil }
            state.lastNumber += 1
            state.sleepers[state.lastNumber] = sleeper
            return state.lastNumber
        }
        guard let number else {
            sleeper.cancel()
            throw CancellationError()
        }
        defer { state.withLock { $0.sleepers[number] = nil } }
        try await withTaskCancellationHandler {
            try await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
    }

    /// Ends those under way, and every later one at once.
    func end() {
        let sleepers = state.withLock { state in
            state.isOver = true
            return Array(state.sleepers.values)
        }
        for sleeper in sleepers { sleeper.cancel() }
    }
}
