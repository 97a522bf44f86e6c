public import ConnectorCore

/// How a ``WebhookHandler`` verifies, reads and remembers.
public struct WebhookOptions: Sendable {
    /// How the sender signs. As it stands: lower- or upper-case hex of HMAC-SHA-256 over the body, in `X-Signature`.
    public var scheme: WebhookScheme
    /// Where the sender writes the parts of an event.
    public var fields: WebhookFields
    /// The ``WebhookEvent/source`` of every event; the endpoint where it is nil.
    public var source: String?
    /// Takes requests that bear no signature, or that no secret is there for. For trials on loopback only: whoever
    /// reaches the endpoint can make up events. A signature that is there and wrong is refused all the same.
    public var allowsUnsigned: Bool
    /// The longest body, in bytes; longer ones are refused before anything else is done with them.
    public var maximumBodyBytes: Int
    /// So many handled events are remembered, to know one that is delivered again.
    public var rememberedEvents: Int
    /// Takes verified events instead of the handlers, and keeps them: the answer is ``WebhookStatus/queued`` once it
    /// returns. Later give each to ``WebhookHandler/process(_:)``. A queue that throws makes the event `failed`.
    public var queue: (@Sendable (WebhookEvent) async throws -> Void)?

    /// AITBC's own events: hex HMAC-SHA-256 over the body in `X-Signature`, and AITBC's form.
    public static let aitbc = WebhookOptions(fields: .aitbc)

    /// Four times what senders are known to send.
    public static let defaultMaximumBodyBytes = 1 << 20
    /// Some megabytes at most; senders repeat an event within days, small ones within a few thousand events.
    public static let defaultRememberedEvents = 10_000

    /// A set of webhook options from its parts.
    public init(
        scheme: WebhookScheme = .hmac(WebhookSignature()),
        fields: WebhookFields = WebhookFields(),
        source: String? = nil,
        allowsUnsigned: Bool = false,
        maximumBodyBytes: Int = WebhookOptions.defaultMaximumBodyBytes,
        rememberedEvents: Int = WebhookOptions.defaultRememberedEvents,
        queue: (@Sendable (WebhookEvent) async throws -> Void)? = nil
    ) {
        self.scheme = scheme
        self.fields = fields
        self.source = source
        self.allowsUnsigned = allowsUnsigned
        self.maximumBodyBytes = maximumBodyBytes
        self.rememberedEvents = rememberedEvents
        self.queue = queue
    }
}
