import AITBCConnectors
package import ConnectorCore
import Synchronization

/// One request to the listener, as far as a webhook needs it.
package struct WebhookRequest: Sendable {
    package var method: String
    /// Decoded.
    package var path: String
    package var query: [(name: String, value: String)]
    package var headers: TransportHeaders
    package var body: [UInt8]
    package var peer: String

    package init(
        method: String = "POST",
        path: String,
        query: [(name: String, value: String)] = [],
        headers: TransportHeaders = [:],
        body: [UInt8] = [],
        peer: String = "127.0.0.1"
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
    }
}

/// Takes webhook requests: proves them, makes their events durable, and only then says 200.
package final class WebhookIntake: Sendable {
    package static let pathPrefix = "/webhooks/"
    /// How long a sender is asked to wait while the state can't take events.
    private static let retryAfterSeconds = 30
    /// Requests that wait for the disk at a time; each holds its body.
    private static let maximumInFlight = 1_000

    private struct Door: Sendable {
        var verifier: WebhookVerifier
        var reader: EventReader
    }

    /// By connector; nil for one whose file has mistakes: its sender is to come again.
    private let doors = Mutex<[String: Door?]>([:])
    private let inFlight = Atomic<Int>(0)
    private let ledger = WebhookLedger()
    private let inbox: any EventInbox
    private let limits: InboxLimits
    private let clocks: any Clocks
    private let events: any EventSink
    /// Whether connectors may ask to be sent events without proof.
    private let believesUnsigned: Bool
    /// Told of streams that events wait for. Must not block.
    private let onEvents: @Sendable (Set<StreamID>) -> Void

    package init(
        inbox: any EventInbox,
        limits: InboxLimits = InboxLimits(),
        clocks: any Clocks,
        events: any EventSink,
        believesUnsigned: Bool = true,
        onEvents: @escaping @Sendable (Set<StreamID>) -> Void
    ) {
        self.inbox = inbox
        self.limits = limits
        self.clocks = clocks
        self.events = events
        self.believesUnsigned = believesUnsigned
        self.onEvents = onEvents
    }

    /// The connectors whose webhooks are open from now on; `closed` are those whose files have mistakes.
    package func open(_ connectors: [ConnectorDefinition], closed: [String] = []) {
        var opened: [String: Door?] = [:]
        for name in closed { opened[name] = .some(nil) }
        for connector in connectors {
            guard let reader = EventReader(connector) else { continue }
            let rule = reader.rule
            if rule.allowsUnsigned, !believesUnsigned {
                let line =
                    "\(connector.name): its webhook believes everyone, and the listener can be reached from other "
                    + "machines: every event is refused; name the sender's way to sign in webhook.signature"
                events.record(.configurationWarning(line: line))
            }
            let verifier = WebhookVerifier(
                scheme: rule.scheme,
                secrets: rule.secrets,
                allowsUnsigned: rule.allowsUnsigned && believesUnsigned
            )
            opened[connector.name] = Door(verifier: verifier, reader: reader)
        }
        doors.withLock { $0 = opened }
    }

    /// By connector whose webhook is open, since the start.
    package var counts: [String: WebhookCounts] {
        let counted = ledger.counts()
        return doors.withLock { $0.filter { $0.value != nil }.keys }
            .reduce(into: [:]) { $0[$1] = counted[$1] ?? WebhookCounts() }
    }

    /// Requests for webhooks that there are not.
    package var refusedToNobody: Int64 { ledger.counts()[Self.nobody]?.refused.values.reduce(0, +) ?? 0 }

    /// Stands for a connector in counts and log where a path names none. No connector can have this name.
    private static let nobody = "-"

    package func answer(_ request: WebhookRequest) async -> TransportResponse {
        let name = String(request.path.dropFirst(Self.pathPrefix.count))
        let door: Door
        switch opening(name, request) {
        case .answered(let response): return response
        case .open(let opened): door = opened
        }
        guard inFlight.add(1, ordering: .relaxed).newValue <= Self.maximumInFlight else {
            inFlight.subtract(1, ordering: .relaxed)
            return refuse(name, request, "OVERLOAD", "too many webhooks wait for the disk", 503)
        }
        defer { inFlight.subtract(1, ordering: .relaxed) }
        return await take(request, name, door)
    }

    /// The answer that the request's head is enough for, before its body has come; nil where the body counts.
    package func answer(toHead request: WebhookRequest) -> TransportResponse? {
        let name = String(request.path.dropFirst(Self.pathPrefix.count))
        switch opening(name, request) {
        case .answered(let response): return response
        case .open(let door):
            guard let field = door.verifier.neededField, request.headers[field] == nil else { return nil }
            let refusal = WebhookRefusal.unsigned
            return refuse(name, request, refusal.rawValue, "\(refusal.message); \(refusal.hint)", refusal.status)
        }
    }

    private enum Opening {
        case answered(TransportResponse)
        case open(Door)
    }

    private func opening(_ name: String, _ request: WebhookRequest) -> Opening {
        guard let known = doors.withLock({ $0[name] }) else {
            tell(Self.nobody, request.peer, "UNKNOWN", Self.noSuchWebhook(name))
            return .answered(.plain(404, "There is no such webhook."))
        }
        guard let door = known else {
            let reason = "the connector's file has mistakes; mend them, then reload"
            return .answered(refuse(name, request, "DISABLED", reason, 503))
        }
        if let parameter = door.reader.rule.handshake,
            let answer = WebhookHandshake.answer(request.method, request.query, parameter: parameter)
        {
            return .answered(answer)
        }
        guard request.method == "POST" else {
            var response = refuse(name, request, "WRONG_METHOD", "it is a \(shown(request.method)), not a POST", 405)
            response.headers["Allow"] = "POST"
            return .answered(response)
        }
        return .open(door)
    }

    private func take(_ request: WebhookRequest, _ name: String, _ door: Door) async -> TransportResponse {
        let now = clocks.now
        do throws(WebhookRefusal) {
            // The raw bytes, before anything reads them.
            if door.reader.rule.allowsUnsigned, !request.isOfThisMachine { throw WebhookRefusal.unsigned }
            try door.verifier.verify(request.body, headers: request.headers, query: request.query, at: now)
        } catch {
            let answer = refuse(name, request, error.rawValue, "\(error.message); \(error.hint)", error.status)
            // Xero's intent to receive wants nothing but the status.
            return door.reader.rule.scheme == .xero ? TransportResponse(status: answer.status) : answer
        }
        let incoming: [IncomingEvent]
        do throws(EventProblem) {
            incoming = try door.reader.events(in: request.body, headers: request.headers, query: request.query)
        } catch {
            let reason = "the webhook \(error); check id, type and events of the webhook's definition"
            return refuse(name, request, WebhookRefusal.malformedEvent.rawValue, reason, 400)
        }
        do throws(StateError) {
            let until = now + door.reader.rule.remember
            let new = try await inbox.accept(incoming, of: name, at: now, until: until, limits: limits)
            ledger.accepted(name, new: new, of: incoming, at: now)
            if new > 0 { onEvents(Set(incoming.map(\.stream))) }
            return .queued(door.reader.rule.scheme.acknowledgement)
        } catch {
            return refuse(name, request, error.code.rawValue, error.description, 503)
        }
    }

    private func refuse(
        _ name: String,
        _ request: WebhookRequest,
        _ code: String,
        _ reason: String,
        _ status: Int
    ) -> TransportResponse {
        tell(name, request.peer, code, reason)
        var response = TransportResponse.plain(status, status == 503 ? "Try again later." : "The webhook is refused.")
        if status == 503 { response.headers["Retry-After"] = String(Self.retryAfterSeconds) }
        return response
    }
}

