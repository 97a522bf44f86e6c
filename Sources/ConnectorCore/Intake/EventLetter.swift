/// Events among the dead letters: `{"event_id":…,"event_type":…,"event":…}` with the event as its sender wrote it.
extension DeadLetter {
    private static let eventOperation = "event"

    /// An event that could not be applied, or that AITBC refused for good.
    package init(_ stream: StreamID, event: WaitingEvent, reason: String, code: String?, at: Instant) {
        let id = event.id.map(JSONValue.string) ?? .null
        let type = JSONValue.string(event.type)
        let line =
            Array("{\"event_id\":\(id.text),\"event_type\":\(type.text),\"event\":".utf8) + event.bytes
            + [UInt8(ascii: "}")]
        self.init(
            stream,
            operation: Self.eventOperation,
            key: id.text,
            line: line,
            reason: reason,
            code: code,
            at: at,
            content: ContentHash.hash(line)
        )
    }

    package var isEvent: Bool { operation == Self.eventOperation }

    /// The event on its way back into the inbox, for the stream that its type leads to by now; nil for a record, and
    /// where its type does nothing any more.
    package func event(by rule: WebhookRule) -> IncomingEvent? {
        guard isEvent, let parts = try? JSONValue(parsing: line), let type = parts["event_type"]?.string,
            let event = parts["event"], let effect = rule.effect(of: type)
        else { return nil }
        return IncomingEvent(
            id: parts["event_id"]?.string,
            type: type,
            stream: .events(of: stream.connector, into: effect.stream),
            bytes: event.bytes,
            isReplay: true
        )
    }
}
