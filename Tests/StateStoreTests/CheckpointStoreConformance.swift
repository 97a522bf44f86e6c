import ConnectorCore
import StateStore
import Testing

/// What the contract of `CheckpointStore` promises, asked of any implementation. Durability has tests of its own.
enum CheckpointStoreConformance: CaseIterable, Sendable {
    case unknownStreams, stateReturns, emptyStateReturns, memory, memoryIsReplaced, keyOrder, tieLimit, unseenPages
    case forgetBetweenKeepsItsEnds, forgetBetweenLeavesOthers, rememberWins, feedWritesOthers, totalsCountRunsOnce
    case activityByHour, lastSuccessStays, overviewIsSorted, resetForgets, rebase, rebaseOfUnknown, extremeValues
    case notedRuns, sinksAreApart, aSinkChosenAgainGoesOn, firstSinkAdopts, adoptedOnce, partitionsAreApart
    case olderHandle, takenOverInLine, streamsNotOpened, targetsOfTheirOwnSink, resetOfOneSink, overviewOfLastSink
    case withoutKeyTextNothingIsUnseen, census

    func check(_ store: some CheckpointStore) async throws {
        let ledger = try await store.ledger()
        switch self {
        case .unknownStreams:
            #expect(try await ledger.state(of: charges) == nil)
            #expect(try await ledger.sinkPosition(of: charges) == nil)
            #expect(try await ledger.delivered(of: charges, limit: 0).isEmpty)
            #expect(try await ledger.delivered(of: charges, keys: [key(1)]).isEmpty)
            #expect(try await ledger.unseen(of: charges, since: 9, after: nil, limit: 9).isEmpty)
            #expect(try await store.state(of: charges) == nil)
            #expect(try await store.overview().isEmpty)
            try await store.reset(charges)
            #expect(try await store.overview().isEmpty)
        case .notedRuns:
            let state = StreamState(cursor: 7, walk: "w", generation: 3, evidence: "e", fingerprint: "f")
            var run = RunRecord.make()
            run.records = 5
            try await store.commit(Checkpoint(stream: charges, state: state, run: run))
            (run.outcome, run.error, run.ended, run.records) = (.failed, "the sink is away", now, 9)
            try await store.note(run, of: charges)
            #expect(try await ledger.state(of: charges) == state)
            let row = try await store.overview().first
            #expect(row?.lastRun?.error == "the sink is away" && row?.lastRun?.records == 5 && row?.totalRecords == 5)
            #expect(try await store.activity(since: run.started)[charges]?.map(\.failures) == [1])
            // The first run of a stream may fail, too.
            try await store.note(run, of: refunds)
            #expect(try await ledger.state(of: refunds) == nil)
            #expect(try await store.overview().map(\.stream) == [charges, refunds])
        case .stateReturns:
            let state = StreamState(
                cursor: 7,
                walk: "w\"\u{1F600}",
                generation: 3,
                lastFullWalk: now,
                evidence: "{}",
                fingerprint: "f"
            )
            try await store.commit(Checkpoint(stream: charges, state: state, run: .make()))
            #expect(try await ledger.state(of: charges) == state)
            #expect(try await store.overview().map(\.state) == [state])
            #expect(try await ledger.state(of: refunds) == nil)
        case .emptyStateReturns:
            try await store.commit(.make(cursor: 7))
            try await store.commit(Checkpoint(stream: charges, state: StreamState(), run: .make()))
            #expect(try await ledger.state(of: charges) == StreamState())
        case .memory:
            let known = [record(1, cursor: 4, keyText: "\"a\""), record(2, generation: 5)]
            try await store.commit(.make(remember: known))
            let found = try await ledger.delivered(of: charges, keys: [key(1), key(2), key(3)])
            #expect(found == [key(1): known[0], key(2): known[1]])
            try await store.commit(.make(forget: [key(1), key(9)]))
            #expect(try await ledger.delivered(of: charges, limit: 9) == [known[1]])
        case .memoryIsReplaced:
            try await store.commit(.make(remember: [record(1, keyText: "\"a\"")]))
            let changed = DeliveredRecord(key: key(1), content: key(77), cursor: 8, generation: 2, keyText: nil)
            try await store.commit(.make(remember: [changed]))
            #expect(try await ledger.delivered(of: charges, limit: 9) == [changed])
        case .keyOrder:
            let keys = [(0, 0), (0, .max), (1, 0), (.max >> 1, 1), (1 << 63, 0), (.max, .max)]
                .map { Hash128(high: $0.0, low: $0.1) }
            let known = keys.map { DeliveredRecord(key: $0, content: $0, cursor: 0) }
            try await store.commit(.make(remember: known.reversed()))
            #expect(try await ledger.delivered(of: charges, limit: 9).map(\.key) == keys)
        case .tieLimit:
            try await store.commit(.make(remember: (1...3).map { record($0) }))
            #expect(try await ledger.delivered(of: charges, limit: 3).count == 3)
            await #expect { _ = try await ledger.delivered(of: charges, limit: 2) } throws: { error in
                let error = error as? StateError
                return error?.code == .tooManyTies && error?.message.contains("stripe/charges") == true
            }
        case .unseenPages:
            let keys = (1...9).map { key(UInt64($0)) }.sorted()
            try await store.commit(.make(remember: (1...9).map { record($0, generation: 1, keyText: "\($0)") }))
            let seen = [4, 5].map { record($0, generation: 2, keyText: "\($0)") }
            try await store.commit(.make(remember: seen))
            let gone = keys.filter { $0 != key(4) && $0 != key(5) }
            let first = try await ledger.unseen(of: charges, since: 2, after: nil, limit: 4)
            #expect(first.map(\.key) == Array(gone.prefix(4)))
            let rest = try await ledger.unseen(of: charges, since: 2, after: first.last?.key, limit: 4)
            #expect(rest.map(\.key) == Array(gone.dropFirst(4)))
            #expect(try await ledger.unseen(of: charges, since: 1, after: nil, limit: 4).isEmpty)
        case .forgetBetweenKeepsItsEnds:
            try await store.commit(.make(remember: (1...5).map { record($0, cursor: Int64($0)) }))
            try await store.commit(.make(forgetBetween: .init(above: 1, below: 4)))
            #expect(try await Set(ledger.delivered(of: charges, limit: 9).map(\.cursor)) == [1, 4, 5])
        case .forgetBetweenLeavesOthers:
            try await store.commit(.make(refunds, remember: [record(1, cursor: 3)]))
            try await store.commit(.make(remember: [record(1, cursor: 3, keyText: "1"), record(2, cursor: 3)]))
            try await store.commit(.make(forgetBetween: .init(above: 0, below: 9)))
            #expect(try await ledger.delivered(of: charges, limit: 9) == [record(1, cursor: 3, keyText: "1")])
            #expect(try await ledger.delivered(of: refunds, limit: 9) == [record(1, cursor: 3)])
        case .rememberWins:
            try await store.commit(.make(remember: [record(1, cursor: 3)]))
            let again = record(1, cursor: 5)
            try await store.commit(
                .make(remember: [again], forget: [key(1)], forgetBetween: .init(above: 0, below: 9))
            )
            #expect(try await ledger.delivered(of: charges, limit: 9) == [again])
        case .feedWritesOthers:
            var checkpoint = Checkpoint.make()
            checkpoint.sinkPositions = [charges: SinkPosition("1"), refunds: SinkPosition("2")]
            checkpoint.remember = [refunds: [record(1)]]
            try await store.commit(checkpoint)
            #expect(try await ledger.sinkPosition(of: refunds) == SinkPosition("2"))
            #expect(try await ledger.delivered(of: refunds, limit: 9) == [record(1)])
            #expect(try await ledger.state(of: refunds) == nil)
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
            #expect(try await ledger.state(of: charges) == nil)
            #expect(try await ledger.delivered(of: charges, limit: 9).isEmpty)
            #expect(try await ledger.sinkPosition(of: charges) == SinkPosition("3:4"))
            #expect(try await store.overview().map(\.stream) == [refunds])
            try await store.commit(.make(run: .make(records: 2)))
            #expect(try await store.overview().first?.totalRecords == 2)
        case .rebase:
            var state = StreamState(cursor: 4, walk: "w", generation: 2, lastFullWalk: now)
            (state.evidence, state.fingerprint) = ("e", "f")
            let known = [record(1, keyText: "1"), record(2)]
            let run = RunRecord.make(records: 3)
            try await store.commit(Checkpoint(stream: charges, state: state, run: run, remember: [charges: known]))
            let later = try await store.ledger()
            (state.cursor, state.walk) = (-1, nil)
            try await later.rebase(to: state, forgetting: .nothing)
            #expect(try await later.delivered(of: charges, limit: 9).count == 2)
            try await later.rebase(to: state, forgetting: .ties)
            #expect(try await later.state(of: charges) == state)
            #expect(try await later.delivered(of: charges, limit: 9) == [known[0]])
            #expect(try await store.overview().first?.totalRecords == 3)
            try await later.commit(.make(remember: [record(3, cursor: 5, keyText: "3"), record(4, cursor: 4)]))
            try await later.rebase(to: state, forgetting: .behind(4))
            let kept = [record(3, cursor: 5), record(4, cursor: 4)].sorted { $0.key < $1.key }
            #expect(try await later.delivered(of: charges, limit: 9) == kept)
            try await later.rebase(to: state, forgetting: .cursorValues)
            #expect(try await later.delivered(of: charges, limit: 9).map(\.cursor) == [0, 0])
            try await later.rebase(to: state, forgetting: .everything)
            #expect(try await later.delivered(of: charges, limit: 9).isEmpty)
        case .rebaseOfUnknown:
            try await ledger.rebase(to: StreamState(walk: "w"), forgetting: .ties)
            #expect(try await ledger.state(of: charges) == StreamState(walk: "w"))
            #expect(try await store.overview().map(\.state.walk) == ["w"])
            #expect(try await store.overview().first?.lastRun == nil)
        case .sinksAreApart:
            var first = Checkpoint.make(cursor: 7, remember: [record(1)])
            first.sinkPositions = [charges: SinkPosition("1:9")]
            try await ledger.commit(first)
            let other = try await store.ledger(sink: warehouse)
            #expect(try await other.state(of: charges) == nil)
            #expect(try await other.sinkPosition(of: charges) == nil)
            #expect(try await other.delivered(of: charges, keys: [key(1)]).isEmpty)
            try await other.commit(.make(cursor: 8, remember: [record(1, cursor: 8)]))
            #expect(try await other.delivered(of: charges, limit: 9) == [record(1, cursor: 8)])
        case .aSinkChosenAgainGoesOn:
            try await ledger.commit(.make(cursor: 7, remember: [record(1)]))
            try await store.ledger(sink: warehouse).commit(.make(cursor: 8))
            let again = try await store.ledger()
            #expect(try await again.state(of: charges)?.cursor == 7)
            #expect(try await again.delivered(of: charges, limit: 9) == [record(1)])
        case .firstSinkAdopts:
            try await store.ledger([refunds], of: refunds, sink: .unknown).commit(.make(refunds, cursor: 7))
            // `ledger` opened the charges for the files, and the refunds with them before there was anything.
            let adopting = try await store.ledger([refunds], of: refunds, sink: warehouse)
            #expect(try await adopting.state(of: refunds)?.cursor == 7)
            #expect(try await store.state(of: refunds)?.cursor == 7)
        case .adoptedOnce:
            try await store.ledger([refunds], of: refunds, sink: .unknown).commit(.make(refunds, cursor: 7))
            _ = try await store.ledger([refunds], of: refunds, sink: warehouse)
            let third = try await store.ledger([refunds], of: refunds, sink: SinkIdentity("stdout"))
            #expect(try await third.state(of: refunds) == nil)
        case .partitionsAreApart:
            try await ledger.commit(.make(cursor: 7))
            let opening = LedgerOpening(stream: charges, sinks: [charges: files], partition: "a/b", owner: "run")
            let part = try await store.openLedger(opening)
            #expect(try await part.state(of: charges) == nil)
            try await part.commit(.make(cursor: 9))
            #expect(try await store.ledger().state(of: charges)?.cursor == 7)
            #expect(try await store.openLedger(opening).state(of: charges)?.cursor == 9)
            #expect(try await store.overview().map(\.state.cursor) == [7])
        case .olderHandle:
            let newer = try await store.ledger(owner: "later")
            #expect(newer.fence.epoch > ledger.fence.epoch && newer.fence.owner == "later")
            let state = StreamState(cursor: 1)
            for write in [0, 1, 2] {
                await #expect {
                    switch write {
                    case 0: try await ledger.commit(.make(cursor: 1))
                    case 1: try await ledger.setSinkPosition(of: charges, to: SinkPosition("9"))
                    default: try await ledger.rebase(to: state, forgetting: .everything)
                    }
                } throws: { ($0 as? StateError)?.code == .takenOver }
            }
            #expect(try await newer.state(of: charges) == nil)
            #expect(try await newer.sinkPosition(of: charges) == nil)
            try await newer.commit(.make(cursor: 2))
            // A target's rows are not taken over by those who only write into them.
            _ = try await store.ledger([charges], of: refunds)
            try await newer.commit(.make(cursor: 3))
        case .takenOverInLine:
            // Whichever comes first: what the newer handle reads is what stays.
            async let older: Void = ledger.commit(.make(cursor: 1))
            let newer = try await store.ledger()
            let seen = try await newer.state(of: charges)
            _ = try? await older
            #expect(try await newer.state(of: charges) == seen)
        case .streamsNotOpened:
            let narrow = try await store.ledger([charges])
            await #expect(throws: StateError.self) { _ = try await narrow.state(of: refunds) }
            var checkpoint = Checkpoint.make(cursor: 4)
            checkpoint.remember = [refunds: [record(1)]]
            await #expect(throws: StateError.self) { try await narrow.commit(checkpoint) }
            #expect(try await narrow.state(of: charges) == nil)
        case .targetsOfTheirOwnSink:
            let opening = LedgerOpening(stream: charges, sinks: [charges: files, refunds: warehouse], owner: "run")
            let feed = try await store.openLedger(opening)
            var checkpoint = Checkpoint.make(cursor: 4)
            checkpoint.remember = [refunds: [record(1)]]
            checkpoint.sinkPositions = [refunds: SinkPosition("5")]
            try await feed.commit(checkpoint)
            let target = try await store.ledger([refunds], of: refunds, sink: warehouse)
            #expect(try await target.delivered(of: refunds, limit: 9) == [record(1)])
            #expect(try await target.sinkPosition(of: refunds) == SinkPosition("5"))
            #expect(try await ledger.delivered(of: refunds, limit: 9).isEmpty)
        case .resetOfOneSink:
            try await ledger.commit(.make(cursor: 7, remember: [record(1)]))
            try await store.ledger(sink: warehouse).commit(.make(cursor: 8, remember: [record(2)]))
            try await store.reset(charges, sink: warehouse)
            #expect(try await store.ledger(sink: warehouse).state(of: charges) == nil)
            #expect(try await store.ledger().delivered(of: charges, limit: 9) == [record(1)])
            try await store.reset(charges, sink: nil)
            #expect(try await store.ledger().state(of: charges) == nil)
        case .overviewOfLastSink:
            try await ledger.commit(.make(cursor: 7, run: .make("a", .succeeded, records: 5)))
            try await store.ledger(sink: warehouse).commit(.make(cursor: 8, run: .make("b", records: 2)))
            var row = try #require(try await store.overview().first)
            #expect(row.state.cursor == 8 && row.totalRecords == 7 && row.lastRun?.id == "b" && row.lastSuccess != nil)
            _ = try await store.ledger()
            row = try #require(try await store.overview().first)
            #expect(row.state.cursor == 7)
        case .withoutKeyTextNothingIsUnseen:
            try await ledger.commit(.make(remember: [record(1), record(2, keyText: "2")]))
            #expect(try await ledger.unseen(of: charges, since: 5, after: nil, limit: 9).map(\.keyText) == ["2"])
        case .census:
            let known = [record(1), record(2, generation: 3, keyText: "2"), record(3, generation: 4, keyText: "3")]
            try await ledger.commit(.make(remember: known))
            #expect(try await ledger.census(of: charges, since: 4) == MemoryCensus(remembered: 2, unseen: 1))
            #expect(try await ledger.census(of: refunds, since: 4) == MemoryCensus(remembered: 0, unseen: 0))
        case .extremeValues:
            let state = StreamState(cursor: .min, walk: "a\0b", generation: .max)
            try await store.commit(
                Checkpoint(
                    stream: charges,
                    state: state,
                    run: .make(),
                    remember: [charges: [record(.max, cursor: .min), record(0, cursor: .max, keyText: "")]]
                )
            )
            #expect(try await ledger.state(of: charges) == state)
            #expect(try await Set(ledger.delivered(of: charges, limit: 2).map(\.cursor)) == [.min, .max])
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
