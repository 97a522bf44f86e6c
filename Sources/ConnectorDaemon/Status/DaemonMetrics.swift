package import ConnectorCore

/// A status and the counts as metrics. Labels are names of the configuration, states, codes and levels: what an
/// outsider sends never becomes one.
package struct DaemonMetrics: Sendable {
    private static let prefix = "aitbc_connectord_"

    private let status: DaemonStatus
    private let counts: EventCounts
    private let process: ProcessFigures

    package init(_ status: DaemonStatus, _ counts: EventCounts, _ process: ProcessFigures) {
        self.status = status
        self.counts = counts
        self.process = process
    }

    package var families: [MetricFamily] { daemon + connectors + streams + runs + webhooks + processFamilies }

    private typealias Sample = MetricFamily.Sample
    private typealias Tag = MetricsSnapshot.Tag

    private func family(
        _ name: String,
        _ kind: MetricFamily.Kind,
        unit: String? = nil,
        _ help: String,
        _ samples: [Sample]
    ) -> MetricFamily {
        MetricFamily(Self.prefix + name, kind, unit: unit, help, samples)
    }

    private var daemon: [MetricFamily] {
        let version = status.daemon?.version ?? ""
        let levels = LogEntry.Level.Name.allCases.map { name in
            Sample([Tag("level", name.rawValue)], .counter(Double(counts.lines[name.level] ?? 0)))
        }
        let reloads = [("succeeded", counts.reloads), ("refused", counts.refusedReloads)]
        return [
            family("build", .info, "Version of the program.", [Sample([Tag("version", version)], .gauge(1))]),
            family("events", .counter, "What the daemon noted, logged or not, by level.", levels),
            family(
                "reloads",
                .counter,
                "Reloads of the configuration.",
                reloads.map { Sample([Tag("outcome", $0.0)], .counter(Double($0.1))) }
            ),
        ]
    }

    private var connectors: [MetricFamily] {
        let states = status.connectors.flatMap { row in
            ConnectorState.names.map { name in
                Sample([Tag("connector", row.name), Tag("state", name)], .gauge(row.state == name ? 1 : 0))
            }
        }
        let pauses = counts.quotaPauses.sorted { $0.key < $1.key }.filter { pause in
            status.connectors.contains { $0.name == pause.key }
        }
        return [
            family("connector_state", .gauge, "1 for the state that the connector is in.", states),
            family(
                "quota_pauses",
                .counter,
                "Pauses because a server's quota was used up.",
                pauses.map { Sample([Tag("connector", $0.key)], .counter(Double($0.value))) }
            ),
        ]
    }

    /// Of streams that are configured.
    private var rows: [DaemonStatus.Stream] { status.streams.filter { $0.state != .removed } }

    private func tags(_ id: StreamID) -> [MetricsSnapshot.Tag] {
        [Tag("connector", id.connector), Tag("stream", id.stream)]
    }

    private func each(_ value: (DaemonStatus.Stream) -> Double?) -> [MetricFamily.Sample] {
        rows.compactMap { row in value(row).map { Sample(tags(row.id), .gauge($0)) } }
    }

    private var streams: [MetricFamily] {
        let records = rows.flatMap { row in
            [("upsert", row.records), ("delete", row.deletes)].map { operation, count in
                Sample(tags(row.id) + [Tag("op", operation)], .counter(Double(count)))
            }
        }
        let next = each { row in row.nextRun.map(seconds) }
        let doubts = rows.flatMap { row in
            (row.doubts ?? []).map { Sample(tags(row.id) + [Tag("kind", $0.kind)], .gauge(1)) }
        }
        return [
            family("records", .counter, "Records and deletions delivered, over all runs of the state.", records),
            family(
                "last_success_timestamp_seconds",
                .gauge,
                unit: "seconds",
                "When the last run that succeeded ended.",
                each { row in row.lastSuccess.map(seconds) }
            ),
            family("lag_seconds", .gauge, unit: "seconds", "Since the last success.", each(lag)),
            family("next_run_timestamp_seconds", .gauge, unit: "seconds", "When the next run is due.", next),
            family(
                "consecutive_failures",
                .gauge,
                "Runs in a row that failed.",
                each { Double($0.failures) }
            ),
            family("stream_blocked", .gauge, "1 while only a person can help.", each { $0.state == .blocked ? 1 : 0 }),
            family("dead_letters", .gauge, "Records that a sink refused for good.", each { Double($0.deadLetters) }),
            family("stream_doubts", .gauge, "In how much the source differs from its definition.", doubts),
            family("waiting_events", .gauge, "Events of webhooks that wait.", each { Double($0.waitingEvents) }),
        ]
    }

    /// A queue in which nothing waits is not behind, however long ago its last event came.
    private func lag(_ row: DaemonStatus.Stream) -> Double? {
        row.id.isEvents && row.waitingEvents == 0 ? nil : row.lagSeconds
    }

    private func seconds(_ instant: Instant) -> Double { Double(instant.nanoseconds) / 1e9 }

    private var runs: [MetricFamily] {
        let known = Set(rows.map(\.id))
        let streams = counts.streams.filter { known.contains($0.key) }.sorted { $0.key < $1.key }
        func each(_ value: (EventCounts.Stream) -> Int64) -> [Sample] {
            streams.map { Sample(tags($0.key), .counter(Double(value($0.value)))) }
        }
        let outcomes = streams.flatMap { id, counts in
            [("succeeded", counts.succeeded), ("failed", counts.failed), ("interrupted", counts.interrupted)].map {
                Sample(tags(id) + [Tag("outcome", $0.0)], .counter(Double($0.1)))
            }
        }
        return [
            family("runs", .counter, "Runs that ended.", outcomes),
            family("pages", .counter, "Pages read by runs that ended.", each(\.pages)),
            family("received_bytes", .counter, unit: "bytes", "Bytes of pages, of runs that ended.", each(\.bytes)),
            family("retries", .counter, "Requests tried again.", each(\.retries)),
            family(
                "run_duration_seconds",
                .histogram,
                unit: "seconds",
                "How long runs took.",
                streams.map { Sample(tags($0.key), .histogram($0.value.duration)) }
            ),
        ]
    }

    private var webhooks: [MetricFamily] {
        let hooks = status.connectors.compactMap { row in row.webhook.map { (row.name, $0) } }
        let refused = hooks.flatMap { name, hook in
            hook.refused.sorted { $0.key < $1.key }.map { code, count in
                Sample([Tag("connector", name), Tag("code", code)], .counter(Double(count)))
            }
        }
        let strangers = (status.webhooksToNobody ?? 0) > 0 ? status.webhooksToNobody : nil
        let unknown = strangers.map { [Sample([Tag("connector", ""), Tag("code", "UNKNOWN")], .counter(Double($0)))] }
        func each(_ value: (DaemonStatus.Webhook) -> Int64) -> [Sample] {
            hooks.map { Sample([Tag("connector", $0.0)], .counter(Double(value($0.1)))) }
        }
        return [
            family("webhook_events", .counter, "Events that were kept.", each(\.accepted)),
            family("webhook_duplicates", .counter, "Events that were known already.", each(\.duplicates)),
            family("webhook_refused", .counter, "Requests that were refused.", refused + (unknown ?? [])),
        ]
    }

    private var processFamilies: [MetricFamily] {
        let started = status.daemon.map { [Sample([], .gauge(seconds($0.started)))] } ?? []
        return [
            MetricFamily("process_start_time_seconds", .gauge, unit: "seconds", "When the process started.", started),
            MetricFamily(
                "process_cpu_seconds",
                .counter,
                unit: "seconds",
                "Processor time, user and system.",
                [Sample([], .counter(process.cpuSeconds))]
            ),
            MetricFamily(
                "process_resident_memory_bytes",
                .gauge,
                unit: "bytes",
                "Memory in use.",
                [Sample([], .gauge(Double(process.residentBytes)))]
            ),
            MetricFamily(
                "process_open_fds",
                .gauge,
                "Open file descriptors.",
                [Sample([], .gauge(Double(process.openDescriptors)))]
            ),
        ]
    }
}
