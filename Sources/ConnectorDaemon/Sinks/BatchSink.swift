package import ConnectorCore

/// Lines to a server, in batches.
///
/// At least once: a flush returns when every line before it was taken or is a dead letter, so the cursor never passes
/// one that is neither. After a crash the lines since the last checkpoint are sent again.
package struct BatchSink: Sink {
    package let identity: SinkIdentity
    private let sender: any BatchSender
    private let format: BatchFormat
    private let rule: BatchRule
    private let deadLetters: any DeadLetterStore
    private let deadLetterLimit: Int
    private let clocks: any Clocks
    private let events: any EventSink

    package init(
        _ sender: any BatchSender,
        identity: SinkIdentity,
        format: BatchFormat,
        rule: BatchRule,
        deadLetters: any DeadLetterStore,
        deadLetterLimit: Int = DeadLetterLimit.perStream,
        clocks: any Clocks,
        events: any EventSink
    ) {
        self.identity = identity
        self.sender = sender
        self.format = format
        self.rule = rule
        self.deadLetters = deadLetters
        self.deadLetterLimit = deadLetterLimit
        self.clocks = clocks
        self.events = events
    }

    /// The other side has no positions: what was not flushed is sent again.
    package func open(_ stream: StreamID, at position: SinkPosition?) async throws(SinkError) -> any SinkWriter {
        let delivery = BatchDelivery(
            stream: stream,
            sender: sender,
            format: format,
            deadLetters: deadLetters,
            deadLetterLimit: deadLetterLimit,
            clocks: clocks,
            events: events
        )
        return BatchWriter(delivery, rule)
    }

    package var heldUntil: MonotonicInstant? { sender.heldUntil }

    package func retire() { sender.retire() }
}
