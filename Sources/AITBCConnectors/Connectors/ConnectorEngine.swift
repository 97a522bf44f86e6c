import ConnectorConfiguration
public import ConnectorCore
import ConnectorCrypto
import CurlTransport
import Synchronization

/// Does a connector's work: its definition, its connection, its counts. One stands behind each ``BaseConnector``.
public final class ConnectorEngine: Sendable {
    /// Runs an operation that no definition has, or instead of the definition's.
    public typealias Handler = @Sendable (_ data: JSONValue) async throws -> JSONValue

    private struct State {
        var isInitialized = false
        var operations = 0
        var errors = 0
        var lastSync: Instant?
        var lastActivity: Instant?
        var hooks: [OperationHooks] = []
        var handlers: [String: Handler] = [:]
    }

    package let connector: ConnectorDefinition
    /// What it counts, besides ``BaseConnector/metrics``.
    public let collector: MetricsCollector
    /// Verifies and reads the events of the connector's sender, as its definition says; nil where its settings have no
    /// `webhook: { "secret": … }`. See ``BaseConnector/handleWebhook(payload:headers:query:)``.
    public let webhooks: WebhookHandler?
    private let session: APISession
    private let own: CurlTransport?
    private let audit: (any AuditLog)?
    private let tenant: String?
    private let clocks: any Clocks
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: for logs and audit records.
    ///   - definition: the text of a definition file (JSON5): what is known of the API.
    ///   - settings: what a connector file would say besides, under the same names: `api_key`, `base_url`,
    ///     `settings`, `rate_limit`, …; secrets as plain text.
    ///   - transport: who sends; nil for the SDK's own engine.
    ///   - rateLimiter: shared with others of the account; nil for one of its own.
    ///   - metrics: where to count; nil for a collector of its own.
    ///   - auditLog: told of every write.
    ///   - tokenStore: where refresh tokens are kept that the server exchanges.
    ///   - tenant: in whose name it works: for audit records, and a rate limit of the tenant's own.
    ///   - clocks: whose time it lives in: ``TestClocks`` in a test; nil for the machine's.
    ///
    /// Throws a ``ConfigurationError`` that names every mistake with its place.
    public convenience init(
        name: String,
        definition: String,
        settings: JSONValue,
        transport: (any HTTPTransport)? = nil,
        rateLimiter: RateLimiter? = nil,
        metrics: MetricsCollector? = nil,
        auditLog: (any AuditLog)? = nil,
        tokenStore: (any TokenStore)? = nil,
        tenant: String? = nil,
        clocks: (any Clocks)? = nil
    ) throws {
        let connector = try DefinitionText.connector(name: name, definition: definition, settings: settings)
        try self.init(
            connector,
            gate: rateLimiter?.gate(of: tenant),
            transport: transport,
            metrics: metrics,
            auditLog: auditLog,
            tokenStore: tokenStore,
            tenant: tenant,
            clocks: clocks ?? SystemClocks()
        )
    }

    package convenience init(
        _ connector: ConnectorDefinition,
        gate: AccountGate? = nil,
        transport: (any HTTPTransport)?,
        userAgent: String = "AITBC-SDK/\(AITBCSDK.version)",
        metrics: MetricsCollector? = nil,
        auditLog: (any AuditLog)? = nil,
        tokenStore: (any TokenStore)? = nil,
        tenant: String? = nil,
        clocks: any Clocks
    ) throws {
        var own: CurlTransport?
        if transport == nil {
            var engine = CurlTransport.Configuration()
            engine.userAgent = userAgent
            own = try CurlTransport(configuration: engine)
        }
        let sender = transport ?? own ?? NoTransport()
        self.init(connector, gate, sender, own, metrics, auditLog, tokenStore, tenant, clocks)
    }

