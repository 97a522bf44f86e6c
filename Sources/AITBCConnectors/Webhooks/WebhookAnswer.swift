public import ConnectorCore

/// What became of an event, or of all events of a request; the raw value is its wire form.
public enum WebhookStatus: String, Sendable, CaseIterable {
    /// Verified and handed to ``WebhookOptions/queue``.
    case queued
    /// Every handler took it.
    case processed
    /// Some handlers took it and some threw; delivered again, it goes to those that threw.
    case partial
    /// No handler is for its type, or it was handled before.
    case ignored
    /// Every handler threw, or the queue did; it may be delivered again as if it were new.
    case failed
}

/// What to answer the sender. Give it a status of 200 to ``WebhookStatus/queued``, ``WebhookStatus/processed`` and
/// ``WebhookStatus/ignored``, and one of 500 to the others if the event should be delivered again.
public struct WebhookAnswer: Sendable {
    /// Of all events together.
    public var status: WebhookStatus
    /// Each event of the request, in its order.
    public var events: [Outcome]

    /// What became of one event.
    public struct Outcome: Sendable {
        /// The event's.
        public var eventID: String
        /// The event's.
        public var status: WebhookStatus
        /// It was handled before.
        public var isDuplicate: Bool
        /// What handlers, or the queue, threw.
        public var errors: [any Error]

        /// An outcome from its parts.
        public init(eventID: String, status: WebhookStatus, isDuplicate: Bool = false, errors: [any Error] = []) {
            self.eventID = eventID
            self.status = status
            self.isDuplicate = isDuplicate
            self.errors = errors
        }

        /// `status` and `event_id`.
        public var json: JSONValue {
            ["status": .string(status.rawValue), "event_id": .string(eventID)]
        }
    }

    /// The answer to a request with these events.
    public init(_ events: [Outcome]) {
        self.events = events
        status = WebhookStatus(events.map(\.status))
    }

    /// Of the only event; nil where the request had none or several.
    public var eventID: String? { events.count == 1 ? events[0].eventID : nil }

    /// The wire form: `status` and `event_id`; where the request had not one event, `event_id` is null and `events`
    /// holds each.
    public var json: JSONValue {
        if events.count == 1 { return events[0].json }
        return [
            "status": .string(status.rawValue), "event_id": .null, "events": .array(events.map(\.json)),
        ]
    }
}

extension WebhookStatus {
    /// Of several events: the one they share, whatever was ignored; `partial` where only some succeeded.
    init(_ statuses: [WebhookStatus]) {
        let kinds = Set(statuses).subtracting([.ignored])
        if kinds.isEmpty {
            self = .ignored
        } else if kinds.count == 1, let only = kinds.first {
            self = only == .failed && statuses.contains(.ignored) ? .partial : only
        } else {
            self = kinds.isDisjoint(with: [.failed, .partial]) ? .processed : .partial
        }
    }
}
