import ConnectorCore
import ConnectorDaemon
import Synchronization

/// Answers as a test says, and keeps what was asked.
final class FakeTransport: HTTPTransport {
    typealias Answer =
        @Sendable (_ request: TransportRequest, _ number: Int) async -> Result<TransportResponse, TransportError>

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
        return try await answer(request, number).get()
    }

    /// Answers nothing until the request is cancelled.
    static func hang() async -> Result<TransportResponse, TransportError> {
        let (never, _) = AsyncStream<Void>.makeStream()
        for await _ in never {}
        return .failure(TransportError(.cancelled, "cancelled", mayHaveBeenSent: true))
    }
}

/// Stands still.
struct StillClocks: Clocks {
    var now = Instant(seconds: 1_800_000_000)
    var monotonic = MonotonicInstant(nanoseconds: 5_000_000_000)
}

/// The day stands still; spans are as long as they are.
struct RunningClocks: Clocks {
    private let start = ContinuousClock.now

    var now: Instant { StillClocks().now }
    var monotonic: MonotonicInstant {
        MonotonicInstant(nanoseconds: (ContinuousClock.now - start).wholeNanoseconds)
    }
}

/// Every wait is over at once, and has taken its time.
final class LeapingClocks: Clocks {
    private let passed = Mutex(Duration.zero)

    /// How long all waits took.
    var waited: Duration { passed.withLock { $0 } }

    var now: Instant { StillClocks().now + waited }
    var monotonic: MonotonicInstant { StillClocks().monotonic + waited }

    func sleep(for span: Duration) async throws {
        try Task.checkCancellation()
        passed.withLock { $0 += span }
        await Task.yield()
    }
}

final class EventList: EventSink {
    private let kept = Mutex<[Event]>([])

    var all: [Event] { kept.withLock { $0 } }

    func record(_ event: Event) { kept.withLock { $0.append(event) } }
}

extension TransportResponse {
    static func json(_ text: String, status: Int = 200) -> TransportResponse {
        TransportResponse(status: status, body: Array(text.utf8))
    }
}

/// A sink whose disk is full.
struct FullSink: Sink {
    var identity: SinkIdentity { SinkIdentity("full") }

    func open(_ stream: StreamID, at position: SinkPosition?) async throws(SinkError) -> any SinkWriter {
        throw SinkError("write x: No space left on device", hint: "make room")
    }
}

/// Keeps nothing: every commit fails.
struct FullStore: CheckpointStore {
    let store = InMemoryStore()

    func openLedger(_ opening: LedgerOpening) async throws(StateError) -> any StreamLedger {
        FullLedger(ledger: try await store.openLedger(opening))
    }

    func state(of stream: StreamID) async throws(StateError) -> StreamState? { await store.state(of: stream) }

    func note(_ run: RunRecord, of stream: StreamID) async throws(StateError) { throw .full }

    func overview() async throws(StateError) -> [StreamOverview] { await store.overview() }

    func activity(since: Instant) async throws(StateError) -> [StreamID: [ActivityHour]] {
        await store.activity(since: since)
    }

    func reset(_ stream: StreamID, sink: SinkIdentity?) async throws(StateError) {
        await store.reset(stream, sink: sink)
    }
}

private struct FullLedger: StreamLedger {
    let ledger: any StreamLedger

    var fence: Fence { ledger.fence }

    func state(of stream: StreamID) async throws(StateError) -> StreamState? { try await ledger.state(of: stream) }

    func sinkPosition(of stream: StreamID) async throws(StateError) -> SinkPosition? {
        try await ledger.sinkPosition(of: stream)
    }

    func setSinkPosition(of stream: StreamID, to position: SinkPosition) async throws(StateError) {
        try await ledger.setSinkPosition(of: stream, to: position)
    }

    func delivered(of stream: StreamID, limit: Int) async throws(StateError) -> [DeliveredRecord] {
        try await ledger.delivered(of: stream, limit: limit)
    }

    func delivered(of stream: StreamID, keys: [Hash128]) async throws(StateError) -> [Hash128: DeliveredRecord] {
        try await ledger.delivered(of: stream, keys: keys)
    }

    func unseen(
        of stream: StreamID,
        since generation: Int64,
        after: Hash128?,
        limit: Int
    ) async throws(StateError) -> [DeliveredRecord] {
        try await ledger.unseen(of: stream, since: generation, after: after, limit: limit)
    }

    func census(of stream: StreamID, since generation: Int64) async throws(StateError) -> MemoryCensus {
        try await ledger.census(of: stream, since: generation)
    }

    func commit(_ checkpoint: Checkpoint) async throws(StateError) { throw .full }

    func rebase(to state: StreamState, forgetting: Forgetting) async throws(StateError) { throw .full }
}

extension StateError {
    fileprivate static let full = StateError(.notWritable, "the disk is full", hint: "make room")
}