extension WebhookIntake {
    /// What the listener refused by itself: too large, or too much at once. Paths of others are none of ours.
    package func refused(path: String, peer: String, code: String, reason: String) {
        guard path.hasPrefix(Self.pathPrefix) else { return }
        let name = String(path.dropFirst(Self.pathPrefix.count))
        let isKnown = doors.withLock { $0[name] != nil }
        tell(isKnown ? name : Self.nobody, peer, code, isKnown ? reason : Self.noSuchWebhook(name))
    }

    /// Counted, and logged once a minute a connector, reason and peer.
    private func tell(_ name: String, _ peer: String, _ code: String, _ reason: String) {
        guard let untold = ledger.refused(name, reason: code, peer: peer, at: clocks.monotonic) else { return }
        events.record(.webhookRefused(connector: name, peer: peer, code: code, reason: reason, untold: untold))
    }

    /// A stranger's words: cut, and without control characters.
    private func shown(_ text: String) -> String { text.escapingControls(maximumBytes: 64) }

    private static func noSuchWebhook(_ name: String) -> String {
        "no connector \(name.escapingControls(maximumBytes: 64)) has a webhook; compare the sender's URL with `webhooks`"
    }
}

extension WebhookRequest {
    fileprivate var isOfThisMachine: Bool { LocalCaller.isOne(peer: peer, headers: headers) }
}

extension WebhookRefusal {
    /// What the sender is told: 401 for what proves nothing, 400 for what is old or can't be read.
    var status: Int {
        switch self {
        case .unsigned, .malformedSignature, .mismatch, .noSecret: 401
        case .tooOld, .tooNew, .malformedEvent: 400
        case .tooLarge: 413
        case .busy, .notSetUp: 503
        }
    }
}

extension TransportResponse {
    static func plain(_ status: Int, _ text: String) -> TransportResponse {
        TransportResponse(
            status: status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: Array((text + "\n").utf8)
        )
    }

    /// Durable, and worked off soon. `acknowledgement` is what the sender wants to read.
    static func queued(_ acknowledgement: String?) -> TransportResponse {
        TransportResponse(
            status: 200,
            headers: ["Content-Type": acknowledgement == nil ? "application/json" : "text/plain; charset=utf-8"],
            body: Array((acknowledgement ?? "{\"status\":\"queued\"}").utf8)
        )
    }
}
