import ConnectorCore
import StateStore
import Testing

/// What the contract of `CheckpointStore` promises, asked of any implementation. Durability has tests of its own.
enum CheckpointStoreConformance: CaseIterable, Sendable {
    case unknownStreams, stateReturns, emptyStateReturns, memory, memoryIsReplaced, keyOrder, tieLimit, unseenPages
    case forgetBetweenKeepsItsEnds, forgetBetweenLeavesOthers, rememberWins, feedWritesOthers, totalsCountRunsOnce
    case activityByHour, lastSuccessStays, overviewIsSorted, resetForgets, setCursor, setCursorOfUnknown, extremeValues
    case notedRuns

    func check(_ store: some CheckpointStore) async throws {
        switch self {
        case .unknownStreams:
            #expect(try await store.state(of: charges) == nil)
            #expect(try await store.sinkPosition(of: charges) == nil)
            #expect(try await store.delivered(of: charges, limit: 0).isEmpty)
            #expect(try await store.delivered(of: charges, keys: [key(1)]).isEmpty)
            #expect(try await store.unseen(of: charges, since: 9, after: nil, limit: 9).isEmpty)
            #expect(try await store.overview().isEmpty)
            try await store.reset(charges)
            #expect(try await store.overview().isEmpty)
        case .notedRuns:
            let state = StreamState(cursor: 7, token: nil, walk: "w", generation: 3, evidence: "e", fingerprint: "f")
            var run = RunRecord.make()
            run.records = 5
            try await store.commit(Checkpoint(stream: charges, state: state, run: run))
            (run.outcome, run.error, run.ended, run.records) = (.failed, "the sink is away", now, 9)
            try await store.note(run, of: charges)
            #expect(try await store.state(of: charges) == state)
            let row = try await store.overview().first
            #expect(row?.lastRun?.error == "the sink is away" && row?.lastRun?.records == 5 && row?.totalRecords == 5)
            #expect(try await store.activity(since: run.started)[charges]?.map(\.failures) == [1])
            // The first run of a stream may fail, too.
            try await store.note(run, of: refunds)
            #expect(try await store.state(of: refunds) == StreamState())
            #expect(try await store.overview().map(\.stream) == [charges, refunds])
        case .stateReturns:
            let state = StreamState(
                cursor: 7,
                token: "t\"\u{1F600}",
                walk: "w",
                generation: 3,
                lastFullWalk: now,
                evidence: "{}",
                fingerprint: "f"
            )
            try await store.commit(Checkpoint(stream: charges, state: state, run: .make()))
            #expect(try await store.state(of: charges) == state)
            #expect(try await store.overview().map(\.state) == [state])
            #expect(try await store.state(of: refunds) == nil)
        case .emptyStateReturns:
            try await store.commit(.make(cursor: 7))
            try await store.commit(Checkpoint(stream: charges, state: StreamState(), run: .make()))
            #expect(try await store.state(of: charges) == StreamState())
        case .memory:
            let known = [record(1, cursor: 4, keyText: "\"a\""), record(2, generation: 5)]
            try await store.commit(.make(remember: known))
            let found = try await store.delivered(of: charges, keys: [key(1), key(2), key(3)])
            #expect(found == [key(1): known[0], key(2): known[1]])
            try await store.commit(.make(forget: [key(1), key(9)]))
            #expect(try await store.delivered(of: charges, limit: 9) == [known[1]])
        case .memoryIsReplaced:
            try await store.commit(.make(remember: [record(1, keyText: "\"a\"")]))
            let changed = DeliveredRecord(key: key(1), content: key(77), cursor: 8, generation: 2, keyText: nil)
            try await store.commit(.make(remember: [changed]))
            #expect(try await store.delivered(of: charges, limit: 9) == [changed])
        case .keyOrder:
            let keys = [(0, 0), (0, .max), (1, 0), (.max >> 1, 1), (1 << 63, 0), (.max, .max)]
                .map { Hash128(high: $0.0, low: $0.1) }
            let known = keys.map { DeliveredRecord(key: $0, content: $0, cursor: 0) }
            try await store.commit(.make(remember: known.reversed()))
            #expect(try await store.delivered(of: charges, limit: 9).map(\.key) == keys)
        case .tieLimit:
            try await store.commit(.make(remember: (1...3).map { record($0) }))
            #expect(try await store.delivered(of: charges, limit: 3).count == 3)
            await #expect { _ = try await store.delivered(of: charges, limit: 2) } throws: { error in
                let error = error as? StateError
                return error?.code == .tooManyTies && error?.message.contains("stripe/charges") == true
            }
        case .unseenPages:
            let keys = (1...9).map { key(UInt64($0)) }.sorted()
            try await store.commit(.make(remember: (1...9).map { record($0, generation: 1) }))
            try await store.commit(.make(remember: [record(4, generation: 2), record(5, generation: 2)]))
            let gone = keys.filter { $0 != key(4) && $0 != key(5) }
            let first = try await store.unseen(of: charges, since: 2, after: nil, limit: 4)
            #expect(first.map(\.key) == Array(gone.prefix(4)))
            let rest = try await store.unseen(of: charges, since: 2, after: first.last?.key, limit: 4)
            #expect(rest.map(\.key) == Array(gone.dropFirst(4)))
            #expect(try await store.unseen(of: charges, since: 1, after: nil, limit: 4).isEmpty)
        case .forgetBetweenKeepsItsEnds:
            try await store.commit(.make(remember: (1...5).map { record($0, cursor: Int64($0)) }))
            try await store.commit(.make(forgetBetween: .init(above: 1, below: 4)))
            #expect(try await Set(store.delivered(of: charges, limit: 9).map(\.cursor)) == [1, 4, 5])
        case .forgetBetweenLeavesOthers:
            try await store.commit(.make(refunds, remember: [record(1, cursor: 3)]))
            try await store.commit(.make(remember: [record(1, cursor: 3, keyText: "1"), record(2, cursor: 3)]))
            try await store.commit(.make(forgetBetween: .init(above: 0, below: 9)))
            #expect(try await store.delivered(of: charges, limit: 9) == [record(1, cursor: 3, keyText: "1")])
            #expect(try await store.delivered(of: refunds, limit: 9) == [record(1, cursor: 3)])
        case .rememberWins:
            try await store.commit(.make(remember: [record(1, cursor: 3)]))
            let again = record(1, cursor: 5)
            try await store.commit(
                .make(remember: [again], forget: [key(1)], forgetBetween: .init(above: 0, below: 9))
            )
            #expect(try await store.delivered(of: charges, limit: 9) == [again])
        case .feedWritesOthers:
            var checkpoint = Checkpoint.make()
            checkpoint.sinkPositions = [charges: SinkPosition("1"), refunds: SinkPosition("2")]
            checkpoint.remember = [refunds: [record(1)]]
            try await store.commit(checkpoint)
            #expect(try await store.sinkPosition(of: refunds) == SinkPosition("2"))
            #expect(try await store.delivered(of: refunds, limit: 9) == [record(1)])
            #expect(try await store.state(of: refunds) == nil)
            #expect(try await store.overview().map(\.stream) == [charges])
        case .totalsCountRunsOnce:
            for records: Int64 in [10, 25, 25] { try await store.commit(.make(run: .make("a", records: records))) }
            for records: Int64 in [0, 5] { try await store.commit(.make(run: .make("b", records: records))) }
            let row = try #require(try await store.overview().first)
            #expect(row.totalRecords == 30)
            #expect(row.lastRun == .make("b", records: 5))
        case .lastSuccessStays:
            try await store.commit(.make(run: .make("a", .succeeded)))
            try await store.commit(.make(run: .make("b", .failed)))
            let row = try #require(try await store.overview().first)
            #expect(row.lastSuccess == now + .seconds(1))
            #expect(row.lastRun?.outcome == .failed)
        case .activityByHour:
            // Ten, and eight more of the same run; then a failed one, an hour later, and one two days later.
            try await store.commit(.make(run: .make("a", records: 10)))
            try await store.commit(.make(run: .make("a", .succeeded, records: 18)))
            var late = RunRecord.make("b", .failed, records: 1)
            late.started = now + .seconds(3_600)
            try await store.commit(.make(run: late))
            let hour = Instant(seconds: ActivityHour.number(of: now) * 3_600)
            let first = ActivityHour(hour: hour, records: 18, runs: 1)
            let second = ActivityHour(hour: hour + .seconds(3_600), records: 1, runs: 1, failures: 1)
            #expect(try await store.activity(since: now) == [charges: [first, second]])
            #expect(try await store.activity(since: late.started) == [charges: [second]])
            var latest = RunRecord.make("c", .succeeded)
            latest.started = now + .seconds(48 * 3_600)
            try await store.commit(.make(run: latest))
            let third = ActivityHour(hour: hour + .seconds(48 * 3_600), runs: 1)
            #expect(try await store.activity(since: now) == [charges: [second, third]])
            try await store.reset(charges)
            #expect(try await store.activity(since: now).isEmpty)
        case .overviewIsSorted:
            let streams = [("b", "a"), ("a", "z"), ("a", "b")].map { StreamID(connector: $0.0, stream: $0.1) }
            for stream in streams { try await store.commit(.make(stream)) }
            #expect(try await store.overview().map(\.stream) == streams.sorted())
        case .resetForgets:
            var checkpoint = Checkpoint.make(cursor: 4, run: .make(records: 9), remember: [record(1)])
            checkpoint.sinkPositions = [charges: SinkPosition("3:4")]
            try await store.commit(checkpoint)
            try await store.commit(.make(refunds, cursor: 1))
            try await store.reset(charges)
            #expect(try await store.state(of: charges) == nil)
            #expect(try await store.delivered(of: charges, limit: 9).isEmpty)
            #expect(try await store.sinkPosition(of: charges) == SinkPosition("3:4"))
            #expect(try await store.overview().map(\.stream) == [refunds])
            try await store.commit(.make(run: .make(records: 2)))
            #expect(try await store.overview().first?.totalRecords == 2)
        case .setCursor:
            var state = StreamState(cursor: 4, token: "t", walk: "w", generation: 2, lastFullWalk: now)
            (state.evidence, state.fingerprint) = ("e", "f")
            let known = [record(1, keyText: "1"), record(2)]
            try await store.commit(
                Checkpoint(stream: charges, state: state, run: .make(records: 3), remember: [charges: known])
            )
            try await store.setCursor(of: charges, cursor: -1, token: nil)
            (state.cursor, state.token, state.walk) = (-1, nil, nil)
            #expect(try await store.state(of: charges) == state)
            #expect(try await store.delivered(of: charges, limit: 9) == [known[0]])
            #expect(try await store.overview().first?.totalRecords == 3)
        case .setCursorOfUnknown:
            try await store.setCursor(of: charges, cursor: nil, token: "t")
            #expect(try await store.state(of: charges) == StreamState(token: "t"))
            #expect(try await store.overview().first?.lastRun == nil)
        case .extremeValues:
            let state = StreamState(cursor: .min, token: "", walk: "a\0b", generation: .max)
            try await store.commit(
                Checkpoint(
                    stream: charges,
                    state: state,
                    run: .make(),
                    remember: [charges: [record(.max, cursor: .min), record(0, cursor: .max, keyText: "")]]
                )
            )
            #expect(try await store.state(of: charges) == state)
            #expect(try await Set(store.delivered(of: charges, limit: 2).map(\.cursor)) == [.min, .max])
        }
    }
}

@Suite
struct CheckpointStoreConformanceTests {
    @Test(arguments: CheckpointStoreConformance.allCases)
    func `the in-memory store keeps the contract`(_ promise: CheckpointStoreConformance) async throws {
        try await promise.check(InMemoryStore())
    }

    @Test(arguments: CheckpointStoreConformance.allCases)
    func `the SQLite store keeps the contract`(_ promise: CheckpointStoreConformance) async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        try await promise.check(store)
        await store.close()
    }
}
