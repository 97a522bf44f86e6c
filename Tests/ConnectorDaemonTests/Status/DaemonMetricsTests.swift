import ConnectorCore
import ConnectorDaemon
import Testing

@Suite
struct DaemonMetricsTests {
    private let now = Instant(seconds: 1_000_000)
    private let charges = StreamID(connector: "pay", stream: "charges")

    private var status: DaemonStatus {
        var row = DaemonStatus.Stream(charges, state: .blocked)
        row.lastSuccess = now - .seconds(90)
        row.lagSeconds = 90
        row.records = 12
        row.deletes = 3
        let hook = DaemonStatus.Webhook(accepted: 5, duplicates: 1, refused: ["MISMATCH": 2])
        return DaemonStatus(
            at: now,
            daemon: DaemonStatus.Daemon(version: "1.2", pid: 7, started: now - .seconds(10)),
            connectors: [DaemonStatus.Connector(name: "pay", state: "blocked", reason: "why", webhook: hook)],
            streams: [row, DaemonStatus.Stream(StreamID(connector: "old", stream: "gone"), state: .removed)]
        )
    }

    private func lines(_ format: OpenMetrics = .openMetrics, _ counts: EventCounts = EventCounts()) -> [String] {
        let process = ProcessFigures(cpuSeconds: 1.5, residentBytes: 4_096, openDescriptors: 9)
        return format.text(DaemonMetrics(status, counts, process).families).split(separator: "\n").map(String.init)
    }

    @Test func `a status is a set of series`() {
        let lines = lines()
        for line in [
            #"aitbc_connectord_build_info{version="1.2"} 1"#,
            #"aitbc_connectord_connector_state{connector="pay",state="blocked"} 1"#,
            #"aitbc_connectord_connector_state{connector="pay",state="idle"} 0"#,
            #"aitbc_connectord_records_total{connector="pay",stream="charges",op="upsert"} 12"#,
            #"aitbc_connectord_records_total{connector="pay",stream="charges",op="delete"} 3"#,
            #"aitbc_connectord_lag_seconds{connector="pay",stream="charges"} 90"#,
            #"aitbc_connectord_last_success_timestamp_seconds{connector="pay",stream="charges"} 999910"#,
            #"aitbc_connectord_stream_blocked{connector="pay",stream="charges"} 1"#,
            #"aitbc_connectord_webhook_refused_total{connector="pay",code="MISMATCH"} 2"#,
            "process_cpu_seconds_total 1.5", "process_start_time_seconds 999990", "process_resident_memory_bytes 4096",
        ] { #expect(lines.contains(line), "\(line)") }
        #expect(lines.last == "# EOF")
        #expect(!lines.contains { $0.contains("gone") })
    }

    @Test func `a queue of events is behind only while some wait`() {
        func lags(_ stream: String, waiting: Int64) -> Bool {
            var row = DaemonStatus.Stream(StreamID(connector: "pay", stream: stream), state: .idle)
            (row.lagSeconds, row.waitingEvents) = (9_000, waiting)
            let status = DaemonStatus(at: now, daemon: nil, connectors: [], streams: [row])
            let process = ProcessFigures(cpuSeconds: 0, residentBytes: 0, openDescriptors: 0)
            let text = OpenMetrics.prometheus.text(DaemonMetrics(status, EventCounts(), process).families)
            return text.contains("lag_seconds{")
        }
        #expect(lags("charges", waiting: 0))
        #expect(!lags("charges@webhook", waiting: 0))
        #expect(lags("charges@webhook", waiting: 1))
    }

    @Test func `runs are counted from what the log was told, of streams that are configured`() {
        var counts = EventCounts()
        var run = RunRecord(id: "r", started: now, outcome: .succeeded, pages: 3, bytes: 100)
        run.ended = now + .milliseconds(300)
        counts.count(.runSucceeded(charges, run, cursor: nil))
        counts.count(.runFailed(charges, run, SyncFailure(.transient, "no", hint: "")))
        counts.count(.connectorBlocked(charges, SyncFailure(.credentials, "no", hint: "")))
        counts.count(.runSucceeded(StreamID(connector: "old", stream: "gone"), run, cursor: nil))
        let lines = lines(.openMetrics, counts)
        for line in [
            #"aitbc_connectord_runs_total{connector="pay",stream="charges",outcome="succeeded"} 1"#,
            #"aitbc_connectord_runs_total{connector="pay",stream="charges",outcome="failed"} 2"#,
            #"aitbc_connectord_received_bytes_total{connector="pay",stream="charges"} 200"#,
            #"aitbc_connectord_run_duration_seconds_bucket{connector="pay",stream="charges",le="0.5"} 2"#,
            #"aitbc_connectord_run_duration_seconds_count{connector="pay",stream="charges"} 2"#,
            #"aitbc_connectord_events_total{level="error"} 2"#,
        ] { #expect(lines.contains(line), "\(line)") }
        #expect(!lines.contains { $0.contains("gone") })
    }

    @Test func `each family is declared once, before its samples, in both formats`() {
        for format in [OpenMetrics.openMetrics, .prometheus] {
            let lines = lines(format)
            let types = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
            #expect(Set(types).count == types.count && !types.isEmpty)
            #expect(lines.filter { $0.hasPrefix("# HELP ") }.count == types.count)
        }
        #expect(lines(.prometheus).contains("# TYPE aitbc_connectord_records_total counter"))
        #expect(lines(.openMetrics).contains("# TYPE aitbc_connectord_records counter"))
        #expect(lines(.openMetrics).contains("# UNIT aitbc_connectord_received_bytes bytes") == false)
        #expect(!lines(.prometheus).contains { $0.hasPrefix("# EOF") || $0.hasPrefix("# UNIT") })
        let wanted = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
        #expect(OpenMetrics(accept: wanted) == .openMetrics && OpenMetrics(accept: "*/*") == .prometheus)
        #expect(OpenMetrics(accept: nil) == .prometheus)
    }

    @Test func `text that would break a line is escaped`() {
        let sample = MetricFamily.Sample([.init("a", "x\"y\\z\nw")], .gauge(1))
        let text = OpenMetrics.openMetrics.text([MetricFamily("m", .gauge, "a\nb", [sample])])
        #expect(text == "# TYPE m gauge\n# HELP m a\\nb\nm{a=\"x\\\"y\\\\z\\nw\"} 1\n# EOF\n")
    }
}
