import Dispatch
import Glibc

/// A signal the service acts upon.
package enum ProcessSignal: Sendable, Equatable, CaseIterable {
    /// SIGTERM: systemd stops the service.
    case terminate
    /// SIGINT: a person pressed Control-C.
    case interrupt
    /// SIGHUP: reload.
    case hangUp

    var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        }
    }
}

/// Turns signals into calls. While it lives, SIGTERM, SIGINT and SIGHUP no longer end the process; every one that
/// arrives is delivered, so that the caller can tell a second SIGTERM from the first. (Signals of one kind that arrive
/// before the handler ran may come as one, as Unix has it.) SIGPIPE is ignored for good: writing to a closed
/// connection is an error like others.
///
/// `@unchecked Sendable`: the sources are set once, in `init`, and Dispatch's own methods may be called from any thread.
package final class ProcessSignals: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    /// `handler` runs on a queue of its own, one signal at a time. Returns once signals are caught.
    package init(_ handler: @escaping @Sendable (ProcessSignal) -> Void) {
        signal(SIGPIPE, SIG_IGN)
        let queue = DispatchQueue(label: "signals")
        let caught = DispatchGroup()
        sources = ProcessSignal.allCases.map { kind in
            let source = DispatchSource.makeSignalSource(signal: kind.number, queue: queue)
            source.setEventHandler { handler(kind) }
            // Dispatch takes the signal over from its default, which ends the process, some time after `activate`.
            caught.enter()
            source.setRegistrationHandler { caught.leave() }
            source.activate()
            return source
        }
        caught.wait()
    }

    /// The signals as a sequence, which buffers what is not yet taken.
    package static func stream() -> (signals: ProcessSignals, events: AsyncStream<ProcessSignal>) {
        let (events, continuation) = AsyncStream.makeStream(of: ProcessSignal.self)
        return (ProcessSignals { continuation.yield($0) }, events)
    }

    deinit {
        for source in sources { source.cancel() }
    }
}
