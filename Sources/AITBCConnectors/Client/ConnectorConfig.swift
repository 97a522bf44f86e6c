public import ConnectorCore

/// Where a connector leads, how it proves itself, and its bounds. Every field of the specification with its default;
/// on the wire and in files they bear the specification's names (`base_url`, `api_key`, …).
public struct ConnectorConfig: Sendable, Equatable {
    /// An absolute `https://` URL; `http://` only to this machine.
    public var baseURL: String
    /// What proves who we are; never printed. Encoded as the place it was read from.
    public var apiKey: Secret
    /// The first part of every path.
    public var apiVersion = "v1"
    /// Of one attempt, from its start to its last byte.
    public var timeout: Duration = .seconds(30)
    /// Connections of the whole client; a quarter of them, at least one, to one host.
    public var maxConnections = 100
    /// Tries after the first.
    public var maxRetries = 3
    /// The wait before the first retry; it doubles with each.
    public var retryBackoff: Duration = .seconds(1)
    /// The longest wait between two tries.
    public var retryCeiling: Duration = Backoff.defaultCeiling
    /// Bounds retries besides ``maxRetries``, over all calls; nil: nothing does.
    public var retryBudget: RetryBudget?
    /// When a server is left alone: after calls in a row that failed, their retries included. Nil: never.
    public var circuitBreaker: CircuitBreaker? = CircuitBreaker()
    /// Requests a second; nil for no limit of ours. Whatever it is, an answer of 429 slows all down for a while.
    public var rateLimit: Int?
    /// Requests at once after a quiet time; twice ``rateLimit`` where nil.
    public var burstLimit: Int?
    /// How we prove who we are.
    public var authType = AuthType.bearer
    /// What ``authType`` needs besides, under the specification's names; an object.
    public var authConfig: JSONValue = .object([])
    /// Files for TLS, whatever ``authType`` is: an authority that is not one of the system's, a client's certificate.
    public var tls = TLSFiles()
    /// What webhooks are signed with.
    public var webhookSecret: Secret?
    /// Where webhooks arrive.
    public var webhookEndpoint: String?
    /// Whether requests are counted.
    public var enableMetrics = true
    /// Where metrics are pushed; nil for nowhere.
    public var metricsEndpoint: String?
    /// `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`. The SDK itself logs nothing; it is for programs that do.
    public var logLevel = "INFO"
    /// Sent as `X-Enterprise-ID`.
    public var enterpriseID: String?
    /// Sent as `X-Tenant-ID`. Tenants have rate limits of their own.
    public var tenantID: String?
    /// Sent as `X-Region`.
    public var region: String?

    /// The two fields that have no default, and the number of connections.
    public init(baseURL: String, apiKey: Secret, maxConnections: Int = 100) {
        self.baseURL = baseURL
        self.apiKey = apiKey
        self.maxConnections = maxConnections
    }
}

extension ConnectorConfig {
    /// ``maxRetries``, ``retryBackoff`` and ``retryCeiling`` as one value.
    public var retryPolicy: RetryPolicy {
        get { RetryPolicy(maxRetries: maxRetries, backoff: Backoff(base: retryBackoff, ceiling: retryCeiling)) }
        set {
            maxRetries = newValue.maxRetries
            (retryBackoff, retryCeiling) = (newValue.backoff.base, newValue.backoff.ceiling)
        }
    }

    var gateRules: GateRules {
        .program(budget: retryBudget, breaker: circuitBreaker)
    }
}

/// Without the values of ``authConfig``: most of them are secrets.
extension ConnectorConfig: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Address and ways, for logs.
    public var description: String {
        let names = (authConfig.members ?? []).map(\.name).joined(separator: ", ")
        return "ConnectorConfig(baseURL: \(baseURL), apiVersion: \(apiVersion), authType: \(authType.rawValue), "
            + "authConfig: [\(names)])"
    }

    /// The same.
    public var debugDescription: String { description }

    /// Shows nothing else to `dump`.
    public var customMirror: Mirror { Mirror(self, children: ["config": description]) }
}

/// The ways to prove who we are. A value that the SDK does not know is kept, and refused by ``ConnectorConfig/validate()``
/// unless a handler is given.
public struct AuthType: RawRepresentable, Hashable, Sendable, Codable, CaseIterable {
    /// Its name in a configuration.
    public let rawValue: String

    /// Any name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// `Authorization: Bearer {api_key}`.
    public static let bearer = AuthType(rawValue: "bearer")
    /// `Authorization: Basic …` from `username` and `password`.
    public static let basic = AuthType(rawValue: "basic")
    /// `{header_name}: {api_key}`.
    public static let apiKey = AuthType(rawValue: "api_key")
    /// A signature over time and key, or over the whole request.
    public static let hmac = AuthType(rawValue: "hmac")
    /// A token from `token_url`.
    public static let oauth2 = AuthType(rawValue: "oauth2")
    /// A TLS client certificate.
    public static let certificate = AuthType(rawValue: "certificate")
    /// OAuth 1.0a with HMAC-SHA256 (NetSuite's token-based authentication).
    public static let oauth1 = AuthType(rawValue: "oauth1")
    /// A signed assertion that is exchanged for a token.
    public static let jwtBearer = AuthType(rawValue: "jwt_bearer")
    /// None.
    public static let none = AuthType(rawValue: "none")

    /// Those that a client makes by itself. A session login and a CSRF token need an API's definition.
    public static let allCases: [AuthType] = [
        .bearer, .basic, .apiKey, .hmac, .oauth2, .certificate, .oauth1, .jwtBearer, .none,
    ]
}
