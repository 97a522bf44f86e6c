public import ConnectorCore

// What a processor has, by the lists and operations of its definition.

extension PaymentConnector {
    /// The engine's list `charges`.
    public func charges(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Charge> {
        records("charges", as: Charge.self, since: createdSince, filters: filters)
    }

    /// The engine's list `refunds`.
    public func refunds(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Refund> {
        records("refunds", as: Refund.self, since: createdSince, filters: filters)
    }

    /// The engine's list `customers`.
    public func customers(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Customer> {
        records("customers", as: Customer.self, since: createdSince, filters: filters)
    }

    /// The engine's list `subscriptions`.
    public func subscriptions(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Subscription> {
        records("subscriptions", as: Subscription.self, since: createdSince, filters: filters)
    }

    /// Asks the engine for `retrieve_charge`.
    public func retrieveCharge(_ id: String) async throws -> Charge {
        try await ask("retrieve_charge", [.init("id", .string(id))], nil)
    }

    /// Asks the engine for `retrieve_refund`.
    public func retrieveRefund(_ id: String) async throws -> Refund {
        try await ask("retrieve_refund", [.init("id", .string(id))], nil)
    }

    /// Asks the engine for `retrieve_payment_method`.
    public func retrievePaymentMethod(_ id: String) async throws -> PaymentMethod {
        try await ask("retrieve_payment_method", [.init("id", .string(id))], nil)
    }

    /// Asks the engine for `retrieve_customer`.
    public func retrieveCustomer(_ id: String) async throws -> Customer {
        try await ask("retrieve_customer", [.init("id", .string(id))], nil)
    }

    /// Asks the engine for `retrieve_subscription`.
    public func retrieveSubscription(_ id: String) async throws -> Subscription {
        try await ask("retrieve_subscription", [.init("id", .string(id))], nil)
    }
}

// Calls that leave parameters out, as the other ones do.

extension PaymentConnector {
    /// The same without a filter.
    public func charges(createdSince: Instant? = nil) -> RecordSequence<Charge> {
        charges(createdSince: createdSince, filters: .object([]))
    }

    /// The same of all, whenever they were made.
    public func charges(filters: JSONValue) -> RecordSequence<Charge> {
        charges(createdSince: nil, filters: filters)
    }

    /// The same without a filter.
    public func refunds(createdSince: Instant? = nil) -> RecordSequence<Refund> {
        refunds(createdSince: createdSince, filters: .object([]))
    }

    /// The same of all, whenever they were made.
    public func refunds(filters: JSONValue) -> RecordSequence<Refund> {
        refunds(createdSince: nil, filters: filters)
    }

    /// The same without a filter.
    public func customers(createdSince: Instant? = nil) -> RecordSequence<Customer> {
        customers(createdSince: createdSince, filters: .object([]))
    }

    /// The same of all, whenever they were made.
    public func customers(filters: JSONValue) -> RecordSequence<Customer> {
        customers(createdSince: nil, filters: filters)
    }

    /// The same without a filter.
    public func subscriptions(createdSince: Instant? = nil) -> RecordSequence<Subscription> {
        subscriptions(createdSince: createdSince, filters: .object([]))
    }

    /// The same of all, whenever they were made.
    public func subscriptions(filters: JSONValue) -> RecordSequence<Subscription> {
        subscriptions(createdSince: nil, filters: filters)
    }
}
