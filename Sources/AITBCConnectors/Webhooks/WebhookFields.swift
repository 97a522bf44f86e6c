import ConnectorCore

/// Where a sender writes the parts of an event. A path holds member names from the outside in; the initializers take
/// it with dots (`data.object`).
public struct WebhookFields: Sendable, Equatable {
    /// The array of events in a body that carries several; nil where the body is one event.
    public var events: [String]?
    /// The event's name of its own: a text or a number.
    public var id: [String]
    /// What happened; the texts of several paths are joined with dots.
    public var type: [[String]]
    /// When it happened: Unix seconds, or a text by ISO 8601.
    public var timestamp: [String]
    /// What it is about; the whole event where the path is empty.
    public var data: [String]
    /// Who sent it; nil where the event does not say: ``WebhookOptions/source``, or the endpoint.
    public var source: [String]?

    /// Paths with dots between the names.
    public init(
        events: String? = nil,
        id: String = "id",
        type: [String] = ["type"],
        timestamp: String = "created",
        data: String = "data",
        source: String? = nil
    ) {
        self.events = events.map { FieldPath.parse($0) }
        self.id = FieldPath.parse(id)
        self.type = type.map { FieldPath.parse($0) }
        self.timestamp = FieldPath.parse(timestamp)
        self.data = FieldPath.parse(data)
        self.source = source.map { FieldPath.parse($0) }
    }

    /// As AITBC writes an event: `id`, `type`, `source`, `timestamp`, `data`.
    public static let aitbc = WebhookFields(timestamp: "timestamp", source: "source")

    /// As Stripe writes an event.
    public static let stripe = WebhookFields()
    /// As Square writes an event.
    public static let square = WebhookFields(id: "event_id", timestamp: "created_at")
    /// As GoCardless writes up to 250 events in one body; `payments` and `confirmed` are the type `payments.confirmed`.
    public static let goCardless = WebhookFields(
        events: "events",
        type: ["resource_type", "action"],
        timestamp: "created_at",
        data: ""
    )
}

extension WebhookFields {
    /// What every event of one request has in common.
    struct Delivery {
        var source: String
        var signature: String?
        var arrived: Instant
    }

    /// The events of a body. One that has no id or no type makes the body none: an event must not get lost unseen.
    func events(in body: [UInt8], _ delivery: Delivery) throws(WebhookError) -> [WebhookEvent] {
        var read: [WebhookEvent] = []
        for element in try WebhookBody.elements(of: body, at: events) { read.append(try event(element, delivery)) }
        return read
    }

    private func event(_ value: JSONValue, _ delivery: Delivery) throws(WebhookError) -> WebhookEvent {
        let id = try WebhookBody.checked(id: try WebhookBody.text(at: id, in: value))
        var types: [String] = []
        for path in type {
            types.append(try WebhookBody.text(at: path, in: value))
        }
        return WebhookEvent(
            id: id,
            type: types.joined(separator: "."),
            source: source.flatMap { FieldPath.value(at: $0, in: value)?.string } ?? delivery.source,
            timestamp: instant(FieldPath.value(at: timestamp, in: value)) ?? delivery.arrived,
            data: FieldPath.value(at: data, in: value) ?? .null,
            signature: delivery.signature
        )
    }

    private func instant(_ value: JSONValue?) -> Instant? {
        if let seconds = value?.int64 { return Instant(seconds: seconds) }
        guard let text = value?.string else { return nil }
        return Instant(iso8601: text) ?? Int64(text).map { Instant(seconds: $0) }
    }
}

extension WebhookError {
    /// A refusal with what is known besides.
    init(_ refusal: WebhookRefusal, _ detail: String? = nil, underlying: (any Error)? = nil) {
        let message = detail.map { "\(refusal.message): \($0)" } ?? refusal.message
        self.init(ErrorContext(message, code: refusal.rawValue, underlying: underlying, hint: refusal.hint))
    }
}
