import ConnectorCore
import Testing

struct MetricsFormatTests {
    private static let snapshot: MetricsSnapshot = {
        var histogram = Histogram(bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7, .infinity, .nan] { histogram.observe(value) }
        return MetricsSnapshot(
            at: Instant(seconds: 1_704_067_200),
            series: [
                .init(
                    name: "requests_total",
                    tags: [.init("method", "POST"), .init("status", "200")],
                    value: .counter(1000)
                ),
                .init(name: "active", tags: [], value: .gauge(-2.5)),
                .init(name: "seconds", tags: [.init("a", "x\"\\\n")], value: .histogram(histogram)),
            ]
        )
    }()

    @Test func `the specification's JSON is written`() {
        let json = Self.snapshot.json()
        #expect(json["timestamp"] == "2024-01-01T00:00:00Z" && json["source"] == "aitbc-enterprise-sdk")
        let entries = json["metrics"]?.array ?? []
        #expect(
            entries.contains(["name": "requests_total", "value": 1000, "tags": ["method": "POST", "status": "200"]])
        )
        #expect(entries.count { $0["name"] == "seconds_bucket" } == 3)
        #expect(entries.first { $0["name"] == "seconds_count" }?["value"] == 4)
    }

    @Test func `Prometheus' text is written, with cumulative buckets and escaped values`() {
        let expected = #"""
            # TYPE active gauge
            active -2.5
            # TYPE requests_total counter
            requests_total{method="POST",status="200"} 1000
            # TYPE seconds histogram
            seconds_bucket{a="x\"\\\n",le="0.1"} 2
            seconds_bucket{a="x\"\\\n",le="1"} 3
            seconds_bucket{a="x\"\\\n",le="+Inf"} 4
            seconds_sum{a="x\"\\\n"} 7.65
            seconds_count{a="x\"\\\n"} 4

            """#
        #expect(Self.snapshot.prometheus() == expected)
    }

    @Test func `names are made of what the format allows`() {
        let odd = MetricsSnapshot(at: Instant(seconds: 0), series: [.init(name: "9 ü", tags: [], value: .counter(1))])
        #expect(odd.prometheus(prefix: "").hasPrefix("# TYPE _9___ counter\n"))
    }
}
