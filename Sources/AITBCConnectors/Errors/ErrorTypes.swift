// The errors of the specification. Each is its context; the type says which kind it is.

/// The server does not accept who we are (401) or what we may do (403), or no proof could be had.
public struct AuthenticationError: AITBCError {
    /// What is known about the failure.
    public var context: ErrorContext

    /// An authentication error from its parts.
    public init(_ context: ErrorContext) {
        self.context = context
    }
}

/// Too many requests (429), and the retries did not help. ``AITBCError/retryAfter`` says how long to wait.
public struct RateLimitError: AITBCError {
    /// What is known about the failure.
    public var context: ErrorContext

    /// A rate limit error from its parts.
    public init(_ context: ErrorContext) {
        self.context = context
    }
}

/// Any other answer that is an error, an answer that can't be understood, or no answer at all.
public struct APIError: AITBCError {
    /// What is known about the failure.
    public var context: ErrorContext

    /// An API error from its parts.
    public init(_ context: ErrorContext) {
        self.context = context
    }
}

/// A setting is missing or makes no sense; nothing was sent.
public struct ConfigurationError: AITBCError {
    /// What is known about the failure.
    public var context: ErrorContext

    /// A configuration error from its parts.
    public init(_ context: ErrorContext) {
        self.context = context
    }
}

/// The caller's data breaks a rule; nothing was sent. ``AITBCError/details`` names the fields.
public struct ValidationError: AITBCError {
    /// What is known about the failure.
    public var context: ErrorContext

    /// A validation error from its parts.
    public init(_ context: ErrorContext) {
        self.context = context
    }
}

/// No answer within the time that the configuration allows.
public struct TimeoutError: AITBCError {
    /// What is known about the failure.
    public var context: ErrorContext

    /// A timeout from its parts.
    public init(_ context: ErrorContext) {
        self.context = context
    }
}

/// A payment processor refused an operation: a declined card, a charge that is refunded already.
public struct PaymentError: ConnectorError {
    /// What is known about the failure.
    public var context: ErrorContext

    /// A payment error from its parts.
    public init(_ context: ErrorContext) {
        self.context = context
    }
}

/// An ERP system refused an operation.
public struct ERPError: ConnectorError {
    /// What is known about the failure.
    public var context: ErrorContext

    /// An ERP error from its parts.
    public init(_ context: ErrorContext) {
        self.context = context
    }
}

/// A synchronisation could not go on.
public struct SyncError: ConnectorError {
    /// What is known about the failure.
    public var context: ErrorContext

    /// A sync error from its parts.
    public init(_ context: ErrorContext) {
        self.context = context
    }
}

/// A webhook event could not be believed, read or handled.
public struct WebhookError: ConnectorError {
    /// What is known about the failure.
    public var context: ErrorContext

    /// A webhook error from its parts.
    public init(_ context: ErrorContext) {
        self.context = context
    }
}
