import ConnectorCore
import StateStore
import Testing

private let orders = StreamID.events(of: "stripe", into: "orders")
private let triggers = StreamID.events(of: "stripe", into: nil)

private func event(_ id: String?, _ text: String = "{}", in stream: StreamID = orders) -> IncomingEvent {
    IncomingEvent(id: id, type: "order.made", stream: stream, bytes: Array(text.utf8))
}

extension EventInbox {
    fileprivate func take(_ events: IncomingEvent..., limits: InboxLimits = InboxLimits()) async throws -> Int {
        try await accept(events, of: "stripe", at: now, until: now + .seconds(60), limits: limits)
    }

    fileprivate func ids(in stream: StreamID = orders, limit: Int = 9, bytes: Int = 1_000) async throws -> [String?] {
        try await waiting(in: stream, limit: limit, bytes: bytes).map(\.id)
    }
}

extension CheckpointStore where Self: EventInbox {
    fileprivate func settle(
        _ numbers: [Int64],
        versions: [EventVersion] = [],
        syncs: [StreamID] = [],
        at time: Instant = now,
        until: Instant = now + .seconds(60)
    ) async throws {
        var checkpoint = Checkpoint(stream: orders, state: StreamState(), run: .make())
        checkpoint.events = EventSettlement(
            numbers: numbers,
            bytes: Int64(numbers.count * 2),
            target: orders.eventTarget,
            versions: versions,
            versionsUntil: until,
            earlySyncs: syncs,
            at: time
        )
        try await commit(checkpoint)
    }
}

/// What the contract of `EventInbox` promises, asked of any implementation.
enum EventInboxConformance: CaseIterable, Sendable {
    case emptyAtFirst, allReturns, inOrder, sameIDOnce, sameIDInOneCall, withoutID, otherConnector, countLimit,
        byteLimit
    case bytesOfOneReading, settled, settledStaysKnown, idsForgotten, versions, versionsReplaced, earlySyncs, lateSync,
        replay, forgottenID

    func check(_ store: some CheckpointStore & EventInbox) async throws {
        switch self {
        case .emptyAtFirst:
            #expect(try await store.waitingCounts().isEmpty)
            #expect(try await store.ids().isEmpty)
            #expect(try await store.earlySyncs().isEmpty)
            #expect(try await store.eventVersions(of: charges, keys: [key(1)]).isEmpty)
            #expect(try await store.take() == 0)
        case .allReturns:
            #expect(try await store.take(event("e", #"{"a":1}"#)) == 1)
            let found = try await store.waiting(in: orders, limit: 9, bytes: 99)
            #expect(found.map(\.id) == ["e"])
            #expect(found.map(\.type) == ["order.made"])
            #expect(found.map(\.at) == [now])
            #expect(found.map(\.bytes) == [Array(#"{"a":1}"#.utf8)])
        case .inOrder:
            for number in 1...5 { _ = try await store.take(event("e\(number)")) }
            _ = try await store.take(event("t", in: triggers))
            #expect(try await store.ids(limit: 2) == ["e1", "e2"])
            #expect(try await store.ids() == ["e1", "e2", "e3", "e4", "e5"])
            #expect(try await store.ids(in: triggers) == ["t"])
            #expect(try await store.waitingCounts() == [orders: 5, triggers: 1])
            let numbers = try await store.waiting(in: orders, limit: 9, bytes: 99).map(\.number)
            #expect(numbers == numbers.sorted())
        case .sameIDOnce:
            #expect(try await store.take(event("e")) == 1)
            #expect(try await store.take(event("e", in: triggers), event("f")) == 1)
            #expect(try await store.waitingCounts() == [orders: 2])
        case .sameIDInOneCall:
            #expect(try await store.take(event("e"), event("e"), event("f")) == 2)
            #expect(try await store.ids() == ["e", "f"])
        case .withoutID:
            #expect(try await store.take(event(nil), event(nil)) == 2)
            #expect(try await store.take(event(nil)) == 1)
        case .otherConnector:
            let other = StreamID.events(of: "square", into: "orders")
            #expect(try await store.take(event("e")) == 1)
            let events = [event("e", in: other)]
            let new = try await store.accept(events, of: "square", at: now, until: now, limits: InboxLimits())
            #expect(new == 1)
        case .countLimit:
            var limits = InboxLimits()
            limits.events = 2
            #expect(try await store.take(event("1"), event("2"), limits: limits) == 2)
            let error = await #expect(throws: StateError.self) { try await store.take(event("3"), limits: limits) }
            #expect(error?.code == .inboxFull)
            #expect(try await store.ids() == ["1", "2"])
            let first = try await store.waiting(in: orders, limit: 1, bytes: 1)
            try await store.settle(first.map(\.number))
            #expect(try await store.take(event("3"), limits: limits) == 1)
        case .byteLimit:
            var limits = InboxLimits()
            limits.bytes = 4
            #expect(try await store.take(event("1"), event("2"), limits: limits) == 2)
            await #expect(throws: StateError.self) { try await store.take(event("3"), limits: limits) }
        case .bytesOfOneReading:
            _ = try await store.take(event("1", "[1234567]"), event("2", "[1234567]"), event("3"))
            #expect(try await store.ids(bytes: 1) == ["1"])
            #expect(try await store.ids(bytes: 10) == ["1", "2"])
        case .settled:
            _ = try await store.take(event("1"), event("2"), event("3"))
            let numbers = try await store.waiting(in: orders, limit: 9, bytes: 99).map(\.number)
            try await store.settle([numbers[0], numbers[2]])
            #expect(try await store.ids() == ["2"])
            #expect(try await store.waitingCounts() == [orders: 1])
        case .settledStaysKnown:
            _ = try await store.take(event("1"))
            try await store.settle(try await store.waiting(in: orders, limit: 9, bytes: 99).map(\.number))
            #expect(try await store.take(event("1")) == 0)
        case .idsForgotten:
            _ = try await store.take(event("1"))
            try await store.settle([], at: now + .seconds(59))
            #expect(try await store.take(event("1")) == 0)
            try await store.settle([], at: now + .seconds(61))
            #expect(try await store.take(event("1")) == 1)
        case .replay:
            _ = try await store.take(event("1"))
            var again = event("1")
            again.isReplay = true
            #expect(try await store.take(again) == 1)
            #expect(try await store.ids() == ["1", "1"])
            #expect(try await store.take(event("1")) == 0)
        case .forgottenID:
            _ = try await store.take(event("1"), event("2"))
            var checkpoint = Checkpoint(stream: orders, state: StreamState(), run: .make())
            let numbers = try await store.waiting(in: orders, limit: 9, bytes: 99).map(\.number)
            checkpoint.events = EventSettlement(numbers: numbers, bytes: 4, versionsUntil: now, at: now)
            checkpoint.events?.unknownIDs = ["1"]
            try await store.commit(checkpoint)
            #expect(try await store.take(event("1"), event("2")) == 1)
            #expect(try await store.ids() == ["1"])
        case .versions, .versionsReplaced, .earlySyncs, .lateSync: try await checkVersions(store)
        }
    }

