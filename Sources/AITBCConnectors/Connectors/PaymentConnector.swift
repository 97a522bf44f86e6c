public import ConnectorCore
import ConnectorCrypto

/// A payment processor. Amounts are integers of the currency's smallest unit throughout, as the processor counts it. For
/// nearly all currencies that is ISO 4217's; Stripe, for one, takes ISK and UGX in hundredths and MGA whole
/// (docs.stripe.com/currencies, "Special cases").
///
/// Every call throws a ``ValidationError`` before anything is sent, a ``PaymentError`` with the processor's code where
/// it refuses, or another ``AITBCError``.
///
/// Each call is a requirement with a default, which asks the ``BaseConnector/engine``: implement one, with all its
/// parameters, and it is called through `any PaymentConnector`, too, however many of them the caller leaves out.
public protocol PaymentConnector: BaseConnector {
    /// Takes money.
    ///
    /// - Parameters:
    ///   - amount: 1 to 99,999,999 of the smallest unit.
    ///   - currency: three letters.
    ///   - source: what is charged: a token, a card, a customer's default.
    ///   - description: at most 1000 characters.
    ///   - metadata: an object of your own.
    ///   - idempotencyKey: the same key twice makes one charge; nil for a random one.
    func createCharge(
        amount: Int,
        currency: String,
        source: String,
        description: String?,
        metadata: JSONValue?,
        idempotencyKey: String?
    ) async throws -> Charge

    /// Gives money back; all that is left where no amount is given.
    ///
    /// - Parameters:
    ///   - charge: what was paid with.
    ///   - amount: of the smallest unit; nil for what is left.
    ///   - reason: `duplicate`, `fraudulent` or `requested_by_customer`.
    ///   - idempotencyKey: the same key twice is the same operation; nil for a random one.
    func createRefund(
        charge: String,
        amount: Int?,
        reason: String?,
        idempotencyKey: String?
    ) async throws -> Refund

    /// Stores what a customer pays with.
    ///
    /// - Parameters:
    ///   - type: `card`, or another kind that the processor knows.
    ///   - card: its fields, such as `number`, `exp_month`, `exp_year`, `cvc`, or a `token`.
    ///   - metadata: an object of your own.
    ///   - idempotencyKey: the same key twice is the same operation; nil for a random one.
    func createPaymentMethod(
        type: String,
        card: JSONValue,
        metadata: JSONValue?,
        idempotencyKey: String?
    ) async throws -> PaymentMethod

    /// Makes a customer.
    ///
    /// - Parameters:
    ///   - email: where bills go.
    ///   - name: as it stands on them.
    ///   - source: what the customer pays with from now on.
    ///   - metadata: an object of your own.
    ///   - idempotencyKey: the same key twice is the same operation; nil for a random one.
    func createCustomer(
        email: String?,
        name: String?,
        source: String?,
        metadata: JSONValue?,
        idempotencyKey: String?
    ) async throws -> Customer

    /// Begins a subscription.
    ///
    /// - Parameters:
    ///   - customer: who pays.
    ///   - items: an object each, with what the processor wants (`price` or `plan`, `quantity`).
    ///   - metadata: an object of your own.
    ///   - idempotencyKey: the same key twice is the same operation; nil for a random one.
    func createSubscription(
        customer: String,
        items: [JSONValue],
        metadata: JSONValue?,
        idempotencyKey: String?
    ) async throws -> Subscription

    /// Ends a subscription, at the end of what is paid for or at once.
    func cancelSubscription(
        _ subscription: String,
        atPeriodEnd: Bool,
        idempotencyKey: String?
    ) async throws -> Subscription

    /// What the account holds.
    func retrieveBalance() async throws -> Balance

    // MARK: Lists

