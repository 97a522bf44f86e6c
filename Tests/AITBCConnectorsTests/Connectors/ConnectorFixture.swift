import AITBCConnectors
import ConnectorCore
import Testing

extension ConnectorEngine {
    /// An engine of a definition's operations, in front of a transport of the test.
    static func make(
        _ operations: String,
        kind: String = "other",
        more: String = "errors: { message: \"error.message\", code: \"error.code\" }",
        retries: Int = 2,
        auditLog: (any AuditLog)? = nil,
        transport: any HTTPTransport
    ) throws -> ConnectorEngine {
        try ConnectorEngine(
            name: "shop",
            definition: "{ kind: \"\(kind)\", \(more), operations: \(operations) }",
            settings: [
                "base_url": "https://api.example", "auth_type": "none", "retry_backoff": "1ms",
                "max_retries": .number(String(retries)),
            ],
            transport: transport,
            auditLog: auditLog
        )
    }
}

extension StripeConnector {
    /// Stripe in front of a transport of the test, with quick retries.
    static func make(_ transport: any HTTPTransport, auditLog: (any AuditLog)? = nil) throws -> StripeConnector {
        try StripeConnector(
            apiKey: Secret("sk_test_0123456789"),
            settings: ["retry_backoff": "1ms", "rate_limit": 10_000],
            transport: transport,
            auditLog: auditLog
        )
    }
}

extension TransportRequest {
    var bodyText: String { String(decoding: body ?? [], as: UTF8.self) }
}

extension TransportError {
    /// The connection ended after the request had been sent.
    static let lost = TransportError(.connectionLost, "the connection was lost", mayHaveBeenSent: true)
    /// There was no connection at all.
    static let refused = TransportError(.couldNotConnect, "connection refused", mayHaveBeenSent: false)
}
