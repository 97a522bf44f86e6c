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
    }

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
                } else if told.states == [nil, nil] || told.states.contains(nil) {
                    // A stream whose name is another one begins anew: nothing is lost, and all of it comes again.
                    noticed += 1
                } else {
                    Issue.record("change \(number) at \(place) went unnoticed")
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
