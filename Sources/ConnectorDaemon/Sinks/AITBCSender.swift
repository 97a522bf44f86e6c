import AITBCConnectors
package import ConnectorCore

/// Batches to AITBC, through the SDK's own client.
package struct AITBCSender: BatchSender {
    private let client: AITBCClient
    private let path: String
    private let gate: AccountGate
    private let answer: SinkAnswer

    /// Throws what the settings lack.
    package init(
        _ sink: NetworkSinkConfig,
        transport: any HTTPTransport,
        tokenStore: any TokenStore = MemoryTokenStore(),
        clocks: any Clocks
    ) throws(SinkError) {
        let target = sink.target
        gate = AccountGate(rate: target.rateLimit, burst: target.burstLimit, clocks: clocks)
        let session = APISession(target, gate: gate, transport: transport, clocks: clocks, tokenStore: tokenStore)
        var config = ConnectorConfig(baseURL: target.baseURL.text, apiKey: Secret(""))
        config.apiVersion = sink.apiVersion
        config.timeout = target.limits.idleTimeout
        config.maxRetries = target.retry.maxRetries
        config.retryBackoff = target.retry.backoff.base
        config.enterpriseID = sink.enterpriseID
        config.tenantID = sink.tenantID
        config.region = sink.region
        config.enableMetrics = false
        do {
            client = try AITBCClient(
                config: config,
                transport: transport,
                authHandler: session.caller(.api).exchange.auth,
                rateLimiter: RateLimiter(gate: gate, clocks: clocks),
                metrics: nil,
                auditLog: nil,
                tokenStore: nil,
                clocks: clocks
            )
        } catch {
            throw SinkError("the sink aitbc can't be used: \(error)", hint: "correct the section aitbc, then restart")
        }
        path = sink.path
        answer = SinkAnswer(section: "aitbc", address: target.baseURL.origin)
    }

    package func send(_ batch: [UInt8], records: Int, idempotencyKey: String) async -> BatchOutcome {
        await send(batch, to: path, idempotencyKey: idempotencyKey)
    }

    package var heldUntil: MonotonicInstant? { gate.lastWaitEnd }

    package func retire() { gate.retire() }

    func send(_ body: [UInt8], to path: String, idempotencyKey: String) async -> BatchOutcome {
        do {
            let options = RequestOptions(idempotencyKey: idempotencyKey)
            let response = try await client.send("POST", path, body: body, options)
            return SinkAnswer.refusal(in: response.data).map(BatchOutcome.refused) ?? .accepted
        } catch {
            return answer.outcome(error)
        }
    }
}
