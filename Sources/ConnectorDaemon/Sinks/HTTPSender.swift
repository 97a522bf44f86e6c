import AITBCConnectors
package import ConnectorCore

/// Batches to any URL. Any 2xx says that the whole batch is durable there.
package struct HTTPSender: BatchSender {
    private let caller: Caller
    private let template: TransportRequest
    private let answer: SinkAnswer

    package init(
        _ sink: NetworkSinkConfig,
        transport: any HTTPTransport,
        tokenStore: any TokenStore = MemoryTokenStore(),
        clocks: any Clocks
    ) {
        let target = sink.target
        let gate = AccountGate(rate: target.rateLimit, burst: target.burstLimit, clocks: clocks)
        let session = APISession(target, gate: gate, transport: transport, clocks: clocks, tokenStore: tokenStore)
        caller = session.caller(.api)
        var headers: TransportHeaders = ["Content-Type": sink.format.contentType]
        for header in target.headers {
            if let value = header.value.fill(TemplateVariables()) { headers[header.name] = value }
        }
        template = TransportRequest(
            method: "POST",
            url: target.baseURL.text,
            headers: headers,
            limits: target.limits,
            allowInsecure: target.allowInsecure,
            tls: target.tls
        )
        answer = SinkAnswer(section: "http", address: target.baseURL.origin)
    }

    package var heldUntil: MonotonicInstant? { caller.exchange.gate.lastWaitEnd }

    package func retire() { caller.exchange.gate.retire() }

    package func send(_ batch: [UInt8], records: Int, idempotencyKey: String) async -> BatchOutcome {
        var request = template
        request.body = batch
        request.headers["Idempotency-Key"] = idempotencyKey
        do {
            _ = try await caller.call(request, isIdempotent: true)
            return .accepted
        } catch {
            return answer.outcome(error)
        }
    }
}
