public import ConnectorCore
import CurlTransport
import Synchronization

/// Counts: counters, gauges, histograms and timers, with tags. One registry for AITBC's JSON format and for Prometheus.
///
/// Cheap and bounded: a call takes one lock and no I/O; beyond the limits a series is counted under the tag
/// `other="true"` instead of growing without end.
public final class MetricsCollector: Sendable {
    /// Series of one name. Tags are meant for methods and statuses, not for ids.
    package static let mostSeries = 200
    /// Names altogether.
    package static let mostNames = 200
    /// Counts what was folded into `other`.
    package static let foldedName = "metrics_series_folded_total"

    private struct State {
        var values: [String: [[MetricsSnapshot.Tag]: MetricsSnapshot.Value]] = [:]
        var folded = 0
    }

    private let state = Mutex(State())
    private let clocks: any Clocks

    /// An empty registry.
    public convenience init() {
        self.init(clocks: SystemClocks())
    }

    package init(clocks: any Clocks) {
        self.clocks = clocks
    }

    /// Adds to a counter. Counters never go down: a negative amount is not counted.
    public func increment(_ name: String, by amount: Double = 1, tags: [String: String] = [:]) {
        guard amount >= 0, amount.isFinite else { return }
        change(name, tags, .counter(0)) { value in
            if case .counter(let count) = value { value = .counter(count + amount) }
        }
    }

    /// Sets a gauge.
    public func gauge(_ name: String, _ amount: Double, tags: [String: String] = [:]) {
        guard amount.isFinite else { return }
        change(name, tags, .gauge(0)) { value in
            if case .gauge = value { value = .gauge(amount) }
        }
    }

    /// Moves a gauge up or down.
    public func adjust(_ name: String, by amount: Double, tags: [String: String] = [:]) {
        guard amount.isFinite else { return }
        change(name, tags, .gauge(0)) { value in
            if case .gauge(let level) = value { value = .gauge(level + amount) }
        }
    }

    /// Adds a value to a histogram; times are in seconds.
    public func observe(_ name: String, _ amount: Double, tags: [String: String] = [:]) {
        change(name, tags, .histogram(Histogram())) { value in
            value.observe(amount)
        }
    }

    /// Runs `work` and adds how long it took, in seconds, whether it succeeds or throws.
    public func time<Value>(
        _ name: String,
        tags: [String: String] = [:],
        _ work: () async throws -> Value
    ) async rethrows -> Value {
        let timer = startTimer(name, tags: tags)
        defer { timer.stop() }
        return try await work()
    }

    /// A duration that begins now; ``Timer/stop()`` adds it.
    public func startTimer(_ name: String, tags: [String: String] = [:]) -> Timer {
        Timer(collector: self, name: name, tags: tags, began: clocks.monotonic)
    }

    /// A duration that is being measured.
    public struct Timer: Sendable {
        let collector: MetricsCollector
        let name: String
        let tags: [String: String]
        let began: MonotonicInstant

        /// Adds the seconds since it began.
        public func stop() {
            collector.observe(name, (collector.clocks.monotonic - began).inSeconds, tags: tags)
        }
    }

    /// What stands under a name.
    public enum Value: Sendable, Equatable {
        /// Only ever grows.
        case counter(Double)
        /// Goes up and down.
        case gauge(Double)
        /// How many values there were, and what they add up to.
        case histogram(count: Int, sum: Double)
    }

    /// What stands under a name and exactly these tags; nil where nothing was counted under them.
    public func value(_ name: String, tags: [String: String] = [:]) -> Value? {
        let key = Self.key(tags)
        return switch state.withLock({ $0.values[name]?[key] }) {
        case .counter(let count): .counter(count)
        case .gauge(let level): .gauge(level)
        case .histogram(let histogram): .histogram(count: Int(clamping: histogram.count), sum: histogram.sum)
        case nil: nil
        }
    }

    /// The sum of a counter over all its tags; nil for a name that counts nothing.
    public func total(_ name: String) -> Double? {
        state.withLock { $0.values[name] }?.values.reduce(nil) { sum, value in
            guard case .counter(let count) = value else { return sum }
            return (sum ?? 0) + count
        }
    }

    /// The specification's JSON: `timestamp`, `source`, `metrics`.
    public var json: JSONValue { snapshot.json() }

    /// Prometheus' text format.
    public var prometheusText: String { snapshot.prometheus() }

    package var snapshot: MetricsSnapshot {
        let (values, folded) = state.withLock { ($0.values, $0.folded) }
        var series = values.flatMap { name, all in
            all.map { MetricsSnapshot.Series(name: name, tags: $0.key, value: $0.value) }
        }
        if folded > 0 { series.append(.init(name: Self.foldedName, tags: [], value: .counter(Double(folded)))) }
        return MetricsSnapshot(at: clocks.now, series: series)
    }

    /// What a request counts: `requests_total`, `errors_total` and `request_duration_seconds`, under one lock.
    func count(request method: String, status: Int?, failed: Bool, seconds: Double) {
        let tags = [MetricsSnapshot.Tag("method", method), .init("status", status.map(String.init) ?? "none")]
        state.withLock { state in
            Self.change(&state, "requests_total", tags, .counter(0)) { value in
                if case .counter(let count) = value { value = .counter(count + 1) }
            }
            Self.change(&state, "request_duration_seconds", [], .histogram(Histogram())) { $0.observe(seconds) }
            guard failed else { return }
            Self.change(&state, "errors_total", [tags[0]], .counter(0)) { value in
                if case .counter(let count) = value { value = .counter(count + 1) }
            }
        }
    }

    private static func key(_ tags: [String: String]) -> [MetricsSnapshot.Tag] {
        tags.map { MetricsSnapshot.Tag($0.key, $0.value) }.sorted()
    }

    private static let other = [MetricsSnapshot.Tag("other", "true")]

    /// A name keeps the kind of its first use: another kind under the same name is not counted.
    private func change(
        _ name: String,
        _ tags: [String: String],
        _ empty: MetricsSnapshot.Value,
        _ change: (inout MetricsSnapshot.Value) -> Void
    ) {
        let key = Self.key(tags)
        state.withLock { Self.change(&$0, name, key, empty, change) }
    }

    private static func change(
        _ state: inout State,
        _ name: String,
        _ key: [MetricsSnapshot.Tag],
        _ empty: MetricsSnapshot.Value,
        _ change: (inout MetricsSnapshot.Value) -> Void
    ) {
        if let index = state.values.index(forKey: name), let place = state.values.values[index].index(forKey: key) {
            return change(&state.values.values[index].values[place])
        }
        var key = key
        if state.values[name] == nil, state.values.count >= mostNames {
            state.folded += 1
            return
        }
        if (state.values[name]?.count ?? 0) >= mostSeries {
            state.folded += 1
            key = other
        }
        change(&state.values[name, default: [:]][key, default: empty])
    }
}

extension MetricsSnapshot.Value {
    /// In place: a histogram is not copied for each value.
    fileprivate mutating func observe(_ amount: Double) {
        guard case .histogram(var histogram) = self else { return }
        self = .gauge(0)
        histogram.observe(amount)
        self = .histogram(histogram)
    }
}