    private init(
        _ connector: ConnectorDefinition,
        _ gate: AccountGate?,
        _ sender: any HTTPTransport,
        _ own: CurlTransport?,
        _ metrics: MetricsCollector?,
        _ auditLog: (any AuditLog)?,
        _ tokenStore: (any TokenStore)?,
        _ tenant: String?,
        _ clocks: any Clocks
    ) {
        self.connector = connector
        self.clocks = clocks
        self.tenant = tenant
        self.own = own
        audit = auditLog
        collector = metrics ?? MetricsCollector()
        webhooks = connector.webhook.map { rule in
            WebhookHandler(rule, of: connector, now: { clocks.now })
        }
        let gate =
            gate
            ?? AccountGate(
                rate: connector.rateLimit,
                burst: connector.burstLimit,
                rules: .program(),
                clocks: clocks
            )
        session = APISession(
            connector,
            gate: gate,
            transport: sender,
            clocks: clocks,
            tokenStore: tokenStore ?? MemoryTokenStore()
        )
    }

    /// Of a connector that holds none: knows no operation, no list, sends nothing, and keeps nothing. Each is a new one,
    /// since two connectors without one have nothing to do with each other.
    static func none() -> ConnectorEngine {
        guard let nowhere = URLReference("https://connector.invalid") else { preconditionFailure("a constant") }
        let name = "this connector, which holds no engine,"
        let connector = ConnectorDefinition(name: name, baseURL: nowhere)
        return ConnectorEngine(connector, nil, NoTransport(), nil, nil, nil, nil, nil, SystemClocks())
    }

    // MARK: Life

    var isInitialized: Bool { state.withLock { $0.isInitialized } }
    var lastSync: Instant? { state.withLock { $0.lastSync } }
    var lastActivity: Instant? { state.withLock { $0.lastActivity } }

    func noteActivity() {
        let now = clocks.now
        state.withLock { $0.lastActivity = now }
    }

    var metrics: ConnectorMetrics {
        state.withLock { .init(operationCount: $0.operations, errorCount: $0.errors, lastSync: $0.lastSync) }
    }

    /// Proves address and credentials with the definition's `check`, once.
    func initialize() async throws {
        guard !isInitialized else { return }
        if let path = connector.checkPath {
            let operation = OperationDefinition(name: "check", method: "GET", path: path)
            let request = try Self.request(operation, connector, .object([]), key: nil)
            _ = try await caller.call(request, isIdempotent: true)
        }
        state.withLock { $0.isInitialized = true }
    }

    /// Goes on with another key, in `bearer` and `api_key`: requests that begin from now on bear it.
    ///
    /// Throws a ``ConfigurationError`` where the proof of identity is made of something else.
    public func replaceAPIKey(_ key: Secret) throws {
        try session.replaceKey(with: key)
    }

    /// Closes every connection of its own.
    package func close() async {
        state.withLock { $0.isInitialized = false }
        await own?.shutdown()
    }

    var hasNoWebhook: WebhookError {
        WebhookError(.notSetUp, "\(connector.name) has no `webhook` in its settings, such as { \"secret\": … }")
    }

    func add(_ name: String, _ handler: Handler?) {
        state.withLock { $0.handlers[name] = handler }
    }

    // MARK: Operations

    /// Calls these before and after each operation from now on. Of several, the first that was added begins and ends.
    public func addHooks(_ hooks: OperationHooks) {
        state.withLock { $0.hooks.append(hooks) }
    }

    /// What ``BaseConnector/perform(_:data:idempotencyKey:)`` does by default: for connectors that put their own in its
    /// place, and go on here.
    public func perform(_ operation: String, data: JSONValue, idempotencyKey: String? = nil) async throws -> JSONValue {
        try await perform(operation, data, key: idempotencyKey)
    }

    /// Those that no definition has to name.
    package static let commonOperations = SyncOperation.names

    /// The names that it can run.
    package var operationNames: [String] {
        Set(connector.operations.keys).union(state.withLock { $0.handlers.keys }).union(Self.commonOperations).sorted()
    }

    /// Validates, sends, and turns the answer into the model's fields. A write whose definition names an idempotency
    /// header bears a key, so that a lost answer is asked for again without doing the work twice.
    package func perform(_ name: String, _ data: JSONValue, key: String?) async throws -> JSONValue {
        let hooks = state.withLock { state in
            state.operations += 1
            return state.hooks
        }
        let began = clocks.monotonic
        var data = data
        var begun = 0
        let result: Result<JSONValue, any Error>
        do {
            for hook in hooks {
                data = try await hook.before(name, data)
                begun += 1
            }
            result = .success(try await run(name, data, key))
            count(name, began, "succeeded")
        } catch {
            state.withLock { $0.errors += 1 }
            count(name, began, "failed")
            result = .failure(error)
        }
        noteActivity()
        for hook in hooks.prefix(begun).reversed() { await hook.after(name, data, result) }
        return try result.get()
    }

