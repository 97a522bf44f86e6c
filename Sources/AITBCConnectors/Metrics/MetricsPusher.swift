public import ConnectorCore

/// Sends a collector's JSON to an endpoint from time to time, beside the requests and never in their way.
///
/// Counters are cumulative, so a document that could not be sent is superseded by the next: nothing is lost while the
/// endpoint is away, and nothing piles up. How often that happened is counted (`metrics_push_failures_total`).
public struct MetricsPusher: Sendable {
    /// Between two documents, unless told otherwise.
    public static let defaultInterval: Duration = .seconds(60)
    /// The longest pause while the endpoint fails.
    private static let longestPause: Duration = .seconds(600)

    private let collector: MetricsCollector
    private let endpoint: String
    private let transport: any HTTPTransport
    private let auth: any AuthHandler
    private let interval: Duration
    private let tls: TLSFiles

    /// - Parameters:
    ///   - collector: what is sent.
    ///   - endpoint: where to; an absolute URL, the configuration's `metrics_endpoint`.
    ///   - transport: who sends.
    ///   - auth: who proves our identity. A client's own pusher proves it only where the endpoint is on its own host.
    ///   - interval: between two documents.
    ///   - tls: whom to trust, where it is not one of the system's authorities.
    public init(
        _ collector: MetricsCollector,
        endpoint: String,
        transport: any HTTPTransport,
        auth: any AuthHandler = NoAuth(),
        interval: Duration = defaultInterval,
        tls: TLSFiles = TLSFiles()
    ) {
        self.collector = collector
        self.endpoint = endpoint
        self.transport = transport
        self.auth = auth
        self.interval = interval
        self.tls = tls
    }

    /// Sends until the task is cancelled. While the endpoint fails, pauses grow.
    public func run() async {
        var pause = interval
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: pause)
                try await push()
                pause = interval
            } catch is CancellationError {
                return
            } catch {
                if Task.isCancelled { return }
                collector.increment("metrics_push_failures_total")
                pause = min(pause * 2, max(interval, Self.longestPause))
            }
        }
    }

    /// The document before an end: a failure is counted, and nobody waits for another try.
    func pushLast() async {
        do {
            try await push(within: Self.lastPatience)
        } catch {
            collector.increment("metrics_push_failures_total")
        }
    }

    /// Sends one document now. Throws an ``AITBCError`` or a `TransportError`.
    public func push() async throws { try await push(within: Self.patience) }

    /// How long an endpoint may take.
    private static let patience: Duration = .seconds(30)
    /// … and before an end.
    private static let lastPatience: Duration = .seconds(5)

    private func push(within patience: Duration) async throws {
        var request = TransportRequest(
            method: "POST",
            url: endpoint,
            headers: ["Content-Type": "application/json", "User-Agent": "AITBC-SDK/\(AITBCSDK.version)"],
            body: collector.json.bytes,
            limits: TransportLimits(totalTimeout: patience, maximumBodyBytes: 1 << 20),
            tls: tls
        )
        try await auth.authorize(&request)
        let response = try await transport.send(request)
        if auth.refuses(response) { _ = await auth.rejected(request) }
        guard (200...299).contains(response.status) else {
            throw APIError(
                ErrorContext(
                    "the metrics endpoint answered with status \(response.status)",
                    code: "METRICS_REFUSED",
                    statusCode: response.status,
                    hint: "check metrics_endpoint and what it accepts"
                )
            )
        }
    }
}
