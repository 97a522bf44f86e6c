import ConnectorCore
import Glibc
import Testing

@testable import StateStore

/// A state on a disk that changes what was written. `ROT_COUNT` changes are tried, 1,000 by default.
@Suite
struct RotTests {
    private static let count = unsafe getenv("ROT_COUNT").flatMap { unsafe Int(String(cString: $0)) } ?? 1_000
    private static let records: UInt64 = 900

    private let scratch = Scratch()

    /// What a run, or the sink, would be told.
    private struct Told: Equatable {
        var states: [StreamState?] = []
        var positions: [SinkPosition?] = []
        var known: [[Hash128: DeliveredRecord]] = []
        var unseen: [[DeliveredRecord]] = []
        var waiting: [WaitingEvent] = []
        var versions: [Hash128: EventVersion] = [:]
        var letters: [KeptDeadLetter] = []

        /// What bears a mark is not believed.
        var isMarked: Bool {
            waiting.contains(where: \.isDamaged) || versions.values.contains(where: \.isDamaged)
                || letters.contains(where: \.isDamaged)
        }

        func difference(from truth: Told) -> String {
            [
                states == truth.states ? "" : "states", positions == truth.positions ? "" : "positions",
                known == truth.known ? "" : "known", unseen == truth.unseen ? "" : "unseen",
                waiting == truth.waiting ? "" : "waiting", versions == truth.versions ? "" : "versions",
                letters == truth.letters ? "" : "letters",
            ].filter { !$0.isEmpty }.joined(separator: ", ")
        }

        /// Whether what bears no mark is as it was.
        func agrees(with truth: Told) -> Bool {
            var (mine, theirs) = (self, truth)
            mine.waiting.removeAll(where: \.isDamaged)
            mine.versions = mine.versions.filter { !$0.value.isDamaged }
            mine.letters.removeAll(where: \.isDamaged)
            // A number only says which is older: what bears another one is worked off earlier or later, and what stands
            // there twice changes nothing the second time.
            for index in mine.waiting.indices { mine.waiting[index].number = 0 }
            for index in theirs.waiting.indices { theirs.waiting[index].number = 0 }
            theirs.waiting.removeAll { event in !mine.waiting.contains { $0.id == event.id } }
            var seen: Set<String?> = []
            mine.waiting.removeAll { !seen.insert($0.id).inserted }
            mine.waiting.sort { $0.id ?? "" < $1.id ?? "" }
            theirs.waiting.sort { $0.id ?? "" < $1.id ?? "" }
            theirs.versions = theirs.versions.filter { mine.versions[$0.key] != nil }
            theirs.letters.removeAll { letter in !mine.letters.contains { $0.number == letter.number } }
            return mine == theirs
        }
    }

    /// Whether the look through the whole state finds something.
    private func isFound(_ directory: String) async throws -> Bool {
        let store = try #require(try SQLiteStore.openReadOnly(directory: directory))
        let damages = try await store.damages()
        await store.close()
        return !damages.isEmpty
    }

    private static let events = StreamID.events(of: charges.connector, into: charges.stream)

    private func fill() async throws {
        let store = try scratch.open()
        for (number, stream) in [charges, refunds].enumerated() {
            let ledger = try await store.ledger([stream], of: stream)
            for part in 0..<3 {
                let first = UInt64(part) * Self.records / 3
                var checkpoint = Checkpoint.make(
                    stream,
                    cursor: 1_795_460_462 + Int64(part),
                    remember: (first..<first + Self.records / 3).map {
                        record($0, cursor: Int64($0), generation: 1, keyText: "\"r_\($0)\"")
                    }
                )
                checkpoint.state.generation = 1
                checkpoint.state.walk = "{\"position\":[\"after\",\"\(part)\"],\"pass\":\(number)}"
                checkpoint.sinkPositions = [stream: SinkPosition("1 \(part * 1000)")]
                try await ledger.commit(checkpoint)
            }
        }
        _ = try await store.accept(
            (0..<60).map { number in
                IncomingEvent(
                    id: "evt_\(number)",
                    type: "charge.updated",
                    stream: Self.events,
                    bytes: Array("{\"id\":\"evt_\(number)\",\"amount\":\(number * 1000)}".utf8)
                )
            },
            of: charges.connector,
            at: now,
            until: now + .seconds(60),
            limits: InboxLimits()
        )
        var checkpoint = Checkpoint(stream: Self.events, state: StreamState(), run: .make())
        checkpoint.events = EventSettlement(
            numbers: [1],
            target: charges,
            versions: (0..<60).map { EventVersion(key: key($0), version: Int64($0) * 7, isDeleted: $0 % 5 == 0) },
            versionsUntil: now + .seconds(60),
            at: now
        )
        try await store.commit(checkpoint)
        try await store.add(
            (0..<20).map {
                DeadLetter(charges, line: Array("{\"id\":\($0),\"op\":\"upsert\"}".utf8), reason: "no", at: now)
            },
            limit: 100
        )
        await store.close()
    }

    private func tell(_ directory: String) async throws -> Told {
        let store = try SQLiteStore.open(directory: directory, now: now)
        do {
            var told = Told()
            for stream in [charges, refunds] {
                let ledger = try await store.ledger([stream], of: stream)
                told.states.append(try await ledger.state(of: stream))
                told.positions.append(try await ledger.sinkPosition(of: stream))
                told.known.append(try await ledger.delivered(of: stream, keys: (0..<Self.records).map(key)))
                told.unseen.append(
                    try await ledger.unseen(of: stream, since: 2, after: nil, limit: 10_000).filter(\.namesItsKey)
                )
            }
            told.waiting = try await store.waiting(in: Self.events, limit: 100, bytes: 1 << 20)
            told.versions = try await store.eventVersions(of: charges, keys: (0..<60).map(key))
            told.letters = try await store.deadLetters(limit: 100, after: 0)
            for index in told.letters.indices { told.letters[index].letter.at = now }
            await store.close()
            return told
        } catch {
            await store.close()
            throw error
        }
    }

