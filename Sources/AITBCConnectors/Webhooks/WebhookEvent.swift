public import ConnectorCore

/// Something that happened at a sender's, as a handler gets it: verified, and read by ``WebhookFields``.
public struct WebhookEvent: Sendable, Hashable, Codable {
    /// The sender's own name of this event; the same when it is delivered again.
    public var id: String
    /// What happened, such as `charge.succeeded`.
    public var type: String
    /// Who sent it: ``WebhookOptions/source``, or the endpoint.
    public var source: String
    /// When it happened; when it arrived, where the sender does not say or in no form that is known.
    public var timestamp: Instant
    /// What it is about.
    public var data: JSONValue
    /// The signature header as it came; nil for an event that was not signed.
    public var signature: String?

    /// A webhook event from its parts.
    public init(
        id: String,
        type: String,
        source: String,
        timestamp: Instant,
        data: JSONValue,
        signature: String? = nil
    ) {
        self.id = id
        self.type = type
        self.source = source
        self.timestamp = timestamp
        self.data = data
        self.signature = signature
    }

    /// The wire form: `id`, `type`, `source`, `timestamp` (ISO 8601), `data`, `signature`.
    public var json: JSONValue {
        [
            "id": .string(id),
            "type": .string(type),
            "source": .string(source),
            "timestamp": .string(timestamp.iso8601()),
            "data": data,
            "signature": signature.map { .string($0) } ?? .null,
        ]
    }

    /// Reads the wire form, such as a queue has stored it; nil where a part is missing or of another kind.
    public init?(json: JSONValue) {
        guard let id = json["id"]?.string, let type = json["type"]?.string, let source = json["source"]?.string,
            let time = json["timestamp"]?.string, let timestamp = Instant(iso8601: time), let data = json["data"]
        else { return nil }
        self.init(
            id: id,
            type: type,
            source: source,
            timestamp: timestamp,
            data: data,
            signature: json["signature"]?.string
        )
    }
}
