/// One connector, ready to run: a definition with the connector file's own settings merged over it.
package struct ConnectorDefinition: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case payment
        case erp
        case other
    }

    package var name: String
    package var kind: Kind
    /// Without a trailing slash.
    package var baseURL: URLReference
    package var allowInsecure: Bool
    package var headers: [QueryTemplate]
    package var auth: AuthRule
    /// Requests a second for the account; nil for no limit of ours.
    package var rateLimit: Double?
    package var burstLimit: Double?
    package var retry: RetryPolicy
    package var limits: TransportLimits
    package var tls: TLSFiles
    package var errors: ErrorRule
    /// Values for `${settings.…}` in templates.
    package var settings: [String: TemplateVariables.Value]
    /// Values for `${secrets.…}` in templates and settings.
    package var secrets: [String: Secret] = [:]
    /// The day on which the vendor ends the version of the API that this speaks.
    package var apiEnds: Instant?
    /// A cheap request that proves address and credentials.
    package var checkPath: Template?
    package var streams: [StreamDefinition]
    /// Calls that are asked for, by name.
    package var operations: [String: OperationDefinition] = [:]
    /// What answers are turned into, by name.
    package var models: [String: FieldMap] = [:]
    /// What the sender tells by itself; nil where it does not, or the connector file does not want it.
    package var webhook: WebhookRule?
    /// Where streams go that name no sink.
    package var sink = "file"
    /// What of it is logged, where that is not the daemon's `log_level`.
    package var logLevel: LogEntry.Level?
    /// Streams of one connector that run at the same time.
    package var maximumConcurrentStreams: Int
    /// A run that makes no progress for so long is cancelled.
    package var progressTimeout: Duration

    package init(
        name: String,
        kind: Kind = .other,
        baseURL: URLReference,
        allowInsecure: Bool = false,
        headers: [QueryTemplate] = [],
        auth: AuthRule = .none,
        rateLimit: Double? = nil,
        burstLimit: Double? = nil,
        retry: RetryPolicy = RetryPolicy(),
        limits: TransportLimits = TransportLimits(),
        tls: TLSFiles = TLSFiles(),
        errors: ErrorRule = ErrorRule(),
        settings: [String: TemplateVariables.Value] = [:],
        checkPath: Template? = nil,
        streams: [StreamDefinition] = [],
        maximumConcurrentStreams: Int = 4,
        progressTimeout: Duration = .seconds(600)
    ) {
        self.name = name
        self.kind = kind
        self.baseURL = baseURL
        self.allowInsecure = allowInsecure
        self.headers = headers
        self.auth = auth
        self.rateLimit = rateLimit
        self.burstLimit = burstLimit
        self.retry = retry
        self.limits = limits
        self.tls = tls
        self.errors = errors
        self.settings = settings
        self.checkPath = checkPath
        self.streams = streams
        self.maximumConcurrentStreams = maximumConcurrentStreams
        self.progressTimeout = progressTimeout
    }

    /// What every request's templates are filled with. A setting that is nothing but `${secrets.…}` is that secret.
    package var variables: TemplateVariables {
        var values = settings
        for (name, secret) in secrets {
            let value = TemplateVariables.Value.string(secret.reveal())
            values[name] = value
            for (setting, given) in settings where given == .json(.string("${\(name)}")) { values[setting] = value }
        }
        return TemplateVariables(values)
    }

    /// Whom the source counts requests against: connectors with the same host and credentials share one limit.
    package var account: String {
        let others = secrets.sorted { $0.key < $1.key }.map { "\n\($0.key)=\($0.value.reveal())" }
        let hash = ContentHash.hash(Array((auth.identity + others.joined()).utf8))
        return "\(baseURL.origin)#\(hash.high ^ hash.low)"
    }
}
