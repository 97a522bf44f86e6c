import AITBCConnectors
import ConnectorCore
import ConnectorDaemon
import Synchronization
import Testing

/// One connector with one stream, a server, and a file sink.
private final class Stage: Sendable {
    static let id = StreamID(connector: "c", stream: "s")

    let scratch = Scratch()
    let events = EventList()
    let transport: FakeTransport
    let runner: ConnectorRunner
    let stream: StreamDefinition
    let store: any CheckpointStore

    init(
        store: any CheckpointStore = InMemoryStore(),
        sink: (any Sink)? = nil,
        clocks: any Clocks = StillClocks(),
        change: (inout ConnectorDefinition) -> Void = { _ in },
        _ answer: @escaping FakeTransport.Answer
    ) throws {
        let url = try #require(URLReference("https://a.example"))
        var stream = StreamDefinition(id: Self.id, path: Template(literal: "/s"), records: ["data"])
        stream.paging = PagingRule(style: .afterLast, parameter: "after", field: ["id"], more: ["more"])
        stream.cursor = CursorRule(
            fields: [["at"]],
            format: .integer,
            order: .ascending,
            lower: [QueryTemplate("from", try #require(Template("${cursor}")))]
        )
        var connector = ConnectorDefinition(name: "c", baseURL: url, streams: [stream])
        connector.retry = RetryPolicy(maxRetries: 1, backoff: Backoff(base: .milliseconds(1)))
        change(&connector)
        transport = FakeTransport(answer)
        let services = Services(
            transport: transport,
            store: store,
            sinks: [:],
            defaultSink: sink ?? FileSink(directory: scratch.path),
            clocks: clocks,
            events: events
        )
        runner = ConnectorRunner(
            connector,
            gate: AccountGate(rate: nil, burst: nil, clocks: clocks),
            services: services
        )
        self.stream = stream
        self.store = store
    }

    func sync() async -> SyncOutcome { await runner.sync(stream) }

    /// The ids of the delivered lines, in order.
    var delivered: [String] {
        get throws {
            try (scratch.read("c/s/00000001.jsonl") ?? "").split(separator: "\n").map { line in
                try JSONValue(parsing: Array(line.utf8))["id"]?.text ?? ""
            }
        }
    }
}

extension SyncOutcome {
    fileprivate var failure: SyncFailure? { if case .failed(_, let failure) = self { failure } else { nil } }
    fileprivate var run: RunRecord {
        switch self {
        case .succeeded(let run), .failed(let run, _), .interrupted(let run): run
        }
    }
    fileprivate var hasSucceeded: Bool { if case .succeeded = self { true } else { false } }
    fileprivate var wasInterrupted: Bool { if case .interrupted = self { true } else { false } }
}

extension TransportResponse {
    /// Records whose cursor is their id.
    fileprivate static func records(_ ids: [Int], more: Bool = false) -> TransportResponse {
        let records = ids.map { "{\"id\":\($0),\"at\":\($0)}" }.joined(separator: ",")
        return .json("{\"more\":\(more),\"data\":[\(records)]}")
    }
}

/// The value of a query parameter.
private func parameter(_ name: String, _ request: TransportRequest) -> Int? {
    let query = request.url.split(separator: "?").last ?? ""
    let pair = query.split(separator: "&").first { $0.hasPrefix(name + "=") }
    return pair.flatMap { Int($0.dropFirst(name.count + 1)) }
}

@Suite(.timeLimit(.minutes(5)))
struct ConnectorRunnerTests {
    /// A list of five, two a page.
    private static let list: FakeTransport.Answer = { request, _ in
        let rest = (1...5).filter {
            $0 >= parameter("from", request) ?? 0 && $0 > parameter("after", request) ?? 0
        }
        return .success(.records(Array(rest.prefix(2)), more: rest.count > 2))
    }

    @Test func `a first sync brings everything, a second nothing`() async throws {
        let stage = try Stage(Self.list)
        let first = await stage.sync()
        #expect(first.hasSucceeded)
        #expect(first.run.records == 5)
        #expect(try stage.delivered == ["1", "2", "3", "4", "5"])
        #expect(try await stage.store.state(of: Stage.id)?.cursor == 5)
        let second = await stage.sync()
        #expect(second.hasSucceeded)
        #expect(second.run.records == 0)
        #expect(try stage.delivered.count == 5)
        #expect(first.run.id != second.run.id)
    }

    /// Two pages; the second is found by a link that the first page has.
    @Test(arguments: ["s?page=2", "?page=2", "/v2/s?page=2", "https://a.example/v2/s?page=2"])
    func `a relative link leads on from where the page came from`(link: String) async throws {
        let stage = try Stage { request, _ in
            guard request.url != "https://a.example/v2/s?page=2" else {
                return .success(.json("{\"data\":[{\"id\":2}]}"))
            }
            guard request.url == "https://a.example/s" else { return .success(.json("", status: 404)) }
            var answer = TransportResponse.json("{\"data\":[{\"id\":1}],\"next\":\"\(link)\"}")
            answer.url = "https://a.example/v2/s"
            return .success(answer)
        }
        var stream = stage.stream
        stream.cursor = nil
        stream.paging = PagingRule(style: .link, next: ["next"])
        #expect(await stage.runner.sync(stream).hasSucceeded)
        #expect(try stage.delivered == ["1", "2"])
    }

    @Test func `a feed's records go to their own stream's sink`() async throws {
        let (feed, list) = (FakeSender(), FakeSender())
        let url = try #require(URLReference("https://a.example"))
        var events = StreamDefinition(id: StreamID(connector: "c", stream: "events"), path: Template(literal: "/e"))
        events.sink = "of_feed"
        events.cursor = CursorRule(fields: [["id"]], format: .integer, order: .none)
        events.feed = FeedRule(
            object: ["o"],
            key: ["o", "id"],
            type: ["type"],
            routes: ["thing": "things"],
            deletes: []
        )
        var things = StreamDefinition(id: StreamID(connector: "c", stream: "things"), path: Template(literal: "/t"))
        things.sink = "of_things"
        things.isFeedTarget = true
        let clocks = StillClocks()
        let services = Services(
            transport: FakeTransport { _, _ in .success(.json(#"[{"id":1,"type":"thing.made","o":{"id":7}}]"#)) },
            store: InMemoryStore(),
            sinks: ["of_feed": batches(to: feed), "of_things": batches(to: list)],
            defaultSink: FullSink(),
            clocks: clocks,
            events: EventList()
        )
        let runner = ConnectorRunner(
            ConnectorDefinition(name: "c", baseURL: url, streams: [events, things]),
            gate: AccountGate(rate: nil, burst: nil, clocks: clocks),
            services: services
        )
        #expect(await runner.sync(events).hasSucceeded)
        #expect(feed.sent.isEmpty)
        #expect(list.sent.count == 1)
        #expect(list.sent.first?.body.contains(#""id":7"#) == true)
    }

    @Test func `a full sink fails the run, and loses nothing`() async throws {
        let store = InMemoryStore()
        let stage = try Stage(store: store, sink: FullSink(), Self.list)
        let failure = await stage.sync().failure
        #expect(failure?.isLocal == true)
        #expect(failure?.description == "write x: No space left on device; make room")
        #expect(await store.state(of: Stage.id)?.cursor == nil)
        let later = try Stage(store: store, Self.list)
        #expect(await later.sync().run.records == 5)
    }

    @Test func `another sink gets everything, and the first one goes on where it was when it is chosen again`()
        async throws
    {
        let store = InMemoryStore()
        let first = try Stage(store: store, Self.list)
        let other = try Stage(store: store, Self.list)
        #expect(await first.sync().run.records == 5)
        #expect(await other.sync().run.records == 5)
        #expect(try other.delivered == ["1", "2", "3", "4", "5"])
        #expect(await first.sync().run.records == 0)
        #expect(try first.delivered.count == 5)
    }

    @Test func `a sink that can't be used fails its stream before the source is asked, and takes over no state`()
        async throws
    {
        let store = InMemoryStore()
        let stage = try Stage(store: store, sink: FailingSink(SinkError("no address", hint: "add one")), Self.list)
        #expect(await stage.sync().failure?.description == "no address; add one")
        #expect(stage.transport.requests.isEmpty)
        #expect(await store.state(of: Stage.id) == nil)
    }

    @Test func `a state that can't be written fails the run`() async throws {
        let stage = try Stage(store: FullStore(), Self.list)
        let failure = await stage.sync().failure
        #expect(failure?.isLocal == true)
        #expect(failure?.message == "the disk is full")
        #expect(stage.events.all.contains { if case .runFailed = $0 { true } else { false } })
    }

    private func batches(to sender: FakeSender) -> BatchSink {
        BatchSink(
            sender,
            identity: SinkIdentity("http:https://warehouse.example"),
            format: .records,
            rule: BatchRule(records: 2),
            deadLetters: InMemoryStore(),
            clocks: StillClocks(),
            events: EventList()
        )
    }

    @Test func `a batch that was taken before the commit failed is sent again under the same key`() async throws {
        var keys: Set<String> = []
        for _ in 1...2 {
            let sender = FakeSender()
            let failure = await (try Stage(store: FullStore(), sink: batches(to: sender), Self.list)).sync().failure
            #expect(failure?.message == "the disk is full")
            keys.insert(try #require(sender.sent.first).key)
        }
        #expect(keys.count == 1)
    }

    @Test func `a batch that is not taken fails the run, and the next brings what is missing`() async throws {
        let down = SinkError("the server is down", hint: "wait")
        let sender = FakeSender { _, number in number == 2 ? .failed(down) : .accepted }
        let stage = try Stage(sink: batches(to: sender), Self.list)
        let first = await stage.sync()
        #expect(first.failure?.description == "the server is down; wait")
        #expect(first.failure?.isLocal == true)
        #expect(await stage.sync().hasSucceeded)
        #expect(try await stage.store.state(of: Stage.id)?.cursor == 5)
        let sent = try sender.sent.enumerated().filter { $0.offset != 1 }.flatMap { sent in
            try JSONValue(parsing: Array(sent.element.body.utf8))["records"]?.array?.compactMap { $0["id"]?.int64 }
                ?? []
        }
        #expect(Set(sent) == [1, 2, 3, 4, 5])
    }

    @Test func `a run that is stopped keeps what it wrote, and the next goes on there`() async throws {
        let runner = Mutex<ConnectorRunner?>(nil)
        let stage = try Stage { request, number in
            guard number == 2 else { return await Self.list(request, number) }
            await runner.withLock { $0 }?.stop(Stage.id)
            return await FakeTransport.hang()
        }
        runner.withLock { $0 = stage.runner }
        let first = await stage.sync()
        #expect(first.wasInterrupted)
        #expect(try stage.delivered == ["1", "2"])
        #expect(await stage.sync().run.records == 3)
        #expect(try stage.delivered == ["1", "2", "3", "4", "5"])
    }

    @Test func `a run that was asked to stop before it began ends at once`() async throws {
        let stage = try Stage { _, _ in await FakeTransport.hang() }
        await stage.runner.stop(Stage.id)
        #expect(await stage.sync().wasInterrupted)
    }

    @Test func `a run without progress is given up`() async throws {
        let change: (inout ConnectorDefinition) -> Void = { $0.progressTimeout = .milliseconds(20) }
        let stage = try Stage(clocks: RunningClocks(), change: change) { _, _ in await FakeTransport.hang() }
        let failure = await stage.sync().failure
        #expect(failure?.kind == .transient)
        #expect(failure?.message == "no progress for 20ms")
    }

    @Test func `an error with status 200 is one`() async throws {
        let stage = try Stage(change: { $0.errors = ErrorRule(present: ["error"], message: [["error", "m"]]) }) {
            _,
            _ in
            .success(.json("{\"error\":{\"m\":\"no such model\"}}"))
        }
        let failure = await stage.sync().failure
        #expect(failure?.kind == .refused)
        #expect(
            failure?.message == "GET https://a.example/s was answered with status 200: no such model"
        )
        #expect(stage.transport.requests.count == 1)
    }

    @Test(arguments: [
        "<html>", "{\"data\":[{\"at\":1}]}", "{\"data\":5}", "{}", "{\"data\":[{\"id\":1,\"at\":\"x\"}]}",
    ])
    func `an answer that can't be read is asked for again, and moves nothing`(body: String) async throws {
        let stage = try Stage { _, _ in .success(.json(body)) }
        #expect(await stage.sync().failure?.kind == .badAnswer)
        #expect(stage.transport.requests.count == 2)
        #expect(try stage.delivered == [])
        #expect(try await stage.store.state(of: Stage.id)?.cursor == nil)
    }

    @Test func `a failure that passes is tried again`() async throws {
        let stage = try Stage { request, number in
            number == 1 ? .success(.json("", status: 503)) : await Self.list(request, number)
        }
        #expect(await stage.sync().run.records == 5)
        #expect(stage.events.all.contains { if case .retrying = $0 { true } else { false } })
    }

    @Test func `a refused credential needs a person`() async throws {
        let stage = try Stage { _, _ in .success(.json("", status: 401)) }
        #expect(await stage.sync().failure?.kind == .credentials)
        #expect(stage.events.all.contains { if case .connectorBlocked = $0 { true } else { false } })
        #expect(stage.transport.requests.count == 1)
    }

    /// A server that says with status 200 that the session has ended, `endings` times.
    private func sessionStage(endings: Int) throws -> Stage {
        let value = try #require(Template("${t}"))
        let body = try #require(JSONTemplate(.null))
        let rule = SessionRule(
            user: "u",
            password: Secret("p"),
            path: Template(literal: "/login"),
            body: body,
            returns: ["t": ["t"]],
            header: "S",
            base64: nil,
            value: value
        )
        return try Stage(
            change: { connector in
                connector.auth = .session(rule)
                connector.errors = ErrorRule(present: ["error"], code: [["error"]], credentials: ["ended"])
            }
        ) { request, number in
            if request.url.hasSuffix("/login") { return .success(.json("{\"t\":\(number)}")) }
            let session = request.headers["S"].flatMap { Int($0) } ?? 0
            return session < 2 * endings ? .success(.json("{\"error\":\"ended\"}")) : await Self.list(request, number)
        }
    }

    @Test func `a session that ends with status 200 is begun anew`() async throws {
        let stage = try sessionStage(endings: 1)
        let outcome = await stage.sync()
        #expect(outcome.hasSucceeded)
        #expect(outcome.run.records == 5)
        #expect(stage.transport.requests.count { $0.url.hasSuffix("/login") } == 2)
    }

    @Test func `a new session that ends at once needs a person`() async throws {
        let stage = try sessionStage(endings: 9)
        #expect(await stage.sync().failure?.kind == .credentials)
        #expect(stage.transport.requests.count { $0.url.hasSuffix("/login") } == 2)
    }

    @Test func `a check proves address and credentials`() async throws {
        let stage = try Stage(change: { $0.checkPath = Template(literal: "/ping") }) { _, _ in
            .success(.json("{}", status: 403))
        }
        let error = await #expect(throws: SyncFailure.self) { try await stage.runner.check() }
        #expect(error?.kind == .forbidden)
        #expect(stage.transport.requests.map(\.url) == ["https://a.example/ping"])
    }
}
