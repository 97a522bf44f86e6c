import ConnectorCore
import FileSystem
import Testing

@testable import ConnectorDaemon

@Suite(.timeLimit(.minutes(1)))
struct TokenStoreTests {
    private let scratch = Scratch()

    private var directory: String { "\(scratch.path)/tokens" }

    private func store(_ clocks: any Clocks = StillClocks()) -> FileTokenStore {
        FileTokenStore(directory: directory, clocks: clocks)
    }

    @Test(arguments: TokenStoreConformance.allCases)
    func `files keep the contract`(_ rule: TokenStoreConformance) async throws {
        try await rule.check(store(), store())
    }

    @Test(arguments: TokenStoreConformance.allCases)
    func `memory keeps the contract`(_ rule: TokenStoreConformance) async throws {
        let store = MemoryTokenStore()
        try await rule.check(store, store)
    }

    /// What a user writes who knows nothing of turns.
    private actor PlainStore: TokenStore {
        private var tokens: [String: Secret] = [:]

        func load(_ account: String) -> Secret? { tokens[account] }
        func store(_ token: Secret, account: String) { tokens[account] = token }
    }

    @Test func `a store without turns of its own gets those of the process`() async throws {
        let store = PlainStore()
        try await TokenStoreConformance.oneAtATime.check(store, store)
        try await TokenStoreConformance.exchange.check(store, store)
    }

    @Test func `half a token of a process that was killed is never read`() async throws {
        let store = store()
        try await store.store(Secret("whole"), account: "a")
        let name = try #require(scratch.names(in: "tokens").first)
        scratch.write("ha", to: "tokens/\(name).new")
        #expect(try await store.load("a") == Secret("whole"))
        try await store.store(Secret("next"), account: "a")
        #expect(try await store.load("a") == Secret("next"))
        #expect(scratch.names(in: "tokens") == [name])
    }

    @Test func `a process that does not give its turn back is named, and waited for no longer than can be borne`()
        async throws
    {
        let clocks = LeapingClocks()
        try await store().exclusively("a") {
            let other = store(clocks)
            let error = await #expect(throws: FileTokenStore.InUse.self) { try await other.exclusively("a") {} }
            #expect(error?.description.hasPrefix("process \(ProcessID.own) has held \(directory)/") == true)
            #expect(clocks.waited >= FileTokenStore.defaultPatience)
            #expect(clocks.waited < FileTokenStore.defaultPatience * 2)
        }
    }

    @Test func `a link in a token's place is not followed`() async throws {
        let store = store()
        try await store.store(Secret("t"), account: "a")
        let name = try #require(scratch.names(in: "tokens").first)
        scratch.remove("tokens/\(name)")
        scratch.link("/etc/hostname", at: "tokens/\(name)")
        let error = await #expect(throws: FileError.self) { _ = try await store.load("a") }
        #expect(error?.reason == "is a symbolic link, and none is followed here")
    }
}
