import AITBCConnectors
package import ConnectorCore
import Synchronization

/// One request to the listener, as far as a webhook needs it.
package struct WebhookRequest: Sendable {
    package var method: String
    /// Decoded.
    package var path: String
    package var query: [(name: String, value: String)]
    package var headers: HTTPHeaders
    package var body: [UInt8]
    package var peer: String

    package init(
        method: String = "POST",
        path: String,
        query: [(name: String, value: String)] = [],
        headers: HTTPHeaders = [:],
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

    private let doors = Mutex<[String: Door]>([:])
    private let inFlight = Atomic<Int>(0)
    private let ledger = WebhookLedger()
    private let inbox: any EventInbox
    private let limits: InboxLimits
    private let clocks: any Clocks
    private let events: any EventSink
    /// Told of streams that events wait for. Must not block.
    private let onEvents: @Sendable (Set<StreamID>) -> Void

    package init(
        inbox: any EventInbox,
        limits: InboxLimits = InboxLimits(),
        clocks: any Clocks,
        events: any EventSink,
        onEvents: @escaping @Sendable (Set<StreamID>) -> Void
    ) {
        self.inbox = inbox
        self.limits = limits
        self.clocks = clocks
        self.events = events
        self.onEvents = onEvents
    }

    /// The connectors whose webhooks are open from now on.
    package func open(_ connectors: [ConnectorDefinition]) {
        var opened: [String: Door] = [:]
        for connector in connectors {
            guard let reader = EventReader(connector) else { continue }
            let rule = reader.rule
            let verifier = WebhookVerifier(
                scheme: rule.scheme,
                secrets: rule.secrets,
                allowsUnsigned: rule.allowsUnsigned
            )
            opened[connector.name] = Door(verifier: verifier, reader: reader)
        }
        doors.withLock { $0 = opened }
    }

    /// By connector whose webhook is open, since the start.
    package var counts: [String: WebhookCounts] {
        let counted = ledger.counts()
        return doors.withLock(\.keys).reduce(into: [:]) { $0[$1] = counted[$1] ?? WebhookCounts() }
    }

    package func answer(_ request: WebhookRequest) async -> HTTPResponse {
        let name = String(request.path.dropFirst(Self.pathPrefix.count))
        guard let door = doors.withLock({ $0[name] }) else { return .plain(404, "There is no such webhook.") }
        if let parameter = door.reader.rule.handshake,
            let answer = WebhookHandshake.answer(request.method, request.query, parameter: parameter)
        {
            return answer
        }
        guard request.method == "POST" else {
            var response = HTTPResponse.plain(405, "Webhooks are POST requests.")
            response.headers["Allow"] = "POST"
            return response
        }
        guard inFlight.add(1, ordering: .relaxed).newValue <= Self.maximumInFlight else {
            inFlight.subtract(1, ordering: .relaxed)
            return refuse(name, request, "OVERLOAD", "too many webhooks wait for the disk", 503)
        }
        defer { inFlight.subtract(1, ordering: .relaxed) }
        return await take(request, name, door)
    }

    private func take(_ request: WebhookRequest, _ name: String, _ door: Door) async -> HTTPResponse {
        let now = clocks.now
        do throws(WebhookRefusal) {
            // The raw bytes, before anything reads them.
            try door.verifier.verify(request.body, headers: request.headers, query: request.query, at: now)
        } catch {
            return refuse(name, request, error.rawValue, "\(error.message); \(error.hint)", error.status)
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
    ) -> HTTPResponse {
        if let untold = ledger.refused(name, reason: code, peer: request.peer, at: clocks.monotonic) {
            events.record(
                .webhookRefused(connector: name, peer: request.peer, code: code, reason: reason, untold: untold)
            )
        }
        var response = HTTPResponse.plain(status, status == 503 ? "Try again later." : "The webhook is refused.")
        if status == 503 { response.headers["Retry-After"] = String(Self.retryAfterSeconds) }
        return response
    }
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

extension HTTPResponse {
    static func plain(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: Array((text + "\n").utf8)
        )
    }

    /// Durable, and worked off soon. `acknowledgement` is what the sender wants to read.
    static func queued(_ acknowledgement: String?) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: ["Content-Type": acknowledgement == nil ? "application/json" : "text/plain; charset=utf-8"],
            body: Array((acknowledgement ?? "{\"status\":\"queued\"}").utf8)
        )
    }
}
