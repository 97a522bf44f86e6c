import ConnectorCore
import Testing

@Suite
struct StatusFactsTests {
    private let now = Instant(seconds: 1_795_534_200)  // 2026-11-24T15:30:00Z

    private func id(_ stream: String, of connector: String = "pay") -> StreamID {
        StreamID(connector: connector, stream: stream)
    }

    private func overview(_ stream: StreamID, success: Instant? = nil, run: RunRecord? = nil) -> StreamOverview {
        StreamOverview(
            stream: stream,
            state: StreamState(cursor: 1),
            lastRun: run,
            lastSuccess: success,
            totalRecords: 70,
            totalDeletes: 2
        )
    }

    private func facts(_ overview: [StreamOverview] = [], runs: Bool = true) -> StatusFacts {
        var facts = StatusFacts(at: now)
        facts.overview = overview
        if runs { facts.daemon = DaemonStatus.Daemon(version: "1", pid: 7, started: now - .seconds(60)) }
        return facts
    }

    @Test(arguments: [
        (StreamSituation(isRunning: true), DaemonStatus.Stream.State.syncing),
        (StreamSituation(), .waiting), (StreamSituation(lastEnding: .succeeded), .idle),
        (StreamSituation(lastEnding: .failed("x")), .failing), (StreamSituation(lastEnding: .blocked("x")), .blocked),
        (StreamSituation(isRunning: true, lastEnding: .lockedOut("x")), .syncing),
        (StreamSituation(lastEnding: .lockedOut("x")), .blocked), (StreamSituation(lastEnding: .interrupted), .idle),
    ])
    func `a stream's state is what it does, or how it ended`(
        _ situation: StreamSituation,
        _ state: DaemonStatus.Stream.State
    ) {
        var facts = facts()
        facts.configured = [id("charges")]
        facts.situations = [id("charges"): situation]
        #expect(facts.status.streams.map(\.state) == [state])
    }

    @Test func `lag counts from the last success, and today begins at midnight UTC`() throws {
        var facts = facts([overview(id("charges"), success: now - .seconds(90))])
        facts.configured = [id("charges")]
        facts.situations = [id("charges"): StreamSituation(failures: 3, nextRun: now + .seconds(30))]
        let hours = [(-20, 5), (-15, 7), (0, 1)].map { hour, records in
            ActivityHour(hour: now - .seconds(30 * 60) + .seconds(hour * 3_600), records: Int64(records), runs: 1)
        }
        facts.activity = [id("charges"): hours]
        let row = try #require(facts.status.streams.first)
        #expect(row.lagSeconds == 90 && row.recordsToday == 8 && row.records == 70 && row.deletes == 2)
        #expect(row.nextRun == now + .seconds(30) && row.failures == 3 && row.activity.count == 3)
    }

    @Test func `what a source was seen to differ in is told with the key to correct`() throws {
        var evidence = StreamEvidence()
        evidence.completeAt = now - .seconds(60)
        evidence.doubts = [Doubt(.total, count: 3), Doubt(.order)]
        var known = overview(id("charges"))
        known.state.evidence = evidence.encoded
        let row = try #require(facts([known]).status.streams.first)
        #expect(row.completeAt == now - .seconds(60))
        #expect(row.doubts?.map(\.kind) == ["total", "order"])
        #expect(row.doubts?.map(\.key) == ["paging.total", "cursor.order"])
        #expect(row.doubts?.map(\.mayMissRecords) == [true, false])
        #expect(row.doubts?.first?.text.contains("3 records fewer") == true)
    }

    @Test func `what the configuration does not name is remembered as removed`() {
        var facts = facts([overview(id("charges")), overview(id("old"))])
        facts.configured = [id("charges")]
        facts.situations = [id("charges"): StreamSituation(lastEnding: .succeeded)]
        #expect(facts.status.streams.map(\.state) == [.idle, .removed])
    }

    @Test func `a disabled connector says why, and its streams are blocked, not removed`() throws {
        var facts = facts([overview(id("charges"))])
        facts.configured = []
        facts.connectors = ["pay": .disabled("pay.json5:1:1: no")]
        #expect(facts.status.streams.map(\.state) == [.blocked])
        let connector = try #require(facts.status.connectors.first)
        #expect(connector.state == "disabled" && connector.reason == "pay.json5:1:1: no")
    }

    @Test func `without a daemon there are no states and no next runs, but all that was remembered`() {
        var facts = facts([overview(id("charges"), success: now)], runs: false)
        facts.configured = [id("charges"), id("new", of: "books")]
        let status = facts.status
        #expect(status.daemon == nil && status.connectors.map(\.name) == ["books", "pay"])
        #expect(status.connectors.map(\.state) == ["not running", "not running"])
        #expect(status.streams.map(\.id) == [id("new", of: "books"), id("charges")])
        #expect(status.streams.allSatisfy { $0.state == .off && $0.nextRun == nil })
    }

    @Test func `a queue of events shows once it has something to tell`() {
        let queue = StreamID.events(of: "pay", into: "charges")
        var facts = facts()
        facts.configured = [id("charges"), queue]
        #expect(facts.status.streams.map(\.id) == [id("charges")])
        facts.waitingEvents = [queue: 4]
        #expect(facts.status.streams.map(\.waitingEvents) == [0, 4])
    }

    @Test func `a status travels as JSON without loss`() throws {
        var run = RunRecord(id: "r", started: now, outcome: .failed, error: "no \"route\"")
        run.ended = now + .milliseconds(1_500)
        var facts = facts([overview(id("charges"), success: now, run: run)])
        facts.configured = [id("charges")]
        facts.situations = [id("charges"): StreamSituation(nextRun: now)]
        facts.connectors = ["pay": .blocked("why")]
        facts.webhooks = ["pay": DaemonStatus.Webhook(accepted: 4, refused: ["MISMATCH": 2], lastEvent: now)]
        facts.activity = [id("charges"): [ActivityHour(hour: now, records: 3, failures: 1)]]
        let text = try JSONValueEncoder().encode(facts.status).text
        let back: DaemonStatus = try JSONValueDecoder().decode(from: JSONValue(parsing: Array(text.utf8)))
        #expect(back == facts.status)
    }
}
