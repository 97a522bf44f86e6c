import AITBCConnectors
import ConnectorCore
import ConnectorDaemon
import Synchronization
import Testing

/// Who reads a list to its end.
enum ListReader: CaseIterable, Sendable {
    case daemon
    case sdk

    /// What came of a list, and what was said of it.
    struct Reading: Sendable {
        var ids: [Int]
        /// Why it may not be all there is; nil where it is.
        var problem: String?
        var requests: Int
    }

    func read(_ list: LyingList) async throws -> Reading {
        let url = try #require(URLReference("https://a.example"))
        var connector = ConnectorDefinition(name: "shop", baseURL: url, streams: [list.definition])
        connector.retry = RetryPolicy(maxRetries: 1, backoff: Backoff(base: .milliseconds(1)))
        let seconds = Mutex(0)
        let transport = FakeTransport { request, _ in
            let number = seconds.withLock { seconds in
                if list.offset(of: request) == list.pageSize { seconds += 1 }
                return seconds
            }
            return .success(list.answer(request, number: number))
        }
        var reading =
            switch self {
            case .daemon: await Self.sync(connector, transport)
            case .sdk: try await Self.walk(connector, transport)
            }
        reading.requests = transport.requests.count
        return reading
    }

    private static func sync(_ connector: ConnectorDefinition, _ transport: FakeTransport) async -> Reading {
        let (lines, events, clocks) = (LineSink(), EventList(), StillClocks())
        let services = Services(
            transport: transport,
            store: InMemoryStore(),
            sinks: [:],
            defaultSink: lines,
            clocks: clocks,
            events: events
        )
        let gate = AccountGate(rate: nil, burst: nil, clocks: clocks)
        let outcome = await ConnectorRunner(connector, gate: gate, services: services).sync(connector.streams[0])
        var problem: String?
        for case .doubted(_, _, let doubt) in events.all where doubt.mayMissRecords { problem = doubt.text }
        if case .failed(_, let failure) = outcome { problem = failure.description }
        return Reading(ids: lines.ids, problem: problem, requests: 0)
    }

    private static func walk(_ connector: ConnectorDefinition, _ transport: FakeTransport) async throws -> Reading {
        let engine = try ConnectorEngine(connector, transport: transport, clocks: StillClocks())
        let ids = Mutex<[Int]>([])
        let result = try await DefinedERPConnector(engine).syncData(LyingList.stream.stream) { record in
            ids.withLock { $0.append(record["id"]?.int64.map(Int.init) ?? 0) }
        }
        return Reading(ids: ids.withLock { $0 }, problem: result.errors.last, requests: 0)
    }
}

/// Keeps the lines in memory.
final class LineSink: Sink, SinkWriter {
    private let lines = Mutex<[UInt8]>([])

    var identity: SinkIdentity { SinkIdentity("lines") }

    var ids: [Int] {
        lines.withLock { $0 }.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let value = try? JSONValue(parsing: Array(line))
            return value?["record"]?["id"]?.int64.map(Int.init)
        }
    }

    func open(_ stream: StreamID, at position: SinkPosition?) async throws(SinkError) -> any SinkWriter { self }

    func write(_ lines: [UInt8]) async throws(SinkError) { self.lines.withLock { $0 += lines } }

    func flush() async throws(SinkError) -> SinkPosition? { nil }

    func close() async {}
}
