/// What the log's events add up to since the start, for the metrics. A value without I/O.
package struct EventCounts: Sendable, Equatable {
    package struct Stream: Sendable, Equatable {
        package var succeeded: Int64 = 0
        package var failed: Int64 = 0
        package var interrupted: Int64 = 0
        package var pages: Int64 = 0
        package var bytes: Int64 = 0
        package var retries: Int64 = 0
        package var duration = Histogram()
    }

    package private(set) var streams: [StreamID: Stream] = [:]
    /// By level.
    package private(set) var lines: [LogEntry.Level: Int64] = [:]
    package private(set) var quotaPauses: [String: Int64] = [:]
    package private(set) var reloads: Int64 = 0
    package private(set) var refusedReloads: Int64 = 0

    package init() {}

    package mutating func count(_ event: Event) {
        lines[event.level, default: 0] += 1
        switch event {
        case .runSucceeded(let stream, let run, _):
            count(run, of: stream)
            streams[stream]?.succeeded += 1
        case .runInterrupted(let stream, let run):
            count(run, of: stream)
            streams[stream]?.interrupted += 1
        case .runFailed(let stream, let run, _):
            count(run, of: stream)
            streams[stream]?.failed += 1
        case .connectorBlocked(let stream, _): streams[stream, default: Stream()].failed += 1
        case .retrying(let stream, _, _, _, _): streams[stream, default: Stream()].retries += 1
        case .quotaPause(let connector, _): quotaPauses[connector, default: 0] += 1
        case .reloaded: reloads += 1
        case .configurationRefused: refusedReloads += 1
        default: break
        }
    }

    private mutating func count(_ run: RunRecord, of stream: StreamID) {
        streams[stream, default: Stream()].pages += run.pages
        streams[stream]?.bytes += run.bytes
        if let ended = run.ended { streams[stream]?.duration.observe((ended - run.started).inSeconds) }
    }
}
