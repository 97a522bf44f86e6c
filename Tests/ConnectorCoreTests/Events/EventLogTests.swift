import ConnectorCore
import Testing

@Suite
struct EventLogTests {
    private let charges = StreamID(connector: "pay", stream: "charges")
    private let refunds = StreamID(connector: "pay", stream: "refunds")

    private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    private func run(_ records: Int64 = 0) -> RunRecord {
        RunRecord(id: "r", started: Instant(seconds: 0), outcome: .succeeded, records: records)
    }

    private func failed(_ stream: StreamID, _ kind: FailureClass = .transient, status: Int? = nil) -> Event {
        .runFailed(stream, run(), SyncFailure(kind, "no answer", hint: "wait", status: status))
    }

    private func succeeded(_ stream: StreamID, records: Int64 = 0) -> Event {
        .runSucceeded(stream, run(records), cursor: nil)
    }

    @Test func `a trouble that lasts is told at once, after a minute, and ever more rarely, with a count`() {
        var log = EventLog(redactor: Redactor())
        var told: [(Int64, String)] = []
        for second in Int64(0)...7_200 {
            for entry in log.entries(for: failed(charges), at: at(second)) {
                told.append((second, entry.fields.first { $0.name == "UNTOLD" }?.value ?? "0"))
            }
        }
        #expect(told.map(\.0) == [0, 60, 180, 420, 900, 1_860, 3_780])
        #expect(told.map(\.1) == ["0", "59", "119", "239", "479", "959", "1919"])
    }

    @Test func `another stream, kind or status is another trouble`() {
        var log = EventLog(redactor: Redactor())
        let events = [
            failed(charges), failed(refunds), failed(charges, .credentials, status: 401),
            failed(charges, .forbidden, status: 403),
        ]
        #expect(events.flatMap { log.entries(for: $0, at: at(0)) }.count == 4)
        #expect(events.flatMap { log.entries(for: $0, at: at(1)) }.isEmpty)
    }

    @Test func `the first success after failures is told, also where it brought nothing, and troubles count anew`() {
        var log = EventLog(levels: LogLevels(.info), redactor: Redactor())
        _ = log.entries(for: succeeded(charges), at: at(0))
        for second in Int64(1)...5 { _ = log.entries(for: failed(charges), at: at(second)) }
        let entries = log.entries(for: succeeded(charges), at: at(91))
        #expect(entries.map(\.message) == ["pay/charges: syncs again, after 5 failures in 1 min 30 s"])
        #expect(log.entries(for: succeeded(charges), at: at(92)).isEmpty)
        #expect(log.entries(for: failed(charges), at: at(93)).count == 1)
    }

    @Test func `a success of one stream says nothing of another`() {
        var log = EventLog(redactor: Redactor())
        _ = log.entries(for: failed(charges), at: at(0))
        #expect(log.entries(for: succeeded(refunds, records: 1), at: at(1)).count == 1)
        #expect(log.entries(for: failed(charges), at: at(2)).isEmpty)
    }

    @Test func `what happens once, or is counted by itself, is told each time`() {
        var log = EventLog(redactor: Redactor())
        let letter = Event.deadLettered(charges, key: "1", reason: "no")
        for second in Int64(0)..<3 { #expect(log.entries(for: letter, at: at(second)).count == 1) }
    }

    @Test func `a connector may have a level of its own, up or down`() {
        var log = EventLog(
            levels: LogLevels(.notice, connectors: ["pay": .debug, "quiet": .error]),
            redactor: Redactor()
        )
        let other = StreamID(connector: "other", stream: "s"), quiet = StreamID(connector: "quiet", stream: "s")
        #expect(log.entries(for: .runStarted(charges, run: "r"), at: at(0)).count == 1)
        #expect(log.entries(for: succeeded(other, records: 1), at: at(0)).isEmpty)
        #expect(log.entries(for: .eventsOrphaned(quiet, count: 1), at: at(0)).isEmpty)
        #expect(log.entries(for: failed(quiet), at: at(0)).count == 1)
        #expect(log.entries(for: .stopped, at: at(0)).count == 1)
    }

    @Test func `an entry keeps its level and id when it is redacted`() {
        var log = EventLog(redactor: Redactor())
        #expect(log.entries(for: .stopped, at: at(0)) == [Event.stopped.entry])
    }
}
