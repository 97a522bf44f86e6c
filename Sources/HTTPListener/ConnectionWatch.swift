import Glibc
import Synchronization

/// Ends connections that take too long to bring a request: the library only notices those that bring nothing at all,
/// and a byte now and then would hold one for ever. Where nearly all places are taken, those that wait longest end
/// sooner, so that there is always room for one more.
///
/// A connection waits from its beginning, or its last answer, until its next request is complete. The library tells of
/// a connection's end before it closes the descriptor, so under the lock a known descriptor is still that connection's.
final class ConnectionWatch: Sendable {
    private struct Entry {
        var descriptor: Int32
        /// Nil while a request is being answered.
        var waitsSince: ContinuousClock.Instant?
    }

    /// By the address of the library's connection, which is its own as long as it lives.
    private let entries = Mutex<[UInt: Entry]>([:])
    private let limit: Duration
    /// Above so many, places are made free.
    private let crowd: Int
    private let isLookingAgain = Mutex(false)
    private let leaver = Mutex<CheckedContinuation<Void, Never>?>(nil)
    private let sweeper = Mutex<Task<Void, Never>?>(nil)

    /// The last places, one in so many, are kept free.
    private static let reserve = 8
    /// A connection that is younger is not slow yet.
    private static let patience = Duration.seconds(1)

    /// `most` connections are taken at once.
    init(limit: Duration, most: Int) {
        self.limit = limit
        crowd = most - most / Self.reserve
    }

    /// Looks again after a fifth of the limit, as long as the listener runs.
    func start() {
        let task = Task { [weak self, limit] in
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: limit / 5)
                } catch {
                    return
                }
                self?.sweep(at: .now)
            }
        }
        sweeper.withLock { $0 = task }
    }

    func stop() {
        sweeper.withLock { $0 }?.cancel()
    }

    var count: Int { entries.withLock { $0.count } }

    func opened(_ connection: UInt, descriptor: Int32) {
        let isCrowded = entries.withLock { entries in
            entries[connection] = Entry(descriptor: descriptor, waitsSince: .now)
            return entries.count > crowd
        }
        if isCrowded { makeRoom() }
    }

    /// Ends those beyond the crowd that wait longest; those that are too young yet, a moment later.
    private func makeRoom() {
        let now = ContinuousClock.now
        let isCrowdedStill = entries.withLock { entries in
            let slow = entries.filter { $0.value.waitsSince.map { now - $0 >= Self.patience } ?? false }
            let excess = entries.count - crowd
            let oldest = slow.sorted { $0.value.waitsSince ?? now < $1.value.waitsSince ?? now }.prefix(max(0, excess))
            for (name, entry) in oldest {
                // Told once: the library closes it.
                entries[name]?.waitsSince = nil
                _ = shutdown(entry.descriptor, Int32(SHUT_RDWR))
            }
            return excess > oldest.count
        }
        let isFirst = isLookingAgain.withLock { isLooking in
            defer { isLooking = isLooking || isCrowdedStill }
            return !isLooking
        }
        guard isCrowdedStill, isFirst else { return }
        Task { [weak self] in
            // Nobody holds this task, so that it is never cancelled; and were it, looking again at once does no harm.
            try? await Task.sleep(for: Self.patience)
            self?.isLookingAgain.withLock { $0 = false }
            self?.makeRoom()
        }
    }

    func closed(_ connection: UInt) {
        let isEmpty = entries.withLock { entries in
            entries[connection] = nil
            return entries.isEmpty
        }
        if isEmpty { endWait() }
    }

    /// Waits until no connection is open, at most so long. For one caller: the listener that stops.
    func emptied(within patience: Duration) async {
        guard patience > .zero, count > 0 else { return }
        let alarm = Task {
            // Cancelled means that the wait is over.
            try? await Task.sleep(for: patience)
            endWait()
        }
        await withCheckedContinuation { continuation in
            leaver.withLock { $0 = continuation }
            // The last one may have closed meanwhile.
            if count == 0 { endWait() }
        }
        alarm.cancel()
    }

    private func endWait() {
        let waiting = leaver.withLock { leaver in
            defer { leaver = nil }
            return leaver
        }
        waiting?.resume()
    }

    /// A request is complete, or refused: what follows is our time, not the client's.
    func answering(_ connection: UInt) {
        entries.withLock { $0[connection]?.waitsSince = nil }
    }

    func answered(_ connection: UInt) {
        entries.withLock { $0[connection]?.waitsSince = .now }
    }

    private func sweep(at now: ContinuousClock.Instant) {
        entries.withLock { entries in
            for entry in entries.values {
                guard let since = entry.waitsSince, now - since > limit else { continue }
                // The library sees the end and closes; it may have sent nothing, since nothing complete was asked.
                _ = shutdown(entry.descriptor, Int32(SHUT_RDWR))
            }
        }
    }
}
