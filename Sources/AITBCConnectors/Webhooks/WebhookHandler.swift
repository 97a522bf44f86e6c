public import ConnectorCore
import CurlTransport
import Synchronization

/// Verifies webhook requests, reads their events and gives each to the handlers of its type, once.
///
/// It has no network code: an HTTP server of your choice hands it the raw body and the headers.
///
/// ```swift
/// let webhooks = WebhookHandler(WebhookOptions(scheme: .stripe(), fields: .stripe))
/// webhooks.addHandler("charge.succeeded") { event in try await books.enter(event.data) }
/// try await webhooks.setup(endpoint: "/webhooks/stripe", secret: Secret(signingSecret))
/// let answer = try await webhooks.handle(payload: body, headers: headers)
/// ```
///
/// The bytes of the body are verified before they are parsed. Safe to call from any task, many at a time.
public final class WebhookHandler: Sendable {
    /// Gets an event; what it throws makes the event ``WebhookStatus/failed`` or ``WebhookStatus/partial``.
    public typealias Action = @Sendable (WebhookEvent) async throws -> Void

    /// The event type whose handlers get every event.
    public static let everyType = "*"
    /// While secrets are rolled there are two; each costs a digest for every request.
    public static let maximumSecrets = 8

    let options: WebhookOptions
    /// Of a connector's definition: it reads events instead of the options' fields.
    let rule: WebhookRule?
    /// Types of its events whose id is their object's.
    let namesObjects: Set<String>
    let now: @Sendable () -> Instant
    let state: Mutex<State>

    /// A handler that was added, to be removed again.
    public struct Registration: Sendable, Hashable {
        let number: Int
    }

    struct Handler {
        let number: Int
        let type: String
        let action: Action
    }

    /// What `setup` was told.
    struct Setup {
        var endpoint: String
        var secrets: [Secret]
        var verifier: WebhookVerifier
    }

    struct State {
        var setup: Setup?
        /// In the order in which they were added, which is the order in which they are called.
        var handlers: [Handler] = []
        var added = 0
        var memory: WebhookMemory<Waiter>
    }

    /// Wakes a delivery with what became of the same event in another; nil where that nobody knows any more.
    typealias Waiter = CheckedContinuation<WebhookAnswer.Outcome?, Never>

    /// A handler without secrets, which refuses everything until ``setup(endpoint:secret:)``. `now` is the clock that
    /// signatures are judged by; the system's where it is nil.
    public init(
        _ options: WebhookOptions = WebhookOptions(),
        now: (@Sendable () -> Instant)? = nil
    ) {
        self.options = options
        rule = nil
        namesObjects = []
        self.now = now ?? { SystemClocks().now }
        state = Mutex(State(memory: WebhookMemory(limit: options.rememberedEvents)))
    }

    /// As a connector's definition and settings say.
    init(_ rule: WebhookRule, of connector: ConnectorDefinition, now: @escaping @Sendable () -> Instant) {
        self.rule = rule
        namesObjects = rule.typesNamingObjects(of: connector.streams)
        let connector = connector.name
        self.now = now
        options = WebhookOptions(scheme: rule.scheme, source: connector, allowsUnsigned: rule.allowsUnsigned)
        let verifier = WebhookVerifier(
            scheme: rule.scheme,
            secrets: rule.secrets,
            allowsUnsigned: rule.allowsUnsigned
        )
        var state = State(memory: WebhookMemory(limit: options.rememberedEvents))
        state.setup = Setup(endpoint: connector, secrets: rule.secrets, verifier: verifier)
        self.state = Mutex(state)
    }

    /// Sets the endpoint (a path or URL, the `source` of events) and the secret. Without a secret every request is
    /// refused, unless ``WebhookOptions/allowsUnsigned``.
    ///
    /// Throws a ``ConfigurationError`` for a secret that is empty or not written as its scheme says, a scheme that makes no sense, and for unsigned events at a
    /// URL that is not on loopback. Called again, it replaces the secret; handlers stay.
    public func setup(endpoint: String, secret: Secret? = nil) async throws(ConfigurationError) {
        try await setup(endpoint: endpoint, secrets: secret.map { [$0] } ?? [])
    }

    /// As ``setup(endpoint:secret:)``, with every secret that is valid while one is rolled.
    public func setup(endpoint: String, secrets: [Secret]) async throws(ConfigurationError) {
        if let flaw = flaw(endpoint, secrets) {
            throw ConfigurationError(ErrorContext("the webhook can't be set up: \(flaw)", code: "WEBHOOK_SETUP"))
        }
        let verifier = WebhookVerifier(
            scheme: options.scheme,
            secrets: secrets,
            allowsUnsigned: options.allowsUnsigned
        )
        state.withLock { $0.setup = Setup(endpoint: endpoint, secrets: secrets, verifier: verifier) }
    }

    /// As ``setup(endpoint:secret:)``, from a configuration's `webhook_endpoint` and `webhook_secret`.
    ///
    /// Throws a ``ConfigurationError`` also where the configuration names no endpoint.
    public func setup(_ config: ConnectorConfig) async throws(ConfigurationError) {
        guard let endpoint = config.webhookEndpoint else {
            throw ConfigurationError(ErrorContext("webhook_endpoint is not set", code: "WEBHOOK_SETUP"))
        }
        try await setup(endpoint: endpoint, secret: config.webhookSecret)
    }

    private func flaw(_ endpoint: String, _ secrets: [Secret]) -> String? {
        if let flaw = options.scheme.flaw ?? options.scheme.flaw(of: secrets) { return flaw }
        if secrets.count > Self.maximumSecrets { return "there are more than \(Self.maximumSecrets) secrets" }
        if options.allowsUnsigned, let url = URLReference(endpoint), !url.isLoopback {
            return "unsigned events are for trials on loopback, and the endpoint is elsewhere"
        }
        return nil
    }

    /// Forgets the secrets, the handlers and the events that were handled. Handlers that are running end on their own.
    public func cleanup() async {
        let waiters = state.withLock { state in
            state.setup = nil
            state.handlers = []
            return state.memory.removeAll()
        }
        for waiter in waiters {
            waiter.resume(returning: nil)
        }
    }

    /// Adds a handler for an exact event type, or for every type (`*`). Several for one type are called one after the
    /// other, in the order in which they were added.
    @discardableResult
    public func addHandler(_ eventType: String, _ handler: @escaping Action) -> Registration {
        state.withLock { state in
            state.added += 1
            state.handlers.append(Handler(number: state.added, type: eventType, action: handler))
            return Registration(number: state.added)
        }
    }

    /// Removes a handler; answers whether it was there. An event that it is handling already is handled to the end.
    @discardableResult
    public func removeHandler(_ registration: Registration) -> Bool {
        state.withLock { state in
            let before = state.handlers.count
            state.handlers.removeAll { $0.number == registration.number }
            return state.handlers.count < before
        }
    }

    /// Removes every handler that was added for an event type; answers how many these were.
    @discardableResult
    public func removeHandlers(for eventType: String) -> Int {
        state.withLock { state in
            let before = state.handlers.count
            state.handlers.removeAll { $0.type == eventType }
            return before - state.handlers.count
        }
    }
}
