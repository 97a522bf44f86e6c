import ConnectorCore
import ConnectorCrypto
import ConnectorDaemon
import HTTPListener
import Synchronization
import SystemdService

/// What the listener answers besides webhooks: the status page, metrics, and whether the daemon is well.
final class StatusRoutes: Sendable {
    private let rule: StatusVisitor.Rule
    /// Who shows it sees the page, from wherever; nobody else does.
    private let token: Secret?
    private let board: StatusBoard
    private let ledger: EventLedger
    private let parts: [HealthReporter.Part]
    private let clocks: any Clocks
    private let isReady = Atomic<Bool>(false)

    init(
        rule: StatusVisitor.Rule,
        token: Secret?,
        board: StatusBoard,
        ledger: EventLedger,
        parts: [HealthReporter.Part],
        clocks: any Clocks
    ) {
        self.rule = rule
        self.token = token
        self.board = board
        self.ledger = ledger
        self.parts = parts
        self.clocks = clocks
    }

    /// Whether `/readyz` says so: from READY to the beginning of the stop.
    func setReady(_ ready: Bool) { isReady.store(ready, ordering: .relaxed) }

    /// Nothing here takes a body.
    func answer(toHead request: ListenerRequest) -> ListenerResponse? {
        guard Self.paths.contains(request.path) else { return .text(404, "There is nothing here.") }
        return request.announcesBody ? .text(413, "Nothing here takes a body.") : nil
    }

    private static let paths: Set<String> = [
        "/healthz", "/readyz", "/", "/metrics", "/status.json", "/status.css", "/status.js",
    ]

    /// Nil for paths that are somebody else's.
    func answer(_ request: ListenerRequest) async -> ListenerResponse? {
        switch request.path {
        case "/healthz": return await health(request)
        case "/readyz": return readiness(request)
        case "/", "/metrics", "/status.json", "/status.css", "/status.js": break
        default: return nil
        }
        if let refusal = refusal(of: StatusVisitor(peer: request.peer, headers: request.headers)) { return refusal }
        guard request.method == "GET" || request.method == "HEAD" else { return .text(405, "Only to be read.") }
        switch request.path {
        case "/status.css": return page("text/css; charset=utf-8", StatusAssets.style)
        case "/status.js": return page("text/javascript; charset=utf-8", StatusAssets.script)
        default: return await status(request)
        }
    }

    private func refusal(of visitor: StatusVisitor) -> ListenerResponse? {
        guard let token, rule != .none else {
            return visitor.isAllowed(by: rule) ? nil : .text(404, "There is nothing here.")
        }
        let offered = visitor.offeredToken.map { Array($0.reveal().utf8) }
        if let offered, ConstantTime.isEqual(offered, Array(token.reveal().utf8)) { return nil }
        var response = ListenerResponse.text(
            401,
            "listener.status_token opens this page: as a bearer token, or as a password."
        )
        response.headers["WWW-Authenticate"] = "Basic realm=\"aitbc-connectord\", charset=\"UTF-8\""
        return response
    }

    private func status(_ request: ListenerRequest) async -> ListenerResponse {
        let status: DaemonStatus
        do throws(StateError) {
            status = try await board.status()
        } catch {
            return .text(503, "The state can't be read; the journal says why.")
        }
        switch request.path {
        case "/metrics":
            let metrics = DaemonMetrics(status, ledger.counts, .now())
            let format = OpenMetrics(accept: request.headers["Accept"])
            return page(format.contentType, format.text(metrics.families))
        case "/status.json":
            do {
                return page("application/json", try JSONValueEncoder().encode(status).text)
            } catch {
                return .text(500, "The status can't be written as JSON: \(error)")
            }
        default: return page("text/html; charset=utf-8", StatusPage(status).html)
        }
    }

    private func page(_ type: String, _ text: String) -> ListenerResponse {
        ListenerResponse(
            status: 200,
            headers: [
                "Content-Type": type, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": StatusAssets.contentSecurityPolicy, "Referrer-Policy": "no-referrer",
            ],
            body: Array(text.utf8)
        )
    }

    /// 200 while every part answers.
    private func health(_ request: ListenerRequest) async -> ListenerResponse {
        for part in parts where await !part.answers(by: clocks) {
            return .text(503, "\(part.name) does not answer")
        }
        return .text(200, "ok")
    }

    private func readiness(_ request: ListenerRequest) -> ListenerResponse {
        isReady.load(ordering: .relaxed) ? .text(200, "ready") : .text(503, "starting or stopping")
    }
}
