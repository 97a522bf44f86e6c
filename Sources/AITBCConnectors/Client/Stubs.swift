import ConnectorCore
public final class MetricsCollector: Sendable { public init() {}; func increment(_ n: String, tags: [String: String]) {}; func observe(_ n: String, _ v: Double) {} }
public protocol AuditLog: Sendable { func record(_ r: AuditRecord) async }
public struct AuditRecord: Sendable { init(of: HTTPRequest, _ o: RequestOptions, _ c: ConnectorConfig, at: Instant, status: Int?, error: (any Error)?) {} }
