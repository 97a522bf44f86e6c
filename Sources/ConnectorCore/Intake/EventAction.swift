/// What the shell is to do next for an `EventMachine`, one after the other. What asks for an answer is the last one.
package enum EventAction: Sendable {
    /// Read the oldest events that wait, at most so many and about so many bytes, then report `loaded`.
    case load(limit: Int, bytes: Int)
    /// Ask the state about these objects of the stream, then report `lookedUp`.
    case lookUp([Hash128], of: StreamID)
    /// Make durable among the dead letters, then report `buried`.
    case bury([DeadLetter])
    /// Hand the lines of these changes to the stream's sink, then report `written`.
    case write([EventChange], to: StreamID)
    /// Pass these on, those of one object in their order and none behind one that failed, then report `forwarded`.
    case forward([EventForward])
    /// Make what was written durable, then report `flushed`; nil where nothing was.
    case flush
    /// Make the checkpoint durable, then report `committed`.
    case commit(Checkpoint)
    /// These streams are to be synced early; that is durable.
    case announce([StreamID])
    /// The run is over; nothing more may be reported.
    case finish(SyncOutcome)
}

/// An event to pass on, and what it changes.
package struct EventForward: Sendable {
    package var event: WaitingEvent
    package var change: EventChange?
}

/// What became of an event that was passed on.
package struct ForwardedOutcome: Sendable {
    package enum Result: Sendable {
        case accepted
        /// For good.
        case refused(reason: String, code: String?)
        /// It may be taken later.
        case failed(SyncFailure)
    }

    package var event: WaitingEvent
    package var result: Result

    package init(_ event: WaitingEvent, _ result: Result) {
        self.event = event
        self.result = result
    }
}
