package import ConnectorCore

/// An event as AITBC gets it.
package struct ForwardedEvent: Sendable, Equatable {
    package var event: WaitingEvent
    package var connector: String
    /// What the event is about: `customer.subscription`.
    package var concern: String
    package var body: [UInt8]
    /// The same for the same event, whenever it is sent.
    package var idempotencyKey: String
    /// Events with the same lane go one after the other.
    package var lane: Hash128

    package init(_ event: WaitingEvent, of connector: String, change: EventChange?) {
        self.event = event
        self.connector = connector
        concern = WebhookRule.concern(ofType: event.type)
        let id = event.id.map(JSONValue.string) ?? .null
        let type = JSONValue.string(event.type)
        var body = Array("{\"event_id\":\(id.text),\"event_type\":\(type.text),\"object\":".utf8)
        if let change { body += change.object } else { body += event.bytes }
        body.append(UInt8(ascii: "}"))
        self.body = body
        idempotencyKey = BatchKey.of(Array("\(connector)/\(event.id ?? String(event.number))/".utf8) + body)
        lane = change?.key ?? ContentHash.hash(Array(concern.utf8))
    }
}

/// Passes events on, beside the records that they carry.
package protocol EventForwarder: Sendable {
    /// Sends one event, and again where that is safe and may help.
    func forward(_ event: ForwardedEvent) async -> BatchOutcome
}

/// `POST /webhooks/{connector}/{object}`.
extension AITBCSender: EventForwarder {
    package func forward(_ event: ForwardedEvent) async -> BatchOutcome {
        let parts = ["webhooks", event.connector, event.concern].map(\.percentEncoded)
        return await send(event.body, to: parts.joined(separator: "/"), idempotencyKey: event.idempotencyKey)
    }
}
