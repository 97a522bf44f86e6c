import ConnectorCore
import Synchronization

/// What the pages of all runs of a program may hold together, from an answer's first byte until its records are written.
package final class PageMemory: Sendable {
    private struct State {
        var budget: MemoryBudget
        var lastPage = 0
        var waiters: [MemoryBudget.ShareID: CheckedContinuation<Bool, Never>] = [:]
    }

    private let state: Mutex<State>

    /// In bytes.
    package init(limit: Int) {
        state = Mutex(State(budget: MemoryBudget(limit: limit)))
    }

    /// Bytes within the limit.
    package var used: Int { state.withLock { $0.budget.used } }

    /// Without anything yet; it is given back when the last reference goes.
    func share() -> MemoryShare {
        let page = state.withLock { state in
            state.lastPage += 1
            return state.lastPage
        }
        return MemoryShare(page, of: self)
    }

    fileprivate func grow(_ share: MemoryBudget.ShareID, to bytes: Int, takesSeat: Bool = true) -> Bool {
        state.withLock { $0.budget.grow(share, to: bytes, takesSeat: takesSeat) }
    }

    fileprivate func settle(_ share: MemoryBudget.ShareID, at bytes: Int) {
        wake { $0.settle(share, at: bytes) }
    }

    fileprivate func putAside(_ share: MemoryBudget.ShareID, at bytes: Int) {
        wake { $0.putAside(share, at: bytes) }
    }

    fileprivate func release(_ share: MemoryBudget.ShareID) {
        wake { $0.release(share) }
    }

    /// False where the task is cancelled: the share then holds nothing.
    fileprivate func wait(_ share: MemoryBudget.ShareID, for bytes: Int, _ observer: (any WaitObserver)?) async -> Bool
    {
        if grow(share, to: bytes) { return true }
        observer?.waitBegan()
        defer { observer?.waitEnded() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    if state.budget.ask(share, for: bytes) { return true }
                    state.waiters[share] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: share) }?.resume(returning: false)
            release(share)
        }
    }

    private func wake(_ change: (inout MemoryBudget) -> [MemoryBudget.ShareID]) {
        let woken = state.withLock { state in
            change(&state.budget).compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in woken { waiter.resume(returning: true) }
    }
}

/// What one page holds. Safe from anywhere, so that the engine's thread counts the bytes as they come.
package final class MemoryShare: BodyMeter {
    /// What a page is taken for before it is known: a hundred records of an API.
    private static let unknownBytes = 256 << 10

    private let id: MemoryBudget.ShareID
    private let memory: PageMemory
    /// What may be held without asking again.
    private let granted = Atomic(0)
    private let wanted = Atomic(MemoryShare.unknownBytes)
    private let outgrown = Atomic(false)

    fileprivate init(_ id: MemoryBudget.ShareID, of memory: PageMemory) {
        self.id = id
        self.memory = memory
    }

    deinit {
        memory.release(id)
    }

    /// What will probably be held, by what the page before did.
    func expect(_ bytes: Int) {
        wanted.store(max(bytes, Self.unknownBytes), ordering: .relaxed)
    }

    /// Returns when there is room for what is expected; false where the task was cancelled.
    func admitted(_ observer: (any WaitObserver)?) async -> Bool {
        await has(wanted.load(ordering: .relaxed), observer)
    }

    /// Returns when there is room for so many bytes; false where the task was cancelled.
    func has(_ bytes: Int, _ observer: (any WaitObserver)?) async -> Bool {
        if bytes <= granted.load(ordering: .relaxed) { return true }
        guard await memory.wait(id, for: bytes, observer) else { return false }
        granted.store(bytes, ordering: .relaxed)
        return true
    }

    package func holds(_ bytes: Int) -> Bool {
        let before = granted.load(ordering: .relaxed)
        if bytes <= before { return true }
        // By doubling, so that a body of many chunks asks a few times.
        let step = before < Int.max / 2 ? max(bytes, 2 * before) : bytes
        for (size, takesSeat) in [(step, false), (bytes, true)] where memory.grow(id, to: size, takesSeat: takesSeat) {
            granted.store(size, ordering: .relaxed)
            return true
        }
        outgrown.store(true, ordering: .relaxed)
        return false
    }

    /// There was no room for what had begun to come. It is asked for again when there is room for any.
    var isOutgrown: Bool { outgrown.load(ordering: .relaxed) }

    /// The page has more in it than there is room for.
    func isTooSmall() {
        if grantedBytes < MemoryBudget.everything { outgrown.store(true, ordering: .relaxed) }
    }

    /// Gives back what it has, and will wait until it may hold whatever comes.
    func wantEverything() {
        outgrown.store(false, ordering: .relaxed)
        wanted.store(MemoryBudget.everything, ordering: .relaxed)
        settle(at: 0)
    }

    /// What is held now, and no more.
    package func settle(at bytes: Int) {
        granted.store(bytes, ordering: .relaxed)
        memory.settle(id, at: bytes)
    }

    /// The page is written, and so much of it waits for a checkpoint.
    package func putAside(at bytes: Int) {
        granted.store(bytes, ordering: .relaxed)
        memory.putAside(id, at: bytes)
    }

    /// What may be held; `MemoryBudget.everything` is whatever comes.
    var grantedBytes: Int { granted.load(ordering: .relaxed) }
}
