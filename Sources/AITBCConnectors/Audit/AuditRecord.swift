public import ConnectorCore

/// One write, for those who must be able to tell later who did what. Never holds a secret or a card number.
public struct AuditRecord: Sendable, Hashable, Codable {
    /// The connector, or the host of a client.
    public var actor: String
    /// The tenant in whose name it was done.
    public var tenant: String?
    /// The enterprise in whose name it was done.
    public var enterprise: String?
    /// `create_charge`, or method and path.
    public var operation: String
    /// The object that was made or changed, where the answer names it.
    public var object: String?
    /// When it ended.
    public var at: Instant
    /// `succeeded`, `failed`, or `unknown`: sent, and no answer says whether it was done.
    public var outcome: String
    /// The code of the failure.
    public var errorCode: String?
    /// The HTTP status, where there was an answer.
    public var statusCode: Int?
    /// With which key it can be asked for again.
    public var idempotencyKey: String?

    /// A record from its parts; card numbers are taken out of every text.
    public init(
        actor: String,
        tenant: String? = nil,
        enterprise: String? = nil,
        operation: String,
        object: String? = nil,
        at: Instant,
        error: (any Error)? = nil,
        statusCode: Int? = nil,
        idempotencyKey: String? = nil
    ) {
        let failure = error as? any AITBCError
        self.actor = CardMask.masked(actor)
        self.tenant = tenant.map(CardMask.masked)
        self.enterprise = enterprise.map(CardMask.masked)
        self.operation = CardMask.masked(operation)
        self.object = object.map(CardMask.maskedID)
        self.at = at
        outcome = error.map { Self.isOpen($0) ? "unknown" : "failed" } ?? "succeeded"
        errorCode = failure?.code ?? (error is CancellationError ? "CANCELLED" : nil)
        self.statusCode = statusCode ?? failure?.statusCode
        self.idempotencyKey = idempotencyKey.map(CardMask.maskedID)
    }

    /// An answer that refuses is one; what was cut short, broke on the server, or can't be read, is none.
    private static func isOpen(_ error: any Error) -> Bool {
        if error is CancellationError { return true }
        guard let failure = error as? any AITBCError, failure.mayHaveBeenSent else { return false }
        guard let status = failure.statusCode else { return true }
        return status == 408 || status >= 500 || failure.code == "BAD_ANSWER"
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case actor, tenant, enterprise, operation, object, at, outcome
        case errorCode = "error_code"
        case statusCode = "status_code"
        case idempotencyKey = "idempotency_key"
    }
}

/// Where audit records go.
public protocol AuditLog: Sendable {
    /// Called after each write, successful or not, before its caller goes on.
    func record(_ record: AuditRecord) async
}

/// Keeps the last records in memory: for tests and small programs.
public actor MemoryAuditLog: AuditLog {
    private let capacity: Int
    /// Oldest first.
    public private(set) var records: [AuditRecord] = []

    /// - Parameter capacity: older records go.
    public init(capacity: Int = 1_000) {
        self.capacity = max(1, capacity)
    }

    /// Remembers a record.
    public func record(_ record: AuditRecord) {
        if records.count >= capacity { records.removeFirst(records.count - capacity + 1) }
        records.append(record)
    }
}
