package import ConnectorCore

/// The HTTP engine: libcurl's multi interface on a thread of its own.
///
/// Tasks leave jobs in the inbox and wait; the thread answers them. It ends on `shutdown()`, or when the last
/// reference goes; what is in flight then fails with `.cancelled`. HTTP/1.1 and HTTP/2, connections are reused.
package final class CurlTransport: MeteredTransport, Sendable {
    /// Longer deadlines would not fit libcurl's integers, and nobody waits for them.
    private static let longestTimeout = Duration.seconds(86_400)

    private let inbox: Inbox
    private let plainOrigins = PlainOrigins()
    private let knownOrigins = KnownOrigins()
    private let handshakes: Handshakes?

    package init(configuration: Configuration = Configuration()) throws(TransportError) {
        let multi = try MultiHandle(configuration)
        let inbox = Inbox(multi: multi, capacity: configuration.maximumInFlight)
        self.inbox = inbox
        handshakes = configuration.notesHandshakes ? Handshakes() : nil
        do {
            try CurlThread.start {
                CurlLoop(multi: multi, inbox: inbox, configuration).run()
            }
        } catch {
            inbox.sealed { multi.close() }
            throw error
        }
    }

    deinit {
        inbox.close()
    }

    package func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        try await send(request, meter: nil)
    }

    package func send(
        _ request: TransportRequest,
        meter: (any BodyMeter)?
    ) async throws(TransportError) -> TransportResponse {
        try RequestRules.check(request)
        let deadline = ContinuousClock.now + min(request.limits.totalTimeout, Self.longestTimeout)
        var target = try knownOrigins.target(of: request.url)
        try RequestRules.checkScheme(target, allowInsecure: request.allowInsecure)
        var hops = 0
        while true {
            var response = try await attempt(request, meter, at: target, deadline: deadline, hops: hops)
            switch try Redirect(of: response, to: request.method, at: target, hops: hops) {
            case .none:
                response.url = target.url
                return response
            case .follow(let next): target = next
            }
            hops += 1
        }
    }

    /// The version of TLS that was last agreed on with a URL's server, such as `TLSv1.3`; nil without one, or where none
    /// are noted.
    package func agreedTLS(at url: String) -> String? {
        // The error may be dropped: no request went to a URL that can't be read, so nothing was agreed there.
        guard let handshakes, let target = try? knownOrigins.target(of: url) else { return nil }
        return handshakes.version(at: target.origin)
    }

    /// Whether the curl thread went round its loop within the time; `false` also after `shutdown()`.
    package func ping(timeout: Duration = .seconds(5)) async -> Bool {
        let id = inbox.makeID()
        let alarm = Task { [inbox] in
            do {
                try await Task.sleep(for: timeout)
                inbox.abandonPing(id)
            } catch {
                // Cancelled below: the answer is there.
            }
        }
        defer { alarm.cancel() }
        return await withCheckedContinuation { inbox.ping(id, $0) }
    }

    /// Ends the thread and returns when it is gone. May be called twice.
    package func shutdown() async {
        inbox.close()
        await withCheckedContinuation { inbox.closed($0) }
    }

    private func attempt(
        _ request: TransportRequest,
        _ meter: (any BodyMeter)?,
        at target: RequestTarget,
        deadline: ContinuousClock.Instant,
        hops: Int
    ) async throws(TransportError) -> TransportResponse {
        let decodes = !plainOrigins.contains(target.origin)
        switch await perform(request, meter, at: target, decodes: decodes, deadline: deadline) {
        case .success(let response): return response
        case .failure(var error):
            if error.code == .badContentEncoding { error = remember(target.origin, decodes: decodes, error) }
            // An earlier hop was answered, so the request has been seen.
            if hops > 0 { error.mayHaveBeenSent = true }
            throw error
        }
    }

    /// The next attempt goes the other way: one call is one attempt, so this one is over.
    private func remember(_ origin: String, decodes: Bool, _ error: TransportError) -> TransportError {
        if decodes { plainOrigins.remember(origin) } else { plainOrigins.forget(origin) }
        let next = decodes ? "uncompressed" : "compressed"
        return TransportError(
            error.code,
            "\(error.message); from now on \(origin) is asked for \(next) answers",
            mayHaveBeenSent: error.mayHaveBeenSent
        )
    }

    private func perform(
        _ request: TransportRequest,
        _ meter: (any BodyMeter)?,
        at target: RequestTarget,
        decodes: Bool,
        deadline: ContinuousClock.Instant
    ) async -> Answer {
        let id = inbox.makeID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else {
                    return continuation.resume(returning: .failure(Self.cancelledBeforeStart))
                }
                let job = Job(
                    id: id,
                    request: request,
                    meter: meter,
                    target: target,
                    handshakes: handshakes,
                    decodes: decodes,
                    deadline: deadline,
                    continuation: continuation
                )
                if let error = inbox.submit(job) { return continuation.resume(returning: .failure(error)) }
                // The handler may have run before the job was there.
                if Task.isCancelled { inbox.cancel(id) }
            }
        } onCancel: {
            inbox.cancel(id)
        }
    }

    private static var cancelledBeforeStart: TransportError {
        TransportError(.cancelled, "the request was cancelled before it started", mayHaveBeenSent: false)
    }
}