    private func count(_ name: String, _ began: MonotonicInstant, _ outcome: String) {
        let known = connector.operations[name] == nil ? "other" : name
        collector.increment("operations_total", tags: ["operation": known, "outcome": outcome])
        collector.observe("operation_duration_seconds", (clocks.monotonic - began).inSeconds)
    }

    private func run(_ name: String, _ data: JSONValue, _ key: String?) async throws -> JSONValue {
        try OperationValidator.validate(name, data)
        try IdempotencyKey.check(key)
        if let handler = state.withLock({ $0.handlers[name] }) { return try await run(handler, name, data) }
        if connector.operations[name] == nil, let work = SyncOperation(rawValue: name) {
            return try await work.run(data, self)
        }
        let (operation, data) = try resolved(name, data)
        let key = operation.bearsKey ? key ?? RandomBytes.uuid() : nil
        do {
            return try await audited(name, data, key, isWrite: operation.isWrite) {
                try await send(operation, data, key)
            }
        } catch {
            throw error.bearing(key)
        }
    }

    /// An operation of the user's own. Whether it writes, nobody knows: it is taken to, unless its name says otherwise.
    private func run(_ handler: Handler, _ name: String, _ data: JSONValue) async throws -> JSONValue {
        let known = connector.operations[name]
        let isWrite = known?.isWrite ?? !["get_", "list_", "retrieve_", "find_"].contains { name.hasPrefix($0) }
        return try await audited(name, data, nil, isWrite: isWrite) { try await handler(data) }
    }

    /// Does the work and tells the audit log of it, whatever became of it, where it writes.
    private func audited(
        _ name: String,
        _ data: JSONValue,
        _ key: String?,
        isWrite: Bool,
        _ work: () async throws -> JSONValue
    ) async throws -> JSONValue {
        do {
            let result = try await work()
            if isWrite { await tell(name, result["id"] ?? data["id"], key, nil) }
            return result
        } catch {
            if isWrite { await tell(name, data["id"], key, error) }
            throw error
        }
    }

    /// Whether the request that an operation makes of these data bears an idempotency key.
    package func bearsKey(_ name: String, _ data: JSONValue) -> Bool {
        guard state.withLock({ $0.handlers[name] }) == nil else { return false }
        do {
            return try resolved(name, data).0.bearsKey
        } catch {
            // An operation that there is not bears none; running it says so.
            return false
        }
    }

    /// The request of an operation as it would be sent, but for the proof of identity: for a dry run.
    package func preview(_ name: String, _ data: JSONValue, key: String?) throws -> TransportRequest {
        try OperationValidator.validate(name, data)
        if connector.operations[name] == nil, SyncOperation(rawValue: name) != nil {
            throw ValidationError(
                ErrorContext(
                    "\(name) is many requests, which depend on each other's answers: there is no one to show",
                    code: "NO_PREVIEW",
                    hint: "leave --dry-run out"
                )
            )
        }
        let (operation, data) = try resolved(name, data)
        return try Self.request(operation, connector, data, key: operation.bearsKey ? key : nil)
    }

    /// `create_Customers` may be the definition's `create_entity` of that type.
    private func resolved(_ name: String, _ data: JSONValue) throws -> (OperationDefinition, JSONValue) {
        if let operation = connector.operations[name] {
            guard let other = operation.variant(for: data), let variant = connector.operations[other] else {
                return (operation, data)
            }
            // What chose the variant has done its work.
            let fields = operation.variants.map(\.field)
            return (variant, .object((data.members ?? []).filter { !fields.contains($0.name) }))
        }
        for verb in ["create_", "update_", "delete_", "retrieve_"] where name.hasPrefix(verb) {
            guard let operation = connector.operations[verb + "entity"] else { break }
            let type = JSONValue.Member("entity_type", .string(String(name.dropFirst(verb.count))))
            let members = (data.members ?? []).filter { $0.name != "entity_type" }
            return (operation, .object(members + [type]))
        }
        let nearest = NearestName.of(name, among: connector.operations.keys).map { "; did you mean \"\($0)\"?" } ?? ""
        throw ValidationError(
            ErrorContext(
                "\(connector.name) has no operation \"\(name)\"\(nearest)",
                code: "UNKNOWN_OPERATION",
                hint: "it has \(operationNames.joined(separator: ", "))"
            )
        )
    }

