/// Every metric at one moment, ready to be written in any format.
package struct MetricsSnapshot: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        /// Only ever grows.
        case counter(Double)
        /// Goes up and down.
        case gauge(Double)
        case histogram(Histogram)
    }

    package struct Series: Sendable, Equatable {
        package var name: String
        /// Sorted by name.
        package var tags: [Tag]
        package var value: Value

        package init(name: String, tags: [Tag], value: Value) {
            self.name = name
            self.tags = tags
            self.value = value
        }
    }

    package struct Tag: Sendable, Hashable, Comparable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }

        package static func < (left: Tag, right: Tag) -> Bool { (left.name, left.value) < (right.name, right.value) }
    }

    package var at: Instant
    /// Sorted by name and tags.
    package var series: [Series]

    package init(at: Instant, series: [Series]) {
        self.at = at
        self.series = series.sorted { left, right in
            left.name == right.name ? left.tags.lexicographicallyPrecedes(right.tags) : left.name < right.name
        }
    }
}

/// A distribution in fixed buckets: its size does not grow with what it has seen.
package struct Histogram: Sendable, Equatable {
    /// Seconds: from a fast answer on loopback to the longest timeout.
    package static let secondBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    /// Upper bounds, inclusive, ascending; a bucket without bound follows the last.
    package let bounds: [Double]
    /// Of each bucket alone; one more than bounds.
    package private(set) var counts: [UInt64]
    package private(set) var sum: Double = 0

    package init(bounds: [Double] = secondBounds) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package var count: UInt64 { counts.reduce(0, +) }

    /// What is not a number is not counted: it would poison the sum for ever.
    package mutating func observe(_ value: Double) {
        guard value.isFinite else { return }
        sum += value
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
    }

    /// How many values lie at or below each bound, the boundless last.
    package var cumulative: [(bound: Double?, count: UInt64)] {
        var total: UInt64 = 0
        return counts.indices.map { index in
            total += counts[index]
            return (index < bounds.count ? bounds[index] : nil, total)
        }
    }
}
