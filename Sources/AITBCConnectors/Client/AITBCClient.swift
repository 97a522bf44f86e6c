public import ConnectorCore
import ConnectorCrypto
import CurlTransport
import Synchronization

/// The way to AITBC: every request authenticated, within its rate limit, retried where that is safe.
///
/// ```swift
/// let client = try AITBCClient(config: ConnectorConfig(baseURL: "https://api.aitbc.dev", apiKey: Secret(key)))
/// try await client.connect()
/// let order = try await client.get("orders/17").decode(Order.self)
/// ```
///
/// Safe to use from any task. Cancelling a task stops its transfer.
public final class AITBCClient: Sendable {
    /// The configuration that it was made with.
    public let config: ConnectorConfig
    /// What it counts; nil where `enable_metrics` is false.
    public let metrics: MetricsCollector?

    private let connection: ClientConnection
    private let base: String
    private let limits: TransportLimits
    private let headers: TransportHeaders
    private let audit: (any AuditLog)?
    private let clocks: any Clocks

    /// - Parameters:
    ///   - config: checked here; throws a ``ConfigurationError`` that names every mistake.
    ///   - transport: who sends; nil for the SDK's own engine (libcurl), which `disconnect()` closes.
    ///   - authHandler: who proves our identity; nil for the one that `auth_type` names.
    ///   - rateLimiter: shared with other clients of the account; nil for one of its own.
    ///   - metrics: where to count; nil for a collector of its own, if `enable_metrics` says so.
    ///   - auditLog: told of every write; nil for none.
    ///   - tokenStore: where refresh tokens are kept that the server exchanges; nil: in memory.
    ///   - clocks: whose time it lives in: ``TestClocks`` in a test; nil for the machine's.
    public init(
        config: ConnectorConfig,
        transport: (any HTTPTransport)? = nil,
        authHandler: (any AuthHandler)? = nil,
        rateLimiter: RateLimiter? = nil,
        metrics: MetricsCollector? = nil,
        auditLog: (any AuditLog)? = nil,
        tokenStore: (any TokenStore)? = nil,
        clocks: (any Clocks)? = nil
    ) throws {
        let clocks = clocks ?? SystemClocks()
        try config.validate()
        self.config = config
        self.metrics = config.enableMetrics ? metrics ?? MetricsCollector() : nil
        self.clocks = clocks
        audit = auditLog
        base = ClientPath.joined(config.baseURL, config.apiVersion)
        limits = config.limits
        headers = config.headers
        let setup = try ClientSetup(
            config,
            handler: authHandler,
            limiter: rateLimiter,
            tokenStore: tokenStore,
            clocks: clocks
        )
        connection = ClientConnection(setup, transport: transport)
    }

    // MARK: Connection

    /// Whether ``connect()`` has succeeded and ``disconnect()`` was not called since.
    public var isConnected: Bool { connection.isConnected }

    /// `connected` and `disconnected` from now on, for this reader alone.
    public var events: AsyncStream<ClientEvent> { connection.listeners.stream() }

    /// Proves the connection with `GET {base_url}/{api_version}/health`. Does nothing when it stands already; callers
    /// that come together share one check.
    ///
    /// From then on metrics go to `metrics_endpoint` once a minute, where it is configured.
    ///
    /// Throws an ``AITBCError``.
    public func connect() async throws {
        let health = request("GET", url: base + "/health", body: nil, RequestOptions())
        try await connection.connect { caller in
            _ = try await caller.call(health, isIdempotent: true)
        }
        if let endpoint = config.metricsEndpoint, let metrics { connection.push(metrics, to: endpoint) }
    }

    /// Ends what is under way and closes every connection. `connect()` opens anew.
    public func disconnect() async {
        await connection.disconnect()
    }

    /// Goes on with another key, in `bearer` and `api_key`: requests that begin from now on bear it, also after
    /// ``disconnect()``. ``config`` keeps the one that it was made with.
    ///
    /// Throws a ``ConfigurationError`` where the proof of identity is made of something else.
    public func replaceAPIKey(_ key: Secret) throws {
        try connection.replaceAPIKey(key)
    }

    // MARK: Requests

    /// Sends one request, and connects first where that was not done.
    ///
    /// - Parameters:
    ///   - method: `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    ///   - path: below `{base_url}/{api_version}/`, with or without a leading slash; without dot segments. What comes from
    ///     others belongs into a path of components: `["orders", id]`.
    ///   - body: sent as JSON.
    ///   - options: query, headers, idempotency key, deadline.
    ///
    /// Throws an ``AITBCError``, or `CancellationError` when the task was cancelled. A POST or PATCH without an
    /// idempotency key is sent once: it comes again only where it never left, or where the server asked for another proof
    /// of identity (401).
    public func request(
        _ method: String,
        _ path: String,
        body: JSONValue? = nil,
        options: RequestOptions = RequestOptions()
    ) async throws -> APIResponse {
        try await send(method, path, body: body?.bytes, options)
    }

