extension MetricsSnapshot {
    /// The specification's format: `timestamp`, `source`, `metrics: [{name, value, tags}]`. A histogram is told by its
    /// buckets, count and sum, as Prometheus does it.
    package func json(source: String = "aitbc-enterprise-sdk") -> JSONValue {
        [
            "timestamp": .string(at.iso8601(fractionDigits: 0)), "source": .string(source),
            "metrics": .array(flat.map(Self.entry)),
        ]
    }

    private static func entry(_ line: Line) -> JSONValue {
        let tags = line.tags.map { JSONValue.Member($0.name, .string($0.value)) }
        return ["name": .string(line.name), "value": .number(text(line.value)), "tags": .object(tags)]
    }

    /// One number of a snapshot.
    struct Line {
        var name: String
        var tags: [Tag]
        var value: Double
    }

    var flat: [Line] { series.flatMap(Self.lines) }

    static func lines(_ series: Series) -> [Line] {
        switch series.value {
        case .counter(let value), .gauge(let value): return [Line(name: series.name, tags: series.tags, value: value)]
        case .histogram(let histogram):
            let buckets = histogram.cumulative.map { bucket in
                let bound = bucket.bound.map(text) ?? "+Inf"
                return Line(
                    name: series.name + "_bucket",
                    tags: series.tags + [Tag("le", bound)],
                    value: Double(bucket.count)
                )
            }
            return buckets + [
                Line(name: series.name + "_sum", tags: series.tags, value: histogram.sum),
                Line(name: series.name + "_count", tags: series.tags, value: Double(histogram.count)),
            ]
        }
    }

    /// Whole numbers without a fraction.
    static func text(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.isFinite ? String(value) : "0"
    }
}
