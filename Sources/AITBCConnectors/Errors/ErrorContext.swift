public import ConnectorCore

/// What is known about a failure. Nothing in it holds a secret.
public struct ErrorContext: Sendable {
    /// What failed, in one sentence.
    public var message: String
    /// The server's code (`card_declined`, `ERROR_CODE`), or the SDK's own in capitals where no server answered.
    public var code: String?
    /// The HTTP status, where there was an answer.
    public var statusCode: Int?
    /// What the server tells besides, as it came; `.null` where there is nothing.
    public var details: JSONValue
    /// How long the server asks to wait.
    public var retryAfter: Duration?
    /// Method and path of the request, without its query.
    public var request: String?
    /// What went wrong below: a ``TransportError``, a ``JSONError``, a user's own error.
    public var underlying: (any Error)?
    /// What the reader can do about it.
    public var hint: String?
    /// With which key an operation was asked for: asked again with the same, it is done once. Nil where it bore none.
    public var idempotencyKey: String?
    /// The other side may have carried out what was asked: to ask again is only safe with the same key, or where asking
    /// twice is the same as once.
    public var mayHaveBeenSent: Bool

    /// A context from its parts.
    public init(
        _ message: String,
        code: String? = nil,
        statusCode: Int? = nil,
        details: JSONValue = .null,
        retryAfter: Duration? = nil,
        request: String? = nil,
        underlying: (any Error)? = nil,
        hint: String? = nil,
        idempotencyKey: String? = nil,
        mayHaveBeenSent: Bool = false
    ) {
        self.message = message
        self.code = code
        self.statusCode = statusCode
        self.details = details
        self.retryAfter = retryAfter
        self.request = request
        self.underlying = underlying
        self.hint = hint
        self.idempotencyKey = idempotencyKey
        self.mayHaveBeenSent = mayHaveBeenSent
    }
}

/// But for ``underlying``: errors of others can't be compared.
extension ErrorContext: Equatable {
    /// Whether both tell the same.
    public static func == (left: ErrorContext, right: ErrorContext) -> Bool {
        left.message == right.message && left.code == right.code && left.statusCode == right.statusCode
            && left.details == right.details && left.retryAfter == right.retryAfter && left.request == right.request
            && left.hint == right.hint && left.idempotencyKey == right.idempotencyKey
            && left.mayHaveBeenSent == right.mayHaveBeenSent
    }
}

/// The specification's error answer, and our own members beside it. ``underlying`` is not written.
extension ErrorContext: Codable {
    private enum CodingKeys: String, CodingKey {
        case success
        case message = "error"
        case code = "error_code"
        case details
        case statusCode = "status_code"
        case retryAfter = "retry_after"
        case request
        case hint
        case idempotencyKey = "idempotency_key"
        case mayHaveBeenSent = "may_have_been_sent"
    }

    /// A server's error answer is read as well. `retry_after` is in seconds.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try fields.decode(String.self, forKey: .message),
            code: try fields.decodeIfPresent(String.self, forKey: .code),
            statusCode: try fields.decodeIfPresent(Int.self, forKey: .statusCode),
            details: try fields.decodeIfPresent(JSONValue.self, forKey: .details) ?? .null,
            retryAfter: try fields.decodeIfPresent(Double.self, forKey: .retryAfter).map(
                Self.span
            ),
            request: try fields.decodeIfPresent(String.self, forKey: .request),
            hint: try fields.decodeIfPresent(String.self, forKey: .hint),
            idempotencyKey: try fields.decodeIfPresent(String.self, forKey: .idempotencyKey),
            mayHaveBeenSent: try fields.decodeIfPresent(Bool.self, forKey: .mayHaveBeenSent) ?? false
        )
    }

    /// To the nanosecond; at most what a century has.
    private static func span(_ seconds: Double) -> Duration {
        .nanoseconds(Int64((min(max(seconds.isFinite ? seconds : 0, 0), 3_155_760_000) * 1e9).rounded()))
    }

    /// `success` is false.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(false, forKey: .success)
        try fields.encode(message, forKey: .message)
        try fields.encodeIfPresent(code, forKey: .code)
        if !details.isNull { try fields.encode(details, forKey: .details) }
        try fields.encodeIfPresent(statusCode, forKey: .statusCode)
        try fields.encodeIfPresent(retryAfter?.inSeconds, forKey: .retryAfter)
        try fields.encodeIfPresent(request, forKey: .request)
        try fields.encodeIfPresent(hint, forKey: .hint)
        try fields.encodeIfPresent(idempotencyKey, forKey: .idempotencyKey)
        if mayHaveBeenSent { try fields.encode(true, forKey: .mayHaveBeenSent) }
    }
}
