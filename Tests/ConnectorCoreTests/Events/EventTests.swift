import ConnectorCore
import Testing

struct EventTests {
    private static let stream = StreamID(connector: "shop", stream: "orders")
    private static let secret = "sk_live_4711"
    private static let failure = SyncFailure(
        .credentials,
        "GET https://a.example/?key=\(secret) was answered with status 401: no such key \(secret)",
        hint: "check \(secret)",
        status: 401
    )

    private static func run(records: Int64 = 0, deletes: Int64 = 0) -> RunRecord {
        let started = Instant(seconds: 1_000)
        return RunRecord(
            id: "r1",
            started: started,
            ended: started + .milliseconds(1_250),
            outcome: .succeeded,
            records: records,
            deletes: deletes,
            pages: 3,
            bytes: 99
        )
    }

    /// One of each, with a secret wherever a text comes from outside.
    private static let all: [Event] = [
        .started(connectors: 2, version: "1.0"),
        .stopping(reason: "SIGTERM"),
        .stopped,
        .configurationRefused(lines: ["f:1:1: \(secret)"]),
        .connectorDisabled(connector: "shop", lines: ["f:1:1: \(secret)"]),
        .configurationWarning(line: secret),
        .reloaded(added: 1, changed: 2, removed: 3),
        .runStarted(stream, run: "r1"),
        .runSucceeded(stream, run(records: 5), cursor: "7"),
        .recovered(stream, failures: 3, after: .seconds(90)),
        .runFailed(stream, run(), failure),
        .runInterrupted(stream, run()),
        .connectorBlocked(stream, failure),
        .retrying(stream, run: "r1", attempt: 2, delay: .seconds(3), reason: failure.message),
        .quotaPause(connector: "shop", delay: .seconds(60)),
        .doubted(stream, run: "r1", Doubt(.order)), .doubtSettled(stream, run: "r1", .total), .blip(stream, run: "r1"),
        .walkRestarted(stream, run: "r1", reason: secret),
        .planChanged(stream, run: "r1", what: "key changed"),
        .stateIsBehind(stream, run: "r1", knowsNothing: false),
        .stateBegan("/s", beside: ["state.db.corrupt-1"]),
        .stillChanging(stream, run: "r1", passes: 10),
        .deadLettered(stream, key: "1", reason: "too old"),
        .stateFailed(StateError(.corrupt, secret, hint: secret)),
        .notifyFailed(secret),
        .unresponsive("the supervisor"),
        .audited(connector: "shop", line: secret, succeeded: true),
        .listening(address: "127.0.0.1:8480"), .listenerFailed(reason: secret), .controlFailed(reason: secret),
        .webhookRefused(connector: "shop", peer: "192.0.2.1", code: "MISMATCH", reason: secret, untold: 2),
        .eventsOrphaned(stream, count: 3),
    ]

    @Test func `each kind has a message and an id of its own`() {
        let ids = Self.all.map(\.messageID)
        #expect(Set(ids).count == Self.all.count)
        for id in ids { #expect(id.utf8.count == 32 && id.allSatisfy { $0.isHexDigit && !$0.isUppercase }) }
        for event in Self.all { #expect(!event.message.isEmpty && event.message.last != "\n") }
    }

    @Test func `field names are what the journal takes`() {
        for event in Self.all {
            for field in event.fields {
                #expect(field.name.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == 0x5F })
            }
        }
    }

    @Test func `levels say what a person must see`() {
        #expect(Self.all.filter { $0.level == .error }.count == 7)
        #expect(Self.all.filter { $0.level == .warning }.count == 9)
        #expect(Event.runSucceeded(Self.stream, Self.run(), cursor: nil).level == .debug)
        #expect(Event.runSucceeded(Self.stream, Self.run(deletes: 1), cursor: nil).level == .info)
        #expect(Event.runFailed(Self.stream, Self.run(), Self.failure).level == .error)
        #expect(Event.stopped.level == .notice)
    }

    @Test func `a run's figures are in its message and its fields`() {
        let entry = Event.runSucceeded(Self.stream, Self.run(records: 12, deletes: 1), cursor: "2026-01-01T00:00:00Z")
            .entry
        #expect(entry.message == "shop/orders: 12 records, 1 deletion, 3 pages in 1.3 s")
        #expect(
            entry.fields.map { "\($0.name)=\($0.value)" } == [
                "CONNECTOR=shop", "STREAM=orders", "RUN_ID=r1", "RECORDS=12", "DELETES=1", "PAGES=3", "BYTES=99",
                "DURATION_USEC=1250000", "CURSOR=2026-01-01T00:00:00Z",
            ]
        )
    }

    @Test func `a failure's kind and status are fields`() {
        let fields = Event.connectorBlocked(Self.stream, Self.failure).fields.map { "\($0.name)=\($0.value)" }
        #expect(fields == ["CONNECTOR=shop", "STREAM=orders", "ERROR_CODE=credentials", "HTTP_STATUS=401"])
    }

    @Test func `no secret reaches the log, whatever event brings it`() {
        var log = EventLog(redactor: Redactor([Secret(Self.secret)]))
        let entries = Self.all.flatMap { log.entries(for: $0, at: MonotonicInstant(nanoseconds: 0)) }
        #expect(entries.count == Self.all.count)
        for entry in entries {
            let text = entry.message + entry.fields.map(\.value).joined()
            #expect(!text.contains(Self.secret))
            #expect(!text.contains("4711"))
        }
        #expect(entries.filter { $0.message.contains(Redactor.mask) }.count == 13)
    }

    @Test func `the catalog explains each kind, and no other`() {
        let text = ProjectFile.text("systemd/aitbc-connectord.catalog")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let ids = lines.filter { $0.hasPrefix("-- ") }.map { String($0.dropFirst(3)) }
        #expect(ids.sorted() == Self.all.map(\.messageID).sorted())
        #expect(lines.filter { $0.hasPrefix("Subject: ") }.count == ids.count)
        #expect(lines.filter { $0.hasPrefix("Documentation: ") }.count == ids.count)
        // It speaks of fields that events have.
        let known = Set(Self.all.flatMap { $0.fields.map(\.name) })
        for part in text.split(separator: "@").enumerated() where part.offset % 2 == 1 {
            #expect(known.contains(String(part.element)), "@\(part.element)@")
        }
    }
}
