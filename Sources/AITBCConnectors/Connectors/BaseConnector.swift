public import ConnectorCore
import ConnectorCrypto

/// What every connector can do. Conform a type of your own by giving it an engine with your definition, or by
/// implementing what you need: each call is a requirement with a default, which asks the engine.
public protocol BaseConnector: Sendable {
    /// Does the work. By default one that knows no operation and sends nothing: for types that implement all they are
    /// asked for, such as the fakes of a test.
    var engine: ConnectorEngine { get }

    /// Whether ``initialize()`` has succeeded.
    var isInitialized: Bool { get }

    /// When the last ``sync(since:filters:deliver:)`` of all lists, without filters, began that read each of them whole: the
    /// next one's `since`. Nil before the first.
    var lastSync: Instant? { get }

    /// When it last did something: ended an operation, read a record, took an event. Nil before the first.
    var lastActivity: Instant? { get }

    /// What it has done so far.
    var metrics: ConnectorMetrics { get }

    /// Proves address and credentials with one cheap request; does nothing the second time.
    ///
    /// Throws an ``AITBCError``.
    func initialize() async throws

    /// Closes its connections. The connector can't be used any more.
    func cleanup() async

    /// Runs an operation of your own under a name, or instead of the definition's; nil takes it away.
    func setOperationHandler(_ operation: String, _ handler: ConnectorEngine.Handler?)

    /// Verifies a request of the system's webhook, and gives its events to the handlers of their types, each once.
    ///
    /// An event's `data` is the object that it is about.
    ///
    /// - Parameters:
    ///   - payload: the raw body.
    ///   - headers: as they came.
    ///   - query: the URL's parameters, decoded.
    ///
    /// Throws a ``WebhookError`` where it is not to be believed, or where the settings have no `webhook`
    /// (`WEBHOOK_NOT_SET_UP`).
    func handleWebhook(
        payload: [UInt8],
        headers: TransportHeaders,
        query: [(name: String, value: String)]
    ) async throws -> WebhookAnswer

    /// Adds a handler for an exact event type, or for every type (`*`).
    ///
    /// Throws a ``WebhookError`` where the settings have no `webhook`: no event would ever come.
    func addWebhookHandler(_ eventType: String, _ handler: @escaping WebhookHandler.Action) throws

    /// Runs one operation: validates first, then sends. Never throws: a failure is a result with `success` false.
    ///
    /// - Parameters:
    ///   - operation: `create_charge`, `update_party`, ….
    ///   - data: an object with the operation's fields.
    ///   - idempotencyKey: the same key twice is the same operation, where the API knows keys; nil for a random one.
    func executeOperation(_ operation: String, data: JSONValue, idempotencyKey: String?) async -> OperationResult

    /// The same, with a failure as an error: a ``PaymentError``, an ``ERPError``, or another ``AITBCError``.
    func perform(_ operation: String, data: JSONValue, idempotencyKey: String?) async throws -> JSONValue

    /// Runs many operations, never more than `maxConcurrent` at a time. Results stand in the order of the operations.
    func batchExecute(_ operations: [BatchOperation], maxConcurrent: Int) async -> [OperationResult]

    /// The records of one list as they came, read as they are asked for.
    ///
    /// - Parameters:
    ///   - list: its name in the definition.
    ///   - since: only what changed since then, where the list has such a filter; nil for everything.
    ///   - filters: sent as parameters.
    func records(_ list: String, since: Instant?, filters: JSONValue) -> RecordSequence<JSONValue>

    /// A record of a list as the wire form of one of AITBC's models (``Charge``, ``ERPCustomer``, …), where the
    /// definition says what they are made of; the record itself is its `raw`.
    ///
    /// Throws a ``ConfigurationError`` (`NO_MODEL`) where it does not, and a ``SyncError`` where the record does not fit.
    func model(of record: JSONValue, in list: String) throws -> JSONValue

    /// Reads lists of the external system and hands each record on. A list that can't be read whole is a result that
    /// says so, and the others are read.
    ///
    /// - Parameters:
    ///   - since: only what changed since then, where the list has such a filter; nil for everything.
    ///   - filters: `entity_type` names one list (all without it); other members are sent as parameters.
    ///   - deliver: called with each record as it came. A ``RecordFailure`` counts as that record's failure; whatever
    ///     else it throws ends the sync.
    /// - Returns: one result a list, by its name.
    ///
    /// Throws what `deliver` throws, and `CancellationError` when the task was cancelled.
    func sync(
        since: Instant?,
        filters: JSONValue,
        deliver: @escaping @Sendable (_ list: String, _ record: JSONValue) async throws -> Void
    ) async throws -> [String: SyncResult]
}

extension BaseConnector {
    /// One that knows nothing.
    public var engine: ConnectorEngine { .none() }

    /// The engine's.
    public var isInitialized: Bool { engine.isInitialized }

    /// The engine's.
    public var lastSync: Instant? { engine.lastSync }

    /// The engine's.
    public var lastActivity: Instant? { engine.lastActivity }

