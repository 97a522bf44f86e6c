/// One metric with all its samples, as OpenMetrics 1.0 writes it.
package struct MetricFamily: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case counter, gauge, histogram, info
    }

    package struct Sample: Sendable, Equatable {
        package var labels: [MetricsSnapshot.Tag]
        package var value: MetricsSnapshot.Value

        package init(_ labels: [MetricsSnapshot.Tag], _ value: MetricsSnapshot.Value) {
            self.labels = labels
            self.value = value
        }
    }

    /// Without the suffix `_total` of a counter; a unit is its last word.
    package var name: String
    package var kind: Kind
    package var unit: String?
    package var help: String
    package var samples: [Sample]

    package init(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
        self.samples = samples
    }
}

/// The text formats of OpenMetrics 1.0, and of Prometheus (0.0.4) for those who do not ask for it.
package enum OpenMetrics: Sendable {
    case openMetrics
    case prometheus

    /// What a request's `Accept` wants.
    package init(accept: String?) {
        self = accept?.contains("application/openmetrics-text") == true ? .openMetrics : .prometheus
    }

    package var contentType: String {
        switch self {
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        }
    }

    /// Families without samples are left out.
    package func text(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families where !family.samples.isEmpty {
            let suffix = Self.suffix(of: family.kind)
            switch self {
            case .openMetrics:
                text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
                if let unit = family.unit { text += "# UNIT \(family.name) \(unit)\n" }
                text += "# HELP \(family.name) \(Self.escaped(family.help))\n"
            case .prometheus:
                let kind = family.kind == .info ? .gauge : family.kind
                text += "# HELP \(family.name)\(suffix) \(Self.escaped(family.help))\n"
                text += "# TYPE \(family.name)\(suffix) \(kind.rawValue)\n"
            }
            for sample in family.samples { text += Self.lines(family.name, sample, suffix) }
        }
        return self == .openMetrics ? text + "# EOF\n" : text
    }

    private static func suffix(of kind: MetricFamily.Kind) -> String {
        switch kind {
        case .counter: "_total"
        case .info: "_info"
        case .gauge, .histogram: ""
        }
    }

    private static func lines(_ name: String, _ sample: MetricFamily.Sample, _ suffix: String) -> String {
        let series = MetricsSnapshot.Series(name: name, tags: sample.labels, value: sample.value)
        return MetricsSnapshot.lines(series).map { line in
            "\(line.name)\(suffix)\(braces(line.tags)) \(MetricsSnapshot.text(line.value))\n"
        }.joined()
    }

    private static func braces(_ tags: [MetricsSnapshot.Tag]) -> String {
        guard !tags.isEmpty else { return "" }
        return "{" + tags.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
