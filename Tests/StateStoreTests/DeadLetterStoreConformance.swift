import ConnectorCore
import StateStore
import Testing

/// What the contract of `DeadLetterStore` promises, asked of any implementation.
enum DeadLetterStoreConformance: CaseIterable, Sendable {
    case emptyAtFirst, allReturns, sameContentOnce, otherStreamIsAnother, limit, limitTakesNone, limitKnowsOld, pages
    case removal, anyBytes

    func check(_ store: some DeadLetterStore) async throws {
        switch self {
        case .emptyAtFirst:
            #expect(try await store.deadLetters(limit: 9, after: 0).isEmpty)
            #expect(try await store.deadLetterCounts().isEmpty)
            try await store.add([], limit: 0)
            try await store.removeDeadLetters([7])
        case .allReturns:
            let letters = [letter(1, code: "too_old"), letter(2)]
            try await store.add(letters, limit: 9)
            let kept = try await store.deadLetters(limit: 9, after: 0)
            #expect(kept.map(\.letter) == letters)
            #expect(kept[0].letter.key == "1")
            #expect(kept[0].letter.operation == "upsert")
            #expect(try await store.deadLetterCounts() == [charges: 2])
        case .sameContentOnce:
            try await store.add([letter(1)], limit: 9)
            try await store.add([letter(1, syncedAt: "later", reason: "again"), letter(2)], limit: 9)
            let kept = try await store.deadLetters(limit: 9, after: 0)
            #expect(kept.map(\.letter.key) == ["1", "2"])
            #expect(kept.first?.letter.reason == "refused")
        case .otherStreamIsAnother:
            try await store.add([letter(1)], limit: 9)
            try await store.add([letter(1, refunds)], limit: 9)
            #expect(try await store.deadLetterCounts() == [charges: 1, refunds: 1])
        case .limit:
            try await store.add([letter(1), letter(2)], limit: 2)
            try await store.add([letter(1, refunds)], limit: 2)
            let error = await #expect(throws: StateError.self) { try await store.add([letter(3)], limit: 2) }
            #expect(error?.code == .tooManyDeadLetters)
            #expect(error?.message == "stripe/charges has 2 dead letters, and the sink refuses more: refused")
        case .limitTakesNone:
            await #expect(throws: StateError.self) { try await store.add([letter(1), letter(2), letter(3)], limit: 2) }
            #expect(try await store.deadLetterCounts().isEmpty)
        case .limitKnowsOld:
            try await store.add([letter(1), letter(2)], limit: 2)
            try await store.add([letter(2, syncedAt: "later"), letter(1)], limit: 2)
            #expect(try await store.deadLetterCounts() == [charges: 2])
        case .pages:
            try await store.add((1...5).map { letter($0) }, limit: 9)
            let first = try await store.deadLetters(limit: 2, after: 0)
            let second = try await store.deadLetters(limit: 2, after: first.last?.number ?? 0)
            let last = try await store.deadLetters(limit: 2, after: second.last?.number ?? 0)
            #expect((first + second + last).map(\.letter.key) == ["1", "2", "3", "4", "5"])
        case .removal:
            try await store.add((1...3).map { letter($0) }, limit: 3)
            let kept = try await store.deadLetters(limit: 9, after: 0)
            try await store.removeDeadLetters([kept[2].number, kept[0].number])
            try await store.add([letter(1)], limit: 3)
            let left = try await store.deadLetters(limit: 9, after: 0)
            #expect(left.map(\.letter.key) == ["2", "1"])
            #expect(left[1].number > kept[2].number)
        case .anyBytes:
            let odd = DeadLetter(charges, line: [0, 0xFF, 0x22], reason: "\u{1F600}", at: now)
            let empty = DeadLetter(charges, line: [], reason: "", at: now)
            try await store.add([odd, empty], limit: 9)
            #expect(try await store.deadLetters(limit: 9, after: 0).map(\.letter) == [odd, empty])
        }
    }

    private func letter(
        _ number: Int,
        _ stream: StreamID = charges,
        syncedAt: String = "now",
        reason: String = "refused",
        code: String? = nil
    ) -> DeadLetter {
        let line =
            "{\"connector\":\"stripe\",\"op\":\"upsert\",\"id\":\(number),\"cursor\":1.10,"
            + "\"synced_at\":\"\(syncedAt)\",\"record\":{\"id\":\(number)}}"
        return DeadLetter(stream, line: Array(line.utf8), reason: reason, code: code, at: now)
    }
}

@Suite
struct DeadLetterStoreConformanceTests {
    @Test(arguments: DeadLetterStoreConformance.allCases)
    func `the in-memory store keeps the contract`(_ promise: DeadLetterStoreConformance) async throws {
        try await promise.check(InMemoryStore())
    }

    @Test(arguments: DeadLetterStoreConformance.allCases)
    func `the SQLite store keeps the contract`(_ promise: DeadLetterStoreConformance) async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        try await promise.check(store)
        await store.close()
    }

    @Test func `dead letters survive a reopening`() async throws {
        let scratch = Scratch()
        let store = try scratch.open()
        let letter = DeadLetter(charges, line: Array("{\"id\":1}".utf8), reason: "refused", at: now)
        try await store.add([letter], limit: 1)
        await store.close()
        let looking = try #require(try SQLiteStore.openReadOnly(directory: scratch.state))
        #expect(try await looking.deadLetterCounts() == [charges: 1])
        #expect(try await looking.deadLetters(limit: 9, after: 0).map(\.letter) == [letter])
    }
}
