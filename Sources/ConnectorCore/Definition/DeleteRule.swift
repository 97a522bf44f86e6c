/// When records that a complete reading did not show are called gone. About absence only: what the source says of
/// deletions is delivered as it comes.
package struct DeleteRule: Sendable, Equatable {
    /// How long after the first reading that lacked a record a later run may confirm it. Replicas and caches that show
    /// an old list are behind by seconds.
    package var after: Duration = .seconds(60)
    /// So many are delivered without being asked, and more only where they are a small part.
    package var most: Int64 = 10
    /// … of what is remembered, in percent.
    package var mostPercent: Int64 = 20

    package init() {}

    /// Whether so many deletions at once look like a fault of the source.
    package func holds(_ count: Int64, of remembered: Int64) -> Bool {
        count > most && count.multipliedSaturated(by: 100) > remembered.multipliedSaturated(by: mostPercent)
    }
}

extension Int64 {
    fileprivate func multipliedSaturated(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
