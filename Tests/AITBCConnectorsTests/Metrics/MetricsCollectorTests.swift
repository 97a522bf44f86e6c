import AITBCConnectors
import ConnectorCore
import Testing

struct MetricsCollectorTests {
    private static func value(_ metrics: MetricsCollector, _ name: String) -> Double? {
        metrics.json["metrics"]?.array?.first { $0["name"]?.string == name }?["value"]?.double
    }

    @Test func `counters, gauges, histograms and timers count`() async {
        let metrics = MetricsCollector()
        metrics.increment("requests_total")
        metrics.increment("requests_total", by: 2)
        metrics.increment("requests_total", by: -5)
        metrics.gauge("active", 7)
        metrics.adjust("active", by: -2)
        metrics.observe("seconds", 0.2)
        metrics.observe("seconds", .nan)
        let result = await metrics.time("work_seconds") { 42 }
        metrics.startTimer("work_seconds").stop()
        #expect(result == 42 && Self.value(metrics, "requests_total") == 3 && Self.value(metrics, "active") == 5)
        #expect(Self.value(metrics, "seconds_count") == 1 && Self.value(metrics, "work_seconds_count") == 2)
        #expect(metrics.prometheusText.contains("requests_total 3\n"))
    }

    @Test func `a name keeps its kind`() {
        let metrics = MetricsCollector()
        metrics.gauge("x", 1)
        metrics.increment("x")
        metrics.observe("x", 1)
        #expect(Self.value(metrics, "x") == 1)
    }

    @Test func `series and names are bounded, and what was folded is counted`() {
        let metrics = MetricsCollector()
        for number in 0..<1_000 { metrics.increment("requests_total", tags: ["id": String(number)]) }
        for number in 0..<1_000 { metrics.increment("name_\(number)") }
        let series = metrics.snapshot.series
        #expect(series.count { $0.name == "requests_total" } == MetricsCollector.mostSeries + 1)
        #expect(Set(series.map(\.name)).count <= MetricsCollector.mostNames + 1)
        #expect(series.first { $0.tags == [.init("other", "true")] }?.value == .counter(800))
        #expect(series.contains { $0.name == MetricsCollector.foldedName })
    }

    @Test func `many tasks lose no count`() async {
        let metrics = MetricsCollector()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<1_000 { metrics.increment("n", tags: ["a": "b"]) } } }
        }
        #expect(Self.value(metrics, "n") == 8_000)
    }

    @Test func `a document is pushed as JSON, with a proof, and a refusal is an error`() async throws {
        let metrics = MetricsCollector()
        metrics.increment("n")
        let transport = FakeTransport { _, number in .success(.json("{}", status: number == 1 ? 204 : 500)) }
        let pusher = MetricsPusher(
            metrics,
            endpoint: "https://metrics.example/push",
            transport: transport,
            auth: BearerAuth(token: Secret("t"))
        )
        try await pusher.push()
        let request = try #require(transport.requests.first)
        let document = try JSONValue(parsing: request.body ?? [])
        #expect(document["source"] == "aitbc-enterprise-sdk" && request.headers["Authorization"] == "Bearer t")
        await #expect(throws: APIError.self) { try await pusher.push() }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an endpoint that fails is tried again, and counted, until the task is cancelled`() async throws {
        let metrics = MetricsCollector()
        let transport = FakeTransport { _, number in
            number == 1
                ? .failure(TransportError(.couldNotConnect, "no", mayHaveBeenSent: false)) : .success(.json("{}"))
        }
        let pusher = MetricsPusher(
            metrics,
            endpoint: "https://metrics.example/push",
            transport: transport,
            interval: .milliseconds(1)
        )
        let task = Task { await pusher.run() }
        while transport.requests.count < 3 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await task.value
        #expect(Self.value(metrics, "metrics_push_failures_total") == 1)
    }
}
