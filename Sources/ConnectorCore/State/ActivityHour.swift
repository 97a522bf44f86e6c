/// What the runs of a stream that began in one hour (UTC) did. The store keeps the last two days of them, for `status`
/// and the status page.
package struct ActivityHour: Sendable, Equatable, Codable {
    /// How many hours are kept: today, and yesterday to compare it with.
    package static let kept: Int64 = 48

    /// Its beginning.
    package var hour: Instant
    package var records: Int64
    package var deletes: Int64
    /// Runs that ended, failed ones included.
    package var runs: Int64
    package var failures: Int64

    package init(hour: Instant, records: Int64 = 0, deletes: Int64 = 0, runs: Int64 = 0, failures: Int64 = 0) {
        self.hour = hour
        self.records = records
        self.deletes = deletes
        self.runs = runs
        self.failures = failures
    }

    /// What a commit adds: `added` is what the run delivered since its commit before.
    package init(_ run: RunRecord, added: (records: Int64, deletes: Int64)) {
        let hasEnded = run.outcome == .succeeded || run.outcome == .failed
        self.init(
            hour: Instant(seconds: Self.number(of: run.started) * 3_600),
            records: added.records,
            deletes: added.deletes,
            runs: hasEnded ? 1 : 0,
            failures: run.outcome == .failed ? 1 : 0
        )
    }

    /// Hours since 1970.
    package static func number(of instant: Instant) -> Int64 { instant.seconds.flooredQuotient(by: 3_600) }

    package mutating func add(_ other: ActivityHour) {
        records += other.records
        deletes += other.deletes
        runs += other.runs
        failures += other.failures
    }
}