    private static func request(
        _ operation: OperationDefinition,
        _ connector: ConnectorDefinition,
        _ data: JSONValue,
        key: String?
    ) throws -> TransportRequest {
        do throws(OperationRequest.Mistake) {
            return try OperationRequest.make(operation, connector, data: data, idempotencyKey: key)
        } catch {
            throw ValidationError(operation.name, error)
        }
    }

    private func send(_ operation: OperationDefinition, _ data: JSONValue, _ key: String?) async throws -> JSONValue {
        let request = try Self.request(operation, connector, data, key: key)
        let isIdempotent = key != nil || operation.isIdempotent
        let response = try await caller.call(request, isIdempotent: isIdempotent)
        return try OperationAnswer(operation, connector, session).value(of: response, to: request)
    }

    private func tell(_ operation: String, _ object: JSONValue?, _ key: String?, _ error: (any Error)?) async {
        guard let audit else { return }
        await audit.record(
            AuditRecord(
                actor: connector.name,
                tenant: tenant,
                operation: operation,
                object: object.flatMap { $0.string ?? $0.number },
                at: clocks.now,
                error: error,
                idempotencyKey: key
            )
        )
    }

    private var caller: Caller { session.caller(connector.family) }

    // MARK: Reading lists

    /// The list of that name.
    func list(_ name: String) throws -> StreamDefinition {
        guard let stream = connector.streams.first(where: { $0.id.stream == name }) else {
            let known = connector.streams.map(\.id.stream).joined(separator: ", ")
            throw SyncError(
                ErrorContext(
                    "\(connector.name) has no list \"\(name)\"",
                    code: "UNKNOWN_ENTITY",
                    hint: known.isEmpty ? "it has none" : "it has \(known)"
                )
            )
        }
        return stream
    }

    /// Of the error of a list whose records are no model.
    static let noModel = "NO_MODEL"

    /// A record of a list as the wire form of the list's model, and the record itself as `raw`.
    func model(of record: JSONValue, in list: StreamDefinition) throws -> JSONValue {
        guard let model = list.model.flatMap({ connector.models[$0] }) else {
            throw ConfigurationError(
                ErrorContext(
                    "\(connector.name) says not what model the records of \(list.id.stream) are",
                    code: Self.noModel,
                    hint: "name it in the stream (model: \"customer\") and describe it in the definition's models"
                )
            )
        }
        let (object, mistakes) = model.apply(to: record)
        guard mistakes.isEmpty else {
            throw SyncError(ErrorContext(mistakes.joined(separator: "; "), code: "BAD_RECORD"))
        }
        return .object((object.members ?? []) + [.init("raw", record)])
    }

    /// Every record of a list that changed since then, by the definition's paging and filter.
    func records(_ name: String, since: Instant?, filters: JSONValue) -> RecordSequence<JSONValue> {
        RecordSequence { [self] in
            var walk: ListWalk?
            return { [self] in
                if walk == nil { walk = ListWalk(try list(name), since: since, filters: filters, session, clocks) }
                let record = try await walk?.next()
                if record != nil { noteActivity() }
                return record
            }
        }
    }

    /// A sync of everything that began then has come to its end.
    func synced(at began: Instant?) {
        guard let began else { return }
        state.withLock { $0.lastSync = began }
    }

    /// A moment of ours as the server's clock shows it, where that is behind: its filters go by that one.
    func serverTime(of moment: Instant) -> Instant { moment + min(.zero, session.serverNow - clocks.now) }

    var now: Instant { clocks.now }
}

extension ConnectorDefinition {
    /// Which error a refusal becomes.
    var family: Caller.Family {
        switch kind {
        case .payment: .payment
        case .erp: .erp
        case .other: .api
        }
    }
}

/// Sends nothing.
private struct NoTransport: HTTPTransport {
    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        throw TransportError(.badRequest, "this connector holds no engine", mayHaveBeenSent: false)
    }
}