    /// Charges that were made since then, read as they are asked for; all where nil.
    ///
    /// - Parameters:
    ///   - createdSince: by the list's cursor; nil for all.
    ///   - filters: sent as parameters.
    func charges(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Charge>

    /// Refunds that were made since then, read as they are asked for; all where nil.
    ///
    /// - Parameters:
    ///   - createdSince: by the list's cursor; nil for all.
    ///   - filters: sent as parameters.
    func refunds(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Refund>

    /// Customers that were made since then, read as they are asked for; all where nil.
    ///
    /// - Parameters:
    ///   - createdSince: by the list's cursor; nil for all.
    ///   - filters: sent as parameters.
    func customers(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Customer>

    /// Subscriptions that were made since then, read as they are asked for; all where nil.
    ///
    /// - Parameters:
    ///   - createdSince: by the list's cursor; nil for all.
    ///   - filters: sent as parameters.
    func subscriptions(createdSince: Instant?, filters: JSONValue) -> RecordSequence<Subscription>

    // MARK: One by its id

    /// The charge of that id.
    func retrieveCharge(_ id: String) async throws -> Charge

    /// The refund of that id.
    func retrieveRefund(_ id: String) async throws -> Refund

    /// The payment method of that id.
    func retrievePaymentMethod(_ id: String) async throws -> PaymentMethod

    /// The customer of that id.
    func retrieveCustomer(_ id: String) async throws -> Customer

    /// The subscription of that id.
    func retrieveSubscription(_ id: String) async throws -> Subscription
}

extension PaymentConnector {
    /// Asks the engine for `create_charge`.
    public func createCharge(
        amount: Int,
        currency: String,
        source: String,
        description: String?,
        metadata: JSONValue?,
        idempotencyKey: String?
    ) async throws -> Charge {
        try await ask(
            "create_charge",
            [
                .init("amount", .number(String(amount))), .init("currency", .string(currency)),
                .init("source", .string(source)), .optional("description", description),
                .optional("metadata", metadata),
            ],
            idempotencyKey
        )
    }

    /// Asks the engine for `create_refund`.
    public func createRefund(
        charge: String,
        amount: Int?,
        reason: String?,
        idempotencyKey: String?
    ) async throws -> Refund {
        try await ask(
            "create_refund",
            [
                .init("charge", .string(charge)), .optional("amount", amount.map { .number(String($0)) }),
                .optional("reason", reason),
            ],
            idempotencyKey
        )
    }

    /// Asks the engine for `create_payment_method`.
    public func createPaymentMethod(
        type: String,
        card: JSONValue,
        metadata: JSONValue?,
        idempotencyKey: String?
    ) async throws -> PaymentMethod {
        try await ask(
            "create_payment_method",
            [.init("type", .string(type)), .init("card", card), .optional("metadata", metadata)],
            idempotencyKey
        )
    }

    /// Asks the engine for `create_customer`.
    public func createCustomer(
        email: String?,
        name: String?,
        source: String?,
        metadata: JSONValue?,
        idempotencyKey: String?
    ) async throws -> Customer {
        try await ask(
            "create_customer",
            [
                .optional("email", email), .optional("name", name), .optional("source", source),
                .optional("metadata", metadata),
            ],
            idempotencyKey
        )
    }

    /// Asks the engine for `create_subscription`.
    public func createSubscription(
        customer: String,
        items: [JSONValue],
        metadata: JSONValue?,
        idempotencyKey: String?
    ) async throws -> Subscription {
        try await ask(
            "create_subscription",
            [
                .init("customer", .string(customer)), .init("items", .array(items)), .optional("metadata", metadata),
            ],
            idempotencyKey
        )
    }

    /// Asks the engine for `cancel_subscription`.
    public func cancelSubscription(
        _ subscription: String,
        atPeriodEnd: Bool,
        idempotencyKey: String?
    ) async throws -> Subscription {
        try await ask(
            "cancel_subscription",
            [.init("subscription", .string(subscription)), .init("at_period_end", .bool(atPeriodEnd))],
            idempotencyKey
        )
    }

    /// Asks the engine for `retrieve_balance`.
    public func retrieveBalance() async throws -> Balance {
        try await ask("retrieve_balance", [], nil)
    }

    func ask<Model: Decodable>(
        _ operation: String,
        _ members: [JSONValue.Member],
        _ key: String?
    ) async throws -> Model {
        let data = JSONValue.object(members.filter { !$0.value.isNull })
        // Chosen here, so that an answer that is no such model names it, too.
        let key = key ?? (engine.bearsKey(operation, data) ? RandomBytes.uuid() : nil)
        let result = try await perform(operation, data: data, idempotencyKey: key)
        do {
            return try JSONValueDecoder().decode(Model.self, from: result)
        } catch {
            let context = ErrorContext(
                "\(operation) was done, but its answer is not a \(Model.self): \(error)",
                code: "BAD_ANSWER",
                details: CardMask.masked(result),
                underlying: error,
                hint: "look at the processor before you do it again; the definition's model does not fit",
                idempotencyKey: key,
                mayHaveBeenSent: true
            )
            throw PaymentError(context)
        }
    }
}

extension JSONValue.Member {
    static func optional(_ name: String, _ value: String?) -> JSONValue.Member {
        .init(name, value.map { .string($0) } ?? .null)
    }

    static func optional(_ name: String, _ value: JSONValue?) -> JSONValue.Member { .init(name, value ?? .null) }
}

/// Any payment processor that a definition describes.
public struct DefinedPaymentConnector: PaymentConnector {
    /// Does the work.
    public let engine: ConnectorEngine

    /// A connector on an engine of yours.
    public init(_ engine: ConnectorEngine) {
        self.engine = engine
    }
}

/// Stripe, by the shipped definition.
public struct StripeConnector: PaymentConnector {
    /// Does the work.
    public let engine: ConnectorEngine

    /// - Parameters:
    ///   - apiKey: `sk_…` or a restricted key.
    ///   - settings: what a connector file would say besides (`base_url`, `rate_limit`, `webhook`, …).
    ///   - transport: who sends; nil for the SDK's own engine.
    ///   - metrics: where to count; nil for a collector of its own.
    ///   - auditLog: told of every write.
    ///   - clocks: whose time it lives in: ``TestClocks`` in a test; nil for the machine's.
    ///
    /// Throws a ``ConfigurationError``.
    public init(
        apiKey: Secret,
        settings: JSONValue = .object([]),
        transport: (any HTTPTransport)? = nil,
        metrics: MetricsCollector? = nil,
        auditLog: (any AuditLog)? = nil,
        clocks: (any Clocks)? = nil
    ) throws {
        let key = JSONValue.Member("api_key", .string(apiKey.reveal()))
        engine = try ConnectorEngine(
            name: "stripe",
            definition: ShippedDefinitions.stripe,
            settings: .object([key] + (settings.members ?? [])),
            transport: transport,
            metrics: metrics,
            auditLog: auditLog,
            clocks: clocks
        )
    }
}
