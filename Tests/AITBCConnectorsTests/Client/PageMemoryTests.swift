import AITBCConnectors
import ConnectorCore
import Synchronization
import Testing

@testable import AITBCConnectors

@Suite(.timeLimit(.minutes(1))) struct PageMemoryTests {
    private static let mega = 1 << 20

    /// A transport that has the answer's bytes counted as they come, in parts of 64 KB.
    private final class Metered: MeteredTransport {
        let inner: FakeTransport

        init(_ inner: FakeTransport) { self.inner = inner }

        func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
            try await inner.send(request)
        }

        func send(
            _ request: TransportRequest,
            meter: (any BodyMeter)?
        ) async throws(TransportError) -> TransportResponse {
            let response = try await inner.send(request)
            for size in stride(from: 0, through: response.body.count, by: 64 << 10) {
                guard meter?.holds(size) ?? true else {
                    throw TransportError(.noRoom, "no room", mayHaveBeenSent: true)
                }
            }
            return response
        }
    }

    private static func source(
        _ memory: PageMemory,
        _ answer: @escaping FakeTransport.Answer
    ) throws -> (PageSource, FakeTransport) {
        let transport = FakeTransport(answer)
        let url = try #require(URLReference("https://a.example"))
        let stream = StreamDefinition(id: StreamID(connector: "c", stream: "s"), path: Template(literal: "/s"))
        let connector = ConnectorDefinition(name: "c", baseURL: url, auth: .none, streams: [stream])
        let gate = AccountGate(rate: nil, burst: nil, clocks: StillClocks())
        let session = APISession(
            connector,
            gate: gate,
            transport: Metered(transport),
            clocks: StillClocks(),
            memory: memory
        )
        return (PageSource(session, stream, memory: .all), transport)
    }

    private static func records(_ count: Int, padding: Int = 0) -> TransportResponse {
        let text = String(repeating: "x", count: padding)
        return .json("[" + (0..<count).map { #"{"id":\#($0),"t":"\#(text)"}"# }.joined(separator: ",") + "]")
    }

    private static let first = PageRequest(position: .first)

    @Test func `a page holds room until its last reference goes`() async throws {
        let memory = PageMemory(limit: 16 * Self.mega)
        let (source, _) = try Self.source(memory) { _, _ in .success(Self.records(100, padding: 100)) }
        var page: SourcePage? = try await source.page(Self.first)
        #expect(page?.heads.records.count == 100)
        #expect(memory.used > 10_000 && memory.used < 200_000)
        page = nil
        #expect(memory.used == 0)
    }

    @Test func `a body that outgrows its room is asked for again, when there is room for any`() async throws {
        let memory = PageMemory(limit: 16 * Self.mega)
        // It takes all, and sits beyond the limit with what comes next.
        let (other, _) = try Self.source(memory) { _, _ in .success(Self.records(10, padding: 1_300_000)) }
        var first: SourcePage? = try await other.page(Self.first)
        var second: SourcePage? = try await other.page(Self.first)
        #expect(first != nil && second != nil)
        let (source, transport) = try Self.source(memory) { _, _ in .success(Self.records(10, padding: 500_000)) }
        let task = Task { try await source.page(Self.first) }
        while transport.requests.isEmpty { await Task.yield() }
        for _ in 0..<100 { await Task.yield() }
        #expect(transport.requests.count == 1, "it waits")
        (first, second) = (nil, nil)
        #expect(try await task.value.heads.records.count == 10)
        #expect(transport.requests.count == 2)
    }

    @Test func `a page of more small records than there is room for is asked for again, alone`() async throws {
        let memory = PageMemory(limit: 16 * Self.mega)
        let (source, transport) = try Self.source(memory) { _, _ in .success(Self.records(60_000)) }
        #expect(try await source.page(Self.first).heads.records.count == 60_000)
        #expect(transport.requests.count == 2)
        #expect(memory.used == 0)
    }

    @Test func `who waits for room can be stopped`() async throws {
        let memory = PageMemory(limit: 16 * Self.mega)
        let (other, _) = try Self.source(memory) { _, _ in .success(Self.records(10, padding: 1_300_000)) }
        let first = try await other.page(Self.first)
        let second = try await other.page(Self.first)
        let (source, transport) = try Self.source(memory) { _, _ in .success(Self.records(10, padding: 500_000)) }
        let task = Task { try await source.page(Self.first) }
        while transport.requests.isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: SyncFailure.self) { try await task.value }
        withExtendedLifetime((first, second)) {}
    }

    @Test func `the answer of a session that has ended is given back before the next one comes`() async throws {
        let memory = PageMemory(limit: 16 * Self.mega)
        let (source, transport) = try Self.source(memory) { _, _ in .success(Self.records(10, padding: 2_000_000)) }
        for _ in 0..<3 { _ = try await source.page(Self.first) }
        #expect(transport.requests.count == 3)
        #expect(memory.used == 0)
    }

    @Test(arguments: ["bytes 0-99/200", "Bytes */200"])
    func `a part of an answer is no page`(range: String) async throws {
        let (source, _) = try Self.source(PageMemory(limit: Self.mega)) { _, _ in
            .success(.json("[]", status: 206, ["Content-Range": range]))
        }
        let failure = await #expect(throws: SyncFailure.self) { try await source.page(Self.first) }
        #expect(failure?.message.contains("206") == true)
    }

    @Test func `a page may say of its records which part of the list they are`() async throws {
        let (source, _) = try Self.source(PageMemory(limit: Self.mega)) { _, _ in
            .success(.json(#"[{"id":1}]"#, status: 206, ["Content-Range": "items 0-0/5"]))
        }
        #expect(try await source.page(Self.first).heads.records.count == 1)
    }
}
