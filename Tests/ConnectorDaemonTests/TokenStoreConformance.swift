import ConnectorCore
import Synchronization
import Testing

/// What the contract of `TokenStore` promises, asked of any implementation. `other` is a second opening of the same
/// store, as another process has it.
enum TokenStoreConformance: CaseIterable, Sendable {
    case missing, loadsBack, replaces, longTokens, anyCharacters, shorterAfterLonger, accounts, manyTimes
    case oneAtATime, accountsApart, givenBackAfterErrors, seesTheOther, turnsOfTheOther, exchange

    private static let account = "https://auth.example#id#0011"

    func check(_ store: some TokenStore, _ other: some TokenStore) async throws {
        let account = Self.account
        switch self {
        case .missing:
            #expect(try await store.load(account) == nil)
        case .loadsBack:
            try await put("r-1", store)
            #expect(try await store.load(account) == Secret("r-1"))
            #expect(try await store.load(account) == Secret("r-1"))
        case .replaces:
            for number in 1...3 { try await put("r-\(number)", store) }
            #expect(try await store.load(account) == Secret("r-3"))
        case .longTokens:
            // As large as a signed token with all its claims, and then some.
            let long = String(repeating: "eyJhbGciOiJSUzI1NiJ9.", count: 10_000)
            try await put(long, store)
            #expect(try await store.load(account)?.reveal() == long)
        case .anyCharacters:
            let text = "a b\n{\"c\": \"d\"}\u{0}é\u{1F511}"
            try await put(text, store)
            #expect(try await store.load(account)?.reveal() == text)
        case .shorterAfterLonger:
            try await put("a-long-token", store)
            try await put("short", store)
            #expect(try await store.load(account) == Secret("short"))
        case .accounts:
            for name in ["a", "b", "../a", "a/b", account] { try await put("token of \(name)", store, name) }
            for name in ["a", "b", "../a", "a/b", account] {
                #expect(try await store.load(name)?.reveal() == "token of \(name)")
            }
            #expect(try await store.load("c") == nil)
        case .manyTimes:
            for number in 0..<100 { try await put("r-\(number)", store) }
            #expect(try await store.load(account) == Secret("r-99"))
        case .oneAtATime: try await countTogether([store])
        case .accountsApart:
            // Would wait for ever if one account waited for another.
            try await store.exclusively("a") { try await put("t", store, "b") }
        case .givenBackAfterErrors:
            await #expect(throws: Broken.self) { try await store.exclusively(account) { throw Broken() } }
            try await put("r", store)
        case .seesTheOther:
            try await put("r-1", store)
            #expect(try await other.load(account) == Secret("r-1"))
            try await put("r-2", other)
            #expect(try await store.load(account) == Secret("r-2"))
        case .turnsOfTheOther: try await countTogether([store, other])
        case .exchange:
            // As grants are exchanged: what was stored last is what is given up.
            let server = RotatingGrant("0")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    let mine: any TokenStore = number % 2 == 0 ? store : other
                    group.addTask {
                        try await mine.exclusively(account) {
                            let next = server.exchange(try await mine.load(account) ?? Secret("0"))
                            try await mine.store(try #require(next), account: account)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.load(account) == Secret("20"))
        }
    }

    private struct Broken: Error {}

    private func put(_ token: String, _ store: some TokenStore, _ account: String = Self.account) async throws {
        try await store.exclusively(account) { try await store.store(Secret(token), account: account) }
    }

    /// No two are ever inside at the same time.
    private func countTogether(_ stores: [any TokenStore]) async throws {
        let inside = Inside()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                let store = stores[number % stores.count]
                group.addTask {
                    try await store.exclusively(Self.account) {
                        inside.enter()
                        for _ in 0..<20 { await Task.yield() }
                        inside.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(inside.counts == [0, 1, 20])
    }
}

/// How many are inside now, were at most, and came in all.
private final class Inside: Sendable {
    private let state = Mutex([0, 0, 0])

    var counts: [Int] { state.withLock { $0 } }

    func enter() { state.withLock { $0 = [$0[0] + 1, max($0[1], $0[0] + 1), $0[2] + 1] } }
    func leave() { state.withLock { $0[0] -= 1 } }
}

/// Takes the last token it gave, and gives the next number.
private final class RotatingGrant: Sendable {
    private let good: Mutex<Secret>

    init(_ first: String) {
        good = Mutex(Secret(first))
    }

    func exchange(_ token: Secret) -> Secret? {
        good.withLock { good in
            guard token == good, let number = Int(token.reveal()) else { return nil }
            good = Secret(String(number + 1))
            return good
        }
    }
}
