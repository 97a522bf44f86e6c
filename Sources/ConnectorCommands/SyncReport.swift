import ConnectorCore
import ConnectorDaemon
import Synchronization

/// What `sync` shows: a line that moves on a terminal, one line a stream elsewhere.
final class SyncReport: Sendable {
    private let redactor: Redactor
    private let isJSON: Bool
    private let isInteractive = Terminal.isInteractive
    private let clocks: any Clocks
    private let lastShown: Mutex<MonotonicInstant>

    /// A line that changes more often than this can't be read.
    private static let interval: Duration = .milliseconds(100)

    init(redactor: Redactor, isJSON: Bool, clocks: any Clocks) {
        self.redactor = redactor
        self.isJSON = isJSON
        self.clocks = clocks
        lastShown = Mutex(clocks.monotonic)
    }

    func progress(of stream: StreamID) -> @Sendable (RunRecord) -> Void {
        guard isInteractive, !isJSON else { return { _ in } }
        let began = clocks.monotonic
        return { [self] run in
            let now = clocks.monotonic
            let isDue = lastShown.withLock { last in
                guard now - last >= Self.interval else { return false }
                last = now
                return true
            }
            guard isDue else { return }
            let rate = Int(Double(run.records) / max(0.001, (now - began).inSeconds))
            Terminal.progress("\(stream): \(run.records) records, \(run.pages) pages, \(rate)/s")
        }
    }

    func ended(_ stream: StreamID, _ outcome: SyncOutcome) {
        if isInteractive, !isJSON { Terminal.progress(nil) }
        switch outcome {
        case .succeeded(let run): show(stream, run, nil)
        case .interrupted(let run): show(stream, run, nil)
        case .failed(let run, let failure): show(stream, run, redactor.redact(failure.description))
        }
    }

    func show(_ stream: StreamID, _ run: RunRecord, _ error: String?) {
        if isJSON {
            Terminal.say(SyncResultJSON.of(stream, run, error))
        } else if let error {
            Terminal.complain("\(stream): failed: \(error)")
        } else {
            let deletes = run.deletes > 0 ? ", \(Counted.text(run.deletes, "deletion"))" : ""
            let seconds = run.ended.map { ($0 - run.started).inSeconds } ?? 0
            let tenths = Int(seconds * 10 + 0.5)
            let verb = run.outcome == .interrupted ? "stopped after " : ""
            Terminal.complain(
                "\(stream): \(verb)\(Counted.text(run.records, "record"))\(deletes), \(Counted.text(run.pages, "page")) in \(tenths / 10).\(tenths % 10) s"
            )
        }
    }
}

/// What came of a stream's sync, for programs and between daemon and command.
enum SyncResultJSON {
    static func of(_ stream: StreamID, _ run: RunRecord, _ error: String?) -> JSONValue {
        [
            "connector": .string(stream.connector), "stream": .string(stream.stream),
            "outcome": .string(run.outcome.rawValue), "records": .int(run.records), "deletes": .int(run.deletes),
            "pages": .int(run.pages), "bytes": .int(run.bytes), "error": error.map(JSONValue.string) ?? .null,
        ]
    }
}