    /// The engine's.
    public var metrics: ConnectorMetrics { engine.metrics }

    /// Asks the engine.
    public func initialize() async throws { try await engine.initialize() }

    /// Closes the engine's.
    public func cleanup() async { await engine.close() }

    /// Tells the engine.
    public func setOperationHandler(_ operation: String, _ handler: ConnectorEngine.Handler?) {
        engine.add(operation, handler)
    }

    /// Asks the engine's ``ConnectorEngine/webhooks``.
    public func handleWebhook(
        payload: [UInt8],
        headers: TransportHeaders,
        query: [(name: String, value: String)]
    ) async throws -> WebhookAnswer {
        guard let webhooks = engine.webhooks else { throw engine.hasNoWebhook }
        let answer = try await webhooks.handle(payload: payload, headers: headers, query: query)
        engine.noteActivity()
        return answer
    }

    /// Tells the engine's ``ConnectorEngine/webhooks``.
    public func addWebhookHandler(_ eventType: String, _ handler: @escaping WebhookHandler.Action) throws {
        guard let webhooks = engine.webhooks else { throw engine.hasNoWebhook }
        webhooks.addHandler(eventType, handler)
    }

    /// Runs ``perform(_:data:idempotencyKey:)``, and makes a result of what it returns or throws.
    public func executeOperation(
        _ operation: String,
        data: JSONValue,
        idempotencyKey: String?
    ) async -> OperationResult {
        // Chosen here, so that the result names it: who wants to ask again after a failure needs the same.
        let bearsKey = engine.bearsKey(operation, data)
        let key = bearsKey ? idempotencyKey ?? RandomBytes.uuid() : idempotencyKey
        let keys = bearsKey ? key.map { [JSONValue.Member("idempotency_key", .string($0))] } ?? [] : []
        do {
            let result = try await perform(operation, data: data, idempotencyKey: key)
            return OperationResult(
                success: true,
                data: result,
                metadata: .object([.init("operation", .string(operation))] + keys),
                timestamp: engine.now
            )
        } catch {
            return OperationResult(failed: operation, error, keys, at: engine.now)
        }
    }

    /// Asks the engine.
    public func perform(_ operation: String, data: JSONValue, idempotencyKey: String?) async throws -> JSONValue {
        try await engine.perform(operation, data, key: idempotencyKey)
    }

    /// Runs ``executeOperation(_:data:idempotencyKey:)`` for each.
    public func batchExecute(_ operations: [BatchOperation], maxConcurrent: Int) async -> [OperationResult] {
        await withTaskGroup(of: (Int, OperationResult).self) { group in
            var results: [OperationResult?] = Array(repeating: nil, count: operations.count)
            var rest = operations.enumerated().makeIterator()
            func startNext() {
                guard let (index, operation) = rest.next() else { return }
                group.addTask {
                    let result = await executeOperation(
                        operation.operation,
                        data: operation.data,
                        idempotencyKey: operation.idempotencyKey
                    )
                    return (index, result)
                }
            }
            for _ in 0..<min(max(1, maxConcurrent), operations.count) { startNext() }
            for await (index, result) in group {
                results[index] = result
                startNext()
            }
            return results.compactMap { $0 }
        }
    }

    /// The engine's list.
    public func records(_ list: String, since: Instant?, filters: JSONValue) -> RecordSequence<JSONValue> {
        engine.records(list, since: since, filters: filters)
    }

    /// By the models of the engine's definition.
    public func model(of record: JSONValue, in list: String) throws -> JSONValue {
        try engine.model(of: record, in: try engine.list(list))
    }

    /// The records of one list as a type of AITBC's (``Charge``, ``ERPInvoice``, …) or of yours: decoded from the list's
    /// model, where the definition names one, else from the record as it came.
    ///
    /// A record that is no such value ends the loop with its error; where the others are wanted, too, read
    /// ``records(_:since:filters:)`` and decode them yourself.
    public func records<Model: Decodable & Sendable>(
        _ list: String,
        as type: Model.Type,
        since: Instant? = nil,
        filters: JSONValue = .object([])
    ) -> RecordSequence<Model> {
        records(list, since: since, filters: filters).each { try decoded($0, in: list) }
    }

    func decoded<Model: Decodable>(_ record: JSONValue, in list: String) throws -> Model {
        let wire: JSONValue
        do {
            wire = try model(of: record, in: list)
        } catch let error as ConfigurationError where error.code == ConnectorEngine.noModel {
            wire = record
        }
        do {
            return try JSONValueDecoder().decode(Model.self, from: wire)
        } catch {
            let name = record["id"].map { " \($0.text.prefix(100))" } ?? ""
            throw SyncError(
                ErrorContext(
                    "record\(name) of \(list) is no \(Model.self): \(error)",
                    code: "BAD_RECORD",
                    underlying: error,
                    hint: "the type does not fit it; read records(_:since:filters:) where the others are wanted, too"
                )
            )
        }
    }

