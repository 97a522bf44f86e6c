import ConnectorCore
import CurlTransport
public final class MetricsCollector: Sendable { public init() {}; func increment(_ n: String, tags: [String: String]) {}; func observe(_ n: String, _ v: Double) {} }
public protocol AuditLog: Sendable { func record(_ r: AuditRecord) async }
public struct AuditRecord: Sendable { init(of: HTTPRequest, _ o: RequestOptions, _ c: ConnectorConfig, at: Instant, status: Int?, error: (any Error)?) {} }
public protocol TokenStore: Sendable {}
struct StubBearer: AuthHandler { let key: Secret; func authorize(_ request: inout HTTPRequest) async throws { request.headers["Authorization"] = "Bearer " + key.reveal() }; var secrets: [Secret] { get async { [key] } } }
extension ClientSetup {
    init(_ config: ConnectorConfig, _ auth: (any AuthHandler)?, _ limiter: RateLimiter?, _ store: (any TokenStore)?, _ clocks: any Clocks) throws {
        self.clocks = clocks
        gate = limiter?.gate ?? AccountGate(rate: config.rateLimit.map(Double.init), burst: config.burstLimit.map(Double.init), clocks: clocks)
        self.auth = auth ?? StubBearer(key: config.apiKey)
        tls = TLSFiles()
        retry = config.retry
        secrets = ConnectorSecrets(.none)
        var engine = CurlTransport.Configuration()
        engine.maximumConnections = config.maxConnections
        engine.maximumConnectionsPerHost = max(1, config.maxConnections / 4)
        engine.userAgent = "AITBC-SDK/\(AITBCSDK.version)"
        self.engine = engine
    }
}
