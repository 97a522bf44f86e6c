public import ConnectorCore

/// What every error of the SDK is: `catch let error as any AITBCError` takes them all.
///
/// Below it stand the types of the specification: ``AuthenticationError``, ``RateLimitError``, ``APIError``,
/// ``ConfigurationError``, ``ValidationError``, ``TimeoutError``, and the family ``ConnectorError`` with
/// ``PaymentError``, ``ERPError``, ``SyncError`` and ``WebhookError``.
///
/// An error can be written down and read again as the specification's error answer (`success`, `error`, `error_code`,
/// `details`), with what is known besides; but for ``underlying``, which is not written, what is read is equal.
public protocol AITBCError: Error, Sendable, Equatable, Codable, CustomStringConvertible {
    /// What is known about the failure.
    var context: ErrorContext { get }
    /// An error of this type with that context.
    init(_ context: ErrorContext)
}

/// The family of errors of a connector's own work: `catch let error as any ConnectorError`.
public protocol ConnectorError: AITBCError {}

extension AITBCError {
    /// The same failure.
    public static func == (left: Self, right: Self) -> Bool { left.context == right.context }

    /// Reads what ``encode(to:)`` has written, or a server's error answer.
    public init(from decoder: any Decoder) throws { self.init(try ErrorContext(from: decoder)) }

    /// Writes the specification's error answer.
    public func encode(to encoder: any Encoder) throws { try context.encode(to: encoder) }
}

extension AITBCError {
    /// What failed, in one sentence.
    public var message: String { context.message }
    /// The server's code, or the SDK's own.
    public var code: String? { context.code }
    /// The HTTP status, where there was an answer.
    public var statusCode: Int? { context.statusCode }
    /// What the server tells besides.
    public var details: JSONValue { context.details }
    /// How long the server asks to wait.
    public var retryAfter: Duration? { context.retryAfter }
    /// Method and path of the request, without its query.
    public var request: String? { context.request }
    /// What went wrong below.
    public var underlying: (any Error)? { context.underlying }
    /// What the reader can do about it.
    public var hint: String? { context.hint }

    /// With which key an operation was asked for: asked again with the same, it is done once. Nil where it bore none.
    public var idempotencyKey: String? { context.idempotencyKey }

    /// The other side may have carried out what was asked.
    public var mayHaveBeenSent: Bool { context.mayHaveBeenSent }

    /// The message, and the hint behind a semicolon.
    public var description: String { hint.map { "\(message); \($0)" } ?? message }
}

extension Error {
    /// The same with the key that was asked with: whoever asks again after a failure needs it.
    func bearing(_ key: String?) -> any Error {
        guard let key, let failure = self as? any AITBCError, failure.idempotencyKey == nil else { return self }
        return failure.with { $0.idempotencyKey = key }
    }
}

extension AITBCError {
    /// The same, with what is known besides.
    fileprivate func with(_ change: (inout ErrorContext) -> Void) -> any AITBCError {
        var context = context
        change(&context)
        return Self(context)
    }

    /// The same of a request that something before it kept from being sent.
    var unsent: any AITBCError { with { $0.mayHaveBeenSent = false } }

    /// The same of a write that nobody may simply repeat.
    var inDoubt: any AITBCError { with { $0.hint = "it may have been done: look before you ask again" } }

    /// The same where an earlier attempt may have been carried out.
    func sent(_ mayHaveBeenSent: Bool) -> any AITBCError {
        with { $0.mayHaveBeenSent = $0.mayHaveBeenSent || mayHaveBeenSent }
    }
}