    /// Reads the lists that the engine's definition describes.
    public func sync(
        since: Instant?,
        filters: JSONValue,
        deliver: @escaping @Sendable (_ list: String, _ record: JSONValue) async throws -> Void
    ) async throws -> [String: SyncResult] {
        let wanted = filters["entity_type"].flatMap { $0.isNull ? nil : $0 }
        guard wanted == nil || wanted?.string != nil else {
            let context = ErrorContext(
                "sync: entity_type must be the name of one list",
                code: "VALIDATION_ERROR",
                hint: "nothing was sent; name one, or leave it out for all"
            )
            throw ValidationError(context)
        }
        let chosen = wanted?.string.map { [$0] } ?? engine.connector.streams.map(\.id.stream)
        let parameters = JSONValue.object((filters.members ?? []).filter { $0.name != "entity_type" })
        guard !chosen.isEmpty else {
            let error = "\(engine.connector.name) has no lists"
            return ["": SyncResult(entityType: "", syncedCount: 0, failedCount: 1, errors: [error], lastSync: nil)]
        }
        var results: [String: SyncResult] = [:]
        for name in chosen {
            results[name] = try await syncList(name, since: since, filters: parameters) { try await deliver(name, $0) }
        }
        // What changes while a list is read may lie behind what was read, and a list that was not read, or not whole, has
        // more: the next sync begins where the first list of a whole one did.
        let begins = results.values.compactMap(\.lastSync)
        if wanted == nil, parameters.members?.isEmpty == true, begins.count == chosen.count {
            engine.synced(at: begins.min())
        }
        return results
    }

    func syncList(
        _ name: String,
        since: Instant?,
        filters: JSONValue,
        _ deliver: @escaping @Sendable (JSONValue) async throws -> Void
    ) async throws -> SyncResult {
        var tally = SyncTally()
        let began = engine.now
        var records = records(name, since: since, filters: filters).makeAsyncIterator()
        do {
            while let record = try await read(&records) {
                do {
                    try await deliver(record)
                    tally.succeeded()
                } catch let failure as RecordFailure {
                    tally.failed(failure.reason)
                }
            }
        } catch let error as Unread {
            tally.failed("\(error.reason)")
        }
        return tally.result(name, at: engine.serverTime(of: began))
    }

    /// The next record. What keeps it from coming is told apart from what `deliver` throws.
    private func read(_ records: inout RecordSequence<JSONValue>.Iterator) async throws -> JSONValue? {
        do {
            return try await records.next()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Unread(reason: error)
        }
    }
}

/// A list could not be read on.
private struct Unread: Error {
    let reason: any Error
}

/// One operation of a batch.
public struct BatchOperation: Sendable {
    /// Its name.
    public var operation: String
    /// Its fields.
    public var data: JSONValue
    /// The same key twice is the same operation.
    public var idempotencyKey: String?

    /// An operation and its data.
    public init(_ operation: String, data: JSONValue, idempotencyKey: String? = nil) {
        self.operation = operation
        self.data = data
        self.idempotencyKey = idempotencyKey
    }
}

extension OperationResult {
    init(failed operation: String, _ error: any Error, _ keys: [JSONValue.Member], at now: Instant) {
        var metadata: [JSONValue.Member] = [.init("operation", .string(operation))]
        let sent = (error as? any AITBCError)?.idempotencyKey.map { [JSONValue.Member("idempotency_key", .string($0))] }
        metadata += sent ?? keys
        if error is CancellationError {
            metadata += [.init("error_code", "CANCELLED"), .init("may_have_been_sent", true)]
        }
        if let failure = error as? any AITBCError {
            metadata.append(.init("may_have_been_sent", .bool(failure.mayHaveBeenSent)))
            if let hint = failure.hint { metadata.append(.init("hint", .string(hint))) }
            if let wait = failure.retryAfter { metadata.append(.init("retry_after", .number(String(wait.inSeconds)))) }
            if let code = failure.code { metadata.append(.init("error_code", .string(code))) }
            if let status = failure.statusCode { metadata.append(.init("status_code", .number(String(status)))) }
            if !failure.details.isNull { metadata.append(.init("details", failure.details)) }
        }
        self.init(success: false, error: "\(error)", metadata: .object(metadata), timestamp: now)
    }
}

/// Counts what became of a list's records.
struct SyncTally {
    /// Of each list; a broken receiver must not fill memory with its complaints.
    private static let mostErrors = 100

    private var synced = 0
    private var failures = 0
    private var errors: [String] = []

    mutating func succeeded() { synced += 1 }

    mutating func failed(_ error: String) {
        failures += 1
        if errors.count < Self.mostErrors { errors.append(error) }
    }

    /// `moment` is from when on the next sync has to look; it counts where nothing failed: what did must come again.
    func result(_ type: String, at moment: Instant) -> SyncResult {
        let next = failures == 0 ? moment : nil
        return SyncResult(entityType: type, syncedCount: synced, failedCount: failures, errors: errors, lastSync: next)
    }
}
