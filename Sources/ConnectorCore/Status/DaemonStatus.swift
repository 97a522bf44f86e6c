/// What the daemon does and has done, at one moment: what `status`, the status page and the metrics show.
package struct DaemonStatus: Sendable, Equatable, Codable {
    package var at: Instant
    /// Nil where no daemon runs, and the rest is what the state remembers.
    package var daemon: Daemon?
    /// Webhook requests that named no connector, since the start; nil where no daemon runs.
    package var webhooksToNobody: Int64?
    /// When the last reload was refused; nil where the configuration on disk is the one in force.
    package var reloadRefused: Instant?
    /// By name.
    package var connectors: [Connector]
    /// By connector and name.
    package var streams: [Stream]

    enum CodingKeys: String, CodingKey {
        case at, daemon, connectors, streams
        case webhooksToNobody = "webhooks_to_nobody"
        case reloadRefused = "reload_refused"
    }

    package init(at: Instant, daemon: Daemon?, connectors: [Connector] = [], streams: [Stream] = []) {
        self.at = at
        self.daemon = daemon
        self.connectors = connectors
        self.streams = streams
    }

    /// The process.
    package struct Daemon: Sendable, Equatable, Codable {
        package var version: String
        package var pid: Int32
        package var started: Instant

        package init(version: String, pid: Int32, started: Instant) {
            self.version = version
            self.pid = pid
            self.started = started
        }
    }

    package struct Connector: Sendable, Equatable, Codable {
        package var name: String
        /// `ConnectorState.name`, or "not running".
        package var state: String
        /// Why it needs attention, with what to do; nil where it does not.
        package var reason: String?
        /// Of its webhook, since the start; nil where it has none.
        package var webhook: Webhook?

        package init(name: String, state: String, reason: String? = nil, webhook: Webhook? = nil) {
            self.name = name
            self.state = state
            self.reason = reason
            self.webhook = webhook
        }
    }

    /// Counts of requests to a webhook.
    package struct Webhook: Sendable, Equatable, Codable {
        package var accepted: Int64
        package var duplicates: Int64
        /// By the refusal's code.
        package var refused: [String: Int64]
        package var lastEvent: Instant?

        enum CodingKeys: String, CodingKey {
            case accepted, duplicates, refused
            case lastEvent = "last_event"
        }

        package init(
            accepted: Int64 = 0,
            duplicates: Int64 = 0,
            refused: [String: Int64] = [:],
            lastEvent: Instant? = nil
        ) {
            self.accepted = accepted
            self.duplicates = duplicates
            self.refused = refused
            self.lastEvent = lastEvent
        }
    }
}

extension DaemonStatus {
    /// One stream, or the events that wait for one.
    package struct Stream: Sendable, Equatable, Codable {
        /// What it does now.
        package enum State: String, Sendable, Codable {
            case syncing, idle, waiting
            /// The last run failed for a reason that passes.
            case failing
            /// Only a person can help.
            case blocked
            /// Not in the configuration any more: what the state remembers of it.
            case removed
            /// No daemon runs.
            case off = "not running"
        }

        package var connector: String
        package var stream: String
        package var state: State
        package var lastSuccess: Instant?
        /// Since the last success: how old what has arrived may be. Nil where nothing ever succeeded.
        package var lagSeconds: Double?
        /// Nil for what runs when something comes, or where no daemon runs.
        package var nextRun: Instant?
        /// Of runs that began today (UTC).
        package var recordsToday: Int64 = 0
        /// Over all runs.
        package var records: Int64 = 0
        package var deletes: Int64 = 0
        package var deadLetters: Int64 = 0
        /// Events of webhooks that wait.
        package var waitingEvents: Int64 = 0
        /// Runs in a row that failed.
        package var failures: Int64 = 0
        /// Whether a walk is half done: the next run goes on there.
        package var isWalkUnderWay = false
        package var lastRun: RunRecord?
        /// When the source was last read to its end.
        package var completeAt: Instant?
        /// In what the source differs from its definition; nil for none.
        package var doubts: [Difference]?
        /// The last day, hour by hour; hours without runs are left out.
        package var activity: [ActivityHour] = []

        package var id: StreamID { StreamID(connector: connector, stream: stream) }

        enum CodingKeys: String, CodingKey {
            case connector, stream, state, records, deletes, failures, activity
            case lastSuccess = "last_success"
            case lagSeconds = "lag_seconds"
            case nextRun = "next_run"
            case recordsToday = "records_today"
            case deadLetters = "dead_letters"
            case waitingEvents = "waiting_events"
            case doubts
            case completeAt = "complete_at"
            case isWalkUnderWay = "walk_under_way"
            case lastRun = "last_run"
        }

        /// A `Doubt`, as `status` tells it.
        package struct Difference: Sendable, Equatable, Codable {
            package var kind: String
            /// The key of the definition to correct; empty where there is none.
            package var key: String
            package var count: Int64?
            package var mayMissRecords: Bool
            package var text: String

            enum CodingKeys: String, CodingKey {
                case kind, key, count, text
                case mayMissRecords = "may_miss_records"
            }

            package init(_ doubt: Doubt) {
                kind = doubt.kind.rawValue
                key = doubt.key
                count = doubt.count
                mayMissRecords = doubt.mayMissRecords
                text = doubt.text
            }
        }

        package init(_ id: StreamID, state: State) {
            connector = id.connector
            stream = id.stream
            self.state = state
        }
    }
}