    @Test func `a change of any byte is noticed, or changes nothing that a run is told`() async throws {
        try await fill()
        let good = Scratch.read(scratch.database)
        let truth = try await tell(scratch.state)
        #expect(truth.known.map(\.count) == [Int(Self.records), Int(Self.records)])
        #expect(truth.waiting.count == 59 && truth.versions.count == 60 && truth.letters.count == 20 && !truth.isMarked)
        var random = SeededGenerator(seed: 4711)
        var (noticed, harmless) = (0, 0)
        for number in 0..<Self.count {
            var bytes = good
            let place = Int(random.next() % UInt64(bytes.count))
            switch random.next() % 3 {
            case 0: bytes[place] ^= UInt8(1) << UInt8(random.next() % 8)
            case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            // A sector that was never written.
            default:
                let sector = place / 512 * 512
                for index in sector..<min(sector + 512, bytes.count) { bytes[index] = 0 }
            }
            let directory = "\(scratch.path)/rot\(number)"
            #expect(unsafe mkdir(directory, 0o700) == 0)
            Scratch.write(bytes, to: "\(directory)/state.db")
            do {
                let told = try await tell(directory)
                if told == truth {
                    harmless += 1
                } else if told.agrees(with: truth), try await isFound(directory) {
                    // What bears a mark is not believed; what was put elsewhere is missed by the daily look.
                    noticed += 1
                } else if told.states == [nil, nil] || told.states.contains(nil) {
                    // A stream whose name is another one begins anew: nothing is lost, and all of it comes again.
                    noticed += 1
                } else {
                    Issue.record("change \(number) at \(place) went unnoticed: \(told.difference(from: truth))")
                }
            } catch {
                noticed += 1
            }
            Scratch.remove(directory)
        }
        #expect(noticed > Self.count / 3)
        print("\(Self.count) changes of a state: \(noticed) noticed, \(harmless) harmless")
    }

    @Test func `a changed cursor, walk or sink position is no state to go on from`() async throws {
        for change in [
            "cursor = cursor + 1", "walk = replace(walk, 'after', 'later')", "generation = 2", "evidence = '{}'",
            "sink_position = '1 0'", "state_check = state_check + 1",
        ] {
            let scratch = RotTests()
            try await scratch.fill()
            let database = try Database(readingAndWriting: StateDirectory(path: scratch.scratch.state))
            try database.connection.execute("UPDATE ledgers SET \(change)")
            withExtendedLifetime(database) {}
            let error = await #expect(throws: StateError.self, "\(change)") {
                try await scratch.tell(scratch.scratch.state)
            }
            #expect(error?.code == .corrupt)
        }
    }

    @Test(arguments: [
        (
            "inbox", "event = CAST(replace(CAST(event AS TEXT), ':7000', ':8000') AS BLOB)",
            "waiting event 8 is not as it was written"
        ),
        ("inbox", "type = 'charge.deleted' WHERE number = 9", "waiting event 9"),
        ("event_versions", "version = version - 1 WHERE version = 14", "version of an object"),
        ("dead_letters", "line = CAST(replace(CAST(line AS TEXT), 'upsert', 'delete') AS BLOB)", "and 19 more"),
    ])
    func `a changed event, version or dead letter is told`(table: String, change: String, words: String) async throws {
        try await fill()
        let database = try Database(readingAndWriting: StateDirectory(path: scratch.state))
        try database.connection.execute("UPDATE \(table) SET \(change)")
        let damages = try database.damages()
        #expect(damages.count == 1 && damages.first?.contains(words) == true, "\(damages)")
    }

    @Test func `a changed list of what a walk saw is no ground for deletions`() async throws {
        let store = try scratch.open()
        let ledger = try await store.ledger()
        var checkpoint = Checkpoint.make(
            remember: (0..<9_000).map { record($0, generation: 1, keyText: "\($0)") }
        )
        checkpoint.state.generation = 1
        try await ledger.commit(checkpoint)
        checkpoint.remember = [:]
        checkpoint.seen = [charges: [2: (0..<9_000).map { key($0) }]]
        try await ledger.commit(checkpoint)
        #expect(try await ledger.census(of: charges, since: 2).unseen == 0)
        await store.close()
        let database = try Database(readingAndWriting: StateDirectory(path: scratch.state))
        try database.connection.execute("UPDATE seen SET keys = zeroblob(length(keys)) WHERE bucket = 3")
        withExtendedLifetime(database) {}
        let again = try scratch.open()
        let reopened = try await again.ledger()
        let error = await #expect(throws: StateError.self) { try await reopened.census(of: charges, since: 2) }
        #expect(error?.code == .corrupt)
        await again.close()
    }

    @Test func `what is damaged is told`() async throws {
        try await fill()
        let store = try #require(try SQLiteStore.openReadOnly(directory: scratch.state))
        #expect(try await store.damages() == [])
        await store.close()
        let database = try Database(readingAndWriting: StateDirectory(path: scratch.state))
        try database.connection.execute("UPDATE ledgers SET cursor = 5 WHERE id = 1")
        let damages = try database.damages()
        #expect(damages.count == 1)
        #expect(damages.first?.contains("not as they were written") == true)
    }
}
