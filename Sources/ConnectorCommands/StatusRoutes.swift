import ConnectorCore
import ConnectorDaemon
import HTTPListener
import Synchronization
import SystemdService

/// What the listener answers besides webhooks: the status page, metrics, and whether the daemon is well.
final class StatusRoutes: Sendable {
    private let rule: StatusVisitor.Rule
    private let board: StatusBoard
    private let ledger: EventLedger
    private let parts: [HealthReporter.Part]
    private let clocks: any Clocks
    private let isReady = Atomic<Bool>(false)

    init(
        rule: StatusVisitor.Rule,
        board: StatusBoard,
        ledger: EventLedger,
        parts: [HealthReporter.Part],
        clocks: any Clocks
    ) {
        self.rule = rule
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
        guard StatusVisitor(peer: request.peer, headers: request.headers).isAllowed(by: rule) else {
            return .text(404, "There is nothing here.")
        }
        guard request.method == "GET" || request.method == "HEAD" else { return .text(405, "Only to be read.") }
        switch request.path {
        case "/status.css": return page("text/css; charset=utf-8", StatusAssets.style)
        case "/status.js": return page("text/javascript; charset=utf-8", StatusAssets.script)
        default: return await status(request)
        }
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