    private func checkVersions(_ store: some CheckpointStore & EventInbox) async throws {
        let target = StreamID(connector: "stripe", stream: "orders")
        let first = EventVersion(key: key(1), version: 5, isDeleted: false)
        let second = EventVersion(key: key(2), version: 6, isDeleted: true)
        switch self {
        case .versions:
            try await store.settle([], versions: [first, second])
            let found = try await store.eventVersions(of: target, keys: [key(1), key(2), key(3)])
            #expect(found == [key(1): first, key(2): second])
            #expect(try await store.eventVersions(of: charges, keys: [key(1)]).isEmpty)
        case .versionsReplaced:
            try await store.settle([], versions: [first])
            let newer = EventVersion(key: key(1), version: 9, isDeleted: true)
            try await store.settle([], versions: [newer])
            #expect(try await store.eventVersions(of: target, keys: [key(1)]) == [key(1): newer])
        case .earlySyncs:
            try await store.settle([], syncs: [charges])
            #expect(try await store.earlySyncs() == [charges])
            try await store.commit(.make(charges, run: .make("a", .failed)))
            #expect(try await store.earlySyncs() == [charges])
            try await store.commit(.make(charges, run: .make("b", .succeeded)))
            #expect(try await store.earlySyncs().isEmpty)
        case .lateSync:
            // Asked for after the run began: it may have read past the place already.
            try await store.settle([], syncs: [charges], at: now + .seconds(1))
            try await store.commit(.make(charges, run: .make("a", .succeeded)))
            #expect(try await store.earlySyncs() == [charges])
        default: Issue.record("\(self) is checked elsewhere")
        }
    }
}

struct EventInboxConformanceTests {
    @Test(arguments: EventInboxConformance.allCases)
    func `the in-memory inbox keeps the contract`(_ promise: EventInboxConformance) async throws {
        try await promise.check(InMemoryStore())
    }

    @Test(arguments: EventInboxConformance.allCases)
    func `the SQLite inbox keeps the contract`(_ promise: EventInboxConformance) async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        try await promise.check(store)
        await store.close()
    }

    @Test func `what waits is there after the state is opened again`() async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        _ = try await store.take(event("1"), event("2"))
        try await store.settle([], syncs: [charges])
        await store.close()
        let again = try scratch.open()
        #expect(try await again.ids() == ["1", "2"])
        #expect(try await again.take(event("1")) == 0)
        #expect(try await again.earlySyncs() == [charges])
        var limits = InboxLimits()
        limits.events = 2
        await #expect(throws: StateError.self) { try await again.take(event("3"), limits: limits) }
        await again.close()
    }

    @Test func `many at once are all kept, each once`() async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<400 {
                group.addTask { try await store.take(event("e\(number % 200)")) }
            }
            var new = 0
            for try await count in group { new += count }
            #expect(new == 200)
        }
        #expect(Set(try await store.ids(limit: 500)).count == 200)
        #expect(try await store.waitingCounts() == [orders: 200])
        await store.close()
    }
}
