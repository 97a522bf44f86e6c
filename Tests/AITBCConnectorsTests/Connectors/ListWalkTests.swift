import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

/// A server with one list of numbers, read by offset, and what a program got of it.
private final class Shop: Sendable {
    private let ids: Mutex<[Int]>
    private let seen = Mutex<[Int64]>([])

    init(_ ids: [Int]) { self.ids = Mutex(ids) }

    var got: [Int64] { seen.withLock { $0 } }

    static func connector(_ list: String, _ transport: FakeTransport) throws -> DefinedERPConnector {
        let more = "streams: { things: \(list) }"
        return DefinedERPConnector(try ConnectorEngine.make("{}", kind: "erp", more: more, transport: transport))
    }

    /// Five records a page. `meanwhile` happens after each answer, numbered from 1.
    func read(_ meanwhile: @escaping @Sendable (inout [Int], Int) -> Void = { _, _ in }) async throws -> SyncResult {
        let transport = FakeTransport { [self] request, number in
            let offset = request.url.split(separator: "offset=").dropFirst().first.flatMap { Int($0) } ?? 0
            let page = ids.withLock { ids in
                defer { meanwhile(&ids, number) }
                return ids.dropFirst(offset).prefix(5).map { "{\"id\":\($0)}" }
            }
            return .success(.json("{\"data\":[\(page.joined(separator: ","))]}"))
        }
        let list = "{ path: \"/t\", records: \"data\", paging: { style: \"offset\", parameter: \"offset\" } }"
        return try await Self.connector(list, transport).syncData("things") { [self] record in
            seen.withLock { $0.append(record["id"]?.int64 ?? 0) }
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ListWalkTests {
    private let plain = "{ path: \"/t\", records: \"data\" }"

    @Test func `a list that stands still is handed on once`() async throws {
        let shop = Shop(Array(1...12))
        let result = try await shop.read()
        #expect(shop.got == Array(1...12))
        #expect(result.syncedCount == 12)
        #expect(result.errors == [])
    }

    @Test func `a record that a deletion moves to the page before is not lost`() async throws {
        let shop = Shop(Array(1...12))
        let result = try await shop.read { ids, number in if number == 1 { ids.removeFirst() } }
        #expect(shop.got.sorted() == Array(1...12))
        #expect(result.errors == [])
    }

    @Test func `a list that never stands still is said not to be whole`() async throws {
        let shop = Shop(Array(1...12))
        let result = try await shop.read { ids, number in ids.insert(100 + number, at: 0) }
        #expect(result.lastSync == nil)
        #expect(result.errors.last?.contains("changes faster than it can be read") == true, "\(result)")
    }

    @Test func `since reaches behind what is final, and is rounded to what the filter can express`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("{\"data\":[]}")) }
        let list = """
            { path: "/t", records: "data", cursor: { field: "at", format: "date", order: "ascending", lookback: "10m",
                                                     lower: { from: "${cursor}" } } }
            """
        let since = Instant(iso8601: "2026-03-02T00:05:00Z")
        let result = try await Shop.connector(list, transport).syncData("things", since: since) { _ in }
        #expect(result.errors == [])
        #expect(Set(transport.requests.map(\.url)) == ["https://api.example/t?from=2026-03-01"])
    }

    @Test(arguments: ["<html>", "{\"data\":5}", "{\"data\":[{\"name\":\"no key\"}]}"])
    func `an answer that can't be read is asked for again, then told`(answer: String) async throws {
        let transport = FakeTransport { _, _ in .success(.json(answer)) }
        let result = try await Shop.connector(plain, transport).syncData("things") { _ in }
        #expect(result.lastSync == nil)
        #expect(result.errors.first?.contains("things can't be read to its end") == true, "\(result)")
        #expect(transport.requests.count == 3)
    }

    @Test func `what the server refuses is told, without the query`() async throws {
        let transport = FakeTransport { _, _ in
            .success(.json("{\"error\":{\"message\":\"no such list\"}}", status: 400))
        }
        let shop = try Shop.connector(plain + ", b: { path: \"/b\" }", transport)
        let result = try await shop.syncData("things", filters: ["name": "Mary"]) { _ in }
        #expect(result.errors.first?.contains("no such list") == true, "\(result)")
        #expect(result.errors.first?.contains("Mary") == false, "\(result)")
        #expect(transport.requests.map(\.url) == ["https://api.example/t?name=Mary"])
    }

    @Test func `a server that has a bad moment is asked again`() async throws {
        let transport = FakeTransport { _, number in
            number == 1 ? .success(.json("{}", status: 503)) : .success(.json("{\"data\":[{\"id\":1}]}"))
        }
        let result = try await Shop.connector(plain, transport).syncData("things") { _ in }
        #expect(result.syncedCount == 1)
        #expect(result.errors == [])
    }

    @Test func `records that a program refuses end nothing, and are counted`() async throws {
        let transport = FakeTransport { _, _ in .success(.json("{\"data\":[{\"id\":1},{\"id\":2}]}")) }
        let result = try await Shop.connector(plain, transport).syncData("things") { record in
            if record["id"] == 1 { throw RecordFailure("one is refused") }
        }
        #expect((result.syncedCount, result.failedCount) == (1, 1))
    }
}
