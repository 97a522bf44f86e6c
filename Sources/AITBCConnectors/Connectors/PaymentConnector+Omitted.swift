public import ConnectorCore

// Calls that leave parameters out: one for each that may be the last one left out, so that none of them can be taken for
// another, and all reach the requirement.

extension PaymentConnector {
    /// The same without an idempotency key: a random one.
    public func createCharge(
        amount: Int,
        currency: String,
        source: String,
        description: String? = nil,
        metadata: JSONValue? = nil
    ) async throws -> Charge {
        try await createCharge(
            amount: amount,
            currency: currency,
            source: source,
            description: description,
            metadata: metadata,
            idempotencyKey: nil
        )
    }

    /// The same without metadata.
    public func createCharge(
        amount: Int,
        currency: String,
        source: String,
        description: String? = nil,
        idempotencyKey: String?
    ) async throws -> Charge {
        try await createCharge(
            amount: amount,
            currency: currency,
            source: source,
            description: description,
            metadata: nil,
            idempotencyKey: idempotencyKey
        )
    }

    /// The same without a description.
    public func createCharge(
        amount: Int,
        currency: String,
        source: String,
        metadata: JSONValue?,
        idempotencyKey: String?
    ) async throws -> Charge {
        try await createCharge(
            amount: amount,
            currency: currency,
            source: source,
            description: nil,
            metadata: metadata,
            idempotencyKey: idempotencyKey
        )
    }

    /// The same without an idempotency key: a random one.
    public func createRefund(charge: String, amount: Int? = nil, reason: String? = nil) async throws -> Refund {
        try await createRefund(charge: charge, amount: amount, reason: reason, idempotencyKey: nil)
    }

    /// The same without a reason.
    public func createRefund(charge: String, amount: Int? = nil, idempotencyKey: String?) async throws -> Refund {
        try await createRefund(charge: charge, amount: amount, reason: nil, idempotencyKey: idempotencyKey)
    }

    /// The same without an amount.
    public func createRefund(charge: String, reason: String?, idempotencyKey: String?) async throws -> Refund {
        try await createRefund(charge: charge, amount: nil, reason: reason, idempotencyKey: idempotencyKey)
    }

    /// The same without an idempotency key: a random one.
    public func createPaymentMethod(type: String, card: JSONValue, metadata: JSONValue? = nil) async throws
        -> PaymentMethod
    {
        try await createPaymentMethod(type: type, card: card, metadata: metadata, idempotencyKey: nil)
    }

    /// The same without metadata.
    public func createPaymentMethod(type: String, card: JSONValue, idempotencyKey: String?) async throws
        -> PaymentMethod
    {
        try await createPaymentMethod(type: type, card: card, metadata: nil, idempotencyKey: idempotencyKey)
    }

    /// The same without an idempotency key: a random one.
    public func createCustomer(
        email: String? = nil,
        name: String? = nil,
        source: String? = nil,
        metadata: JSONValue? = nil
    ) async throws -> Customer {
        try await createCustomer(email: email, name: name, source: source, metadata: metadata, idempotencyKey: nil)
    }

    /// The same without metadata.
    public func createCustomer(
        email: String? = nil,
        name: String? = nil,
        source: String? = nil,
        idempotencyKey: String?
    ) async throws -> Customer {
        try await createCustomer(
            email: email,
            name: name,
            source: source,
            metadata: nil,
            idempotencyKey: idempotencyKey
        )
    }

    /// The same without a source.
    public func createCustomer(email: String? = nil, name: String? = nil, metadata: JSONValue?, idempotencyKey: String?)
        async throws -> Customer
    {
        try await createCustomer(
            email: email,
            name: name,
            source: nil,
            metadata: metadata,
            idempotencyKey: idempotencyKey
        )
    }

    /// The same without a name.
    public func createCustomer(email: String? = nil, source: String?, metadata: JSONValue?, idempotencyKey: String?)
        async throws -> Customer
    {
        try await createCustomer(
            email: email,
            name: nil,
            source: source,
            metadata: metadata,
            idempotencyKey: idempotencyKey
        )
    }

    /// The same without an email address.
    public func createCustomer(name: String?, source: String?, metadata: JSONValue?, idempotencyKey: String?)
        async throws -> Customer
    {
        try await createCustomer(
            email: nil,
            name: name,
            source: source,
            metadata: metadata,
            idempotencyKey: idempotencyKey
        )
    }

    /// The same without an idempotency key: a random one.
    public func createSubscription(customer: String, items: [JSONValue], metadata: JSONValue? = nil) async throws
        -> Subscription
    {
        try await createSubscription(customer: customer, items: items, metadata: metadata, idempotencyKey: nil)
    }

    /// The same without metadata.
    public func createSubscription(customer: String, items: [JSONValue], idempotencyKey: String?) async throws
        -> Subscription
    {
        try await createSubscription(customer: customer, items: items, metadata: nil, idempotencyKey: idempotencyKey)
    }

    /// The same without an idempotency key: a random one.
    public func cancelSubscription(_ subscription: String, atPeriodEnd: Bool = true) async throws -> Subscription {
        try await cancelSubscription(subscription, atPeriodEnd: atPeriodEnd, idempotencyKey: nil)
    }

    /// The same without a time: at the end of what is paid for.
    public func cancelSubscription(_ subscription: String, idempotencyKey: String?) async throws -> Subscription {
        try await cancelSubscription(subscription, atPeriodEnd: true, idempotencyKey: idempotencyKey)
    }
}