    /// Reads.
    public func get(_ path: String, options: RequestOptions = RequestOptions()) async throws -> APIResponse {
        try await send("GET", path, body: nil, options)
    }

    /// Creates, or asks for something to be done.
    public func post(
        _ path: String,
        body: JSONValue? = nil,
        options: RequestOptions = RequestOptions()
    ) async throws -> APIResponse {
        try await send("POST", path, body: body?.bytes, options)
    }

    /// Replaces.
    public func put(
        _ path: String,
        body: JSONValue? = nil,
        options: RequestOptions = RequestOptions()
    ) async throws -> APIResponse {
        try await send("PUT", path, body: body?.bytes, options)
    }

    /// Removes.
    public func delete(_ path: String, options: RequestOptions = RequestOptions()) async throws -> APIResponse {
        try await send("DELETE", path, body: nil, options)
    }

    /// The pages of a list, fetched as they are read.
    ///
    /// - Parameters:
    ///   - path: below `{base_url}/{api_version}/`.
    ///   - limit: elements a page.
    ///   - options: query, headers, deadline of each page.
    public func pages(_ path: String, limit: Int = 100, options: RequestOptions = RequestOptions()) -> PageSequence {
        PageSequence(client: self, path: path, limit: limit, options: options)
    }

    /// Bytes that are JSON already: what the daemon's sink sends.
    package func send(
        _ method: String,
        _ path: String,
        body: [UInt8]?,
        _ options: RequestOptions
    ) async throws -> APIResponse {
        let method = method.uppercased()
        guard Self.methods.contains(method) else {
            let message = "\(method.prefix(20)) is no method of this API"
            let hint = "nothing was sent; use one of \(Self.methods.joined(separator: ", "))"
            throw ValidationError(ErrorContext(message, code: "VALIDATION_ERROR", hint: hint))
        }
        try ClientPath.check(path)
        try IdempotencyKey.check(options.idempotencyKey)
        let request = request(method, url: ClientPath.url(base, path, options.query), body: body, options)
        let began = clocks.monotonic
        do {
            let response = try await answered(request, options)
            await finished(request, options, began, status: response.statusCode, error: nil)
            return response
        } catch {
            let error = error.bearing(options.idempotencyKey)
            await finished(request, options, began, status: nil, error: error)
            throw error
        }
    }

    private func answered(_ request: TransportRequest, _ options: RequestOptions) async throws -> APIResponse {
        let caller = try connection.caller()
        let isIdempotent = options.idempotencyKey != nil || !["POST", "PATCH"].contains(request.method)
        return try await Deadline.run(options.deadline, CallFailure.shown(request, caller)) { [self] in
            if !isConnected {
                do {
                    try await connect()
                } catch let error as any AITBCError {
                    throw error.unsent
                }
            }
            // To connect may have opened a new way.
            let caller = try connection.caller()
            let response = try await caller.call(request, isIdempotent: isIdempotent)
            do {
                return try answer(response, to: request, caller)
            } catch {
                // It may repeat a token that came meanwhile: put into words once more, with all that is known.
                await caller.learnSecrets()
                return try answer(response, to: request, caller)
            }
        }
    }

    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

    private func answer(_ response: TransportResponse, to request: TransportRequest, _ caller: Caller) throws
        -> APIResponse
    {
        do throws(APIError) {
            return try APIResponse(response, shown: CallFailure.shown(request, caller), caller.secrets, now: clocks.now)
        } catch {
            // The server has answered, so it may have done what was asked, whatever it says.
            throw error.sent(true)
        }
    }

    private func request(_ method: String, url: String, body: [UInt8]?, _ options: RequestOptions) -> TransportRequest {
        var headers = headers
        if body != nil { headers.add("Content-Type", "application/json") }
        if let key = options.idempotencyKey { headers["Idempotency-Key"] = key }
        for field in options.headers.fields { headers[field.name] = field.value }
        return TransportRequest(method: method, url: url, headers: headers, body: body, limits: limits, tls: config.tls)
    }

    private func finished(
        _ request: TransportRequest,
        _ options: RequestOptions,
        _ began: MonotonicInstant,
        status: Int?,
        error: (any Error)?
    ) async {
        let failure = error as? any AITBCError
        let status = status ?? failure?.statusCode
        if let metrics {
            let seconds = (clocks.monotonic - began).inSeconds
            metrics.count(request: request.method, status: status, failed: error != nil, seconds: seconds)
        }
        guard let audit, request.method != "GET" else { return }
        let target = URLReference(request.url)
        await audit.record(
            AuditRecord(
                actor: target?.origin ?? config.baseURL,
                tenant: config.tenantID,
                enterprise: config.enterpriseID,
                operation: "\(request.method) \(target?.target.prefix { $0 != "?" } ?? "")",
                at: clocks.now,
                error: error,
                statusCode: status,
                idempotencyKey: options.idempotencyKey
            )
        )
    }
}
