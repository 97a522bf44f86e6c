/// How a connector's webhook is proven and read, and what its events do. Data of a definition.
package struct WebhookRule: Sendable, Equatable {
    package var scheme: WebhookScheme
    /// Every secret that is valid now; two while one is rolled.
    package var secrets: [Secret]
    /// For trials on loopback only: whoever reaches the listener can make up events.
    package var allowsUnsigned: Bool
    /// The array of events in a body that carries several; nil where the body is one event.
    package var events: [String]?
    /// What names an event; empty where the sender gives it no name, and nothing tells a repetition from news.
    package var id: [WebhookField]
    /// What happened; the parts are joined with dots.
    package var type: [WebhookField]
    /// What orders the events of one object: the event's time, or the object's version.
    package var version: Version?
    /// The object inside the event.
    package var object: [String]
    /// In the order of the definition.
    package var effects: [WebhookEffect]
    /// Streams that only events fill, beside the connector's own.
    package var streams: [String]
    /// How long ids are remembered: longer than the sender repeats an event.
    package var remember: Duration
    /// The query parameter of a validation request, where the sender makes one.
    package var handshake: String?
    /// What to do at the sender, for `webhooks`.
    package var setup: String?

    /// Stripe repeats for three days, GoCardless for a week.
    package static let defaultRemember: Duration = .seconds(8 * 86_400)
    /// So many events a body may hold: GoCardless sends up to 250; each is a row of its own, or a call.
    package static let mostEvents = 5_000
    /// Ids are remembered: sixteen times the longest that is known, in bytes.
    package static let longestID = 512

    /// Where an event says how new it is.
    package struct Version: Sendable, Equatable {
        package var field: [String]
        package var format: CursorFormat

        package init(field: [String], format: CursorFormat) {
            self.field = field
            self.format = format
        }
    }

    package init(
        scheme: WebhookScheme,
        secrets: [Secret] = [],
        allowsUnsigned: Bool = false,
        events: [String]? = nil,
        id: [WebhookField] = [.path(["id"])],
        type: [WebhookField] = [.path(["type"])],
        version: Version? = nil,
        object: [String] = [],
        effects: [WebhookEffect] = [],
        streams: [String] = [],
        remember: Duration = WebhookRule.defaultRemember,
        handshake: String? = nil,
        setup: String? = nil
    ) {
        self.scheme = scheme
        self.secrets = secrets
        self.allowsUnsigned = allowsUnsigned
        self.events = events
        self.id = id
        self.type = type
        self.version = version
        self.object = object
        self.effects = effects
        self.streams = streams
        self.remember = remember
        self.handshake = handshake
        self.setup = setup
    }

    /// What an event of this type does: an exact type before a prefix, a longer prefix before a shorter one.
    package func effect(of type: String) -> WebhookEffect? {
        effects.filter { $0.matches(type) }.max { $0.precision < $1.precision }
    }

    /// What an event is about: its type without its last word (`customer.subscription` of
    /// `customer.subscription.updated`, `orders` of `orders/create`).
    package static func concern(ofType type: String) -> String {
        guard let cut = type.lastIndex(where: { $0 == "." || $0 == "/" }), cut > type.startIndex else { return type }
        return String(type[..<cut])
    }
}

/// A part of a request that says what an event is.
package enum WebhookField: Sendable, Equatable {
    /// A text or number inside the event.
    case path([String])
    case header(String)
    case query(String)
    case text(String)
}

/// What events of some types do.
package struct WebhookEffect: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        /// The event carries the record as it is now.
        case upsert
        /// The record is gone.
        case delete
    }

    /// A type, or the beginning of types and `*`.
    package var types: String
    /// What becomes of the stream's record; nil where the event only says that something changed.
    package var action: Action?
    /// The stream of the record.
    package var stream: String?
    /// Streams that are synced early.
    package var syncs: [String]
    /// Where the object's key is, inside the object; the stream's own where it is nil.
    package var key: [[String]]?
    /// Where such events have the object; nil: where all of them do.
    package var object: [String]?

    package init(
        _ types: String,
        action: Action? = nil,
        stream: String? = nil,
        syncs: [String] = [],
        key: [[String]]? = nil
    ) {
        self.types = types
        self.action = action
        self.stream = stream
        self.syncs = syncs
        self.key = key
    }

    func matches(_ type: String) -> Bool {
        types.hasSuffix("*") ? type.hasPrefix(types.dropLast()) : type == types
    }

    /// An exact type beats every prefix.
    var precision: Int { types.hasSuffix("*") ? types.utf8.count : .max }
}

extension StreamID {
    /// Runs that work off a connector's events are named after the stream they write into; those of events without one
    /// are the connector's `@webhook`. No stream of a definition can have such a name.
    private static let eventSuffix = "@webhook"

    /// Where events for a stream wait; `nil`: events that only trigger syncs.
    package static func events(of connector: String, into stream: String?) -> StreamID {
        StreamID(connector: connector, stream: (stream ?? "") + eventSuffix)
    }

    /// Whether this names waiting events and not a list.
    package var isEvents: Bool { stream.hasSuffix(Self.eventSuffix) }

    /// The stream that waiting events are for.
    package var eventTarget: StreamID? {
        guard isEvents, stream.utf8.count > Self.eventSuffix.utf8.count else { return nil }
        return StreamID(connector: connector, stream: String(stream.dropLast(Self.eventSuffix.count)))
    }
}
