public import ConnectorCore

/// A payment that was taken, or tried.
public struct Charge: Sendable, Hashable, Codable {
    /// The other side's id.
    public var id: String
    /// In the smallest unit of the currency.
    public var amount: Int
    /// ISO 4217, in the case that the processor uses.
    public var currency: String
    /// How it stands.
    public var status: PaymentStatus
    /// When it was made.
    public var createdAt: Instant
    /// When it changed last; when it was made, where nobody says.
    public var updatedAt: Instant
    /// What it is for.
    public var description: String?
    /// What you attached; an object.
    public var metadata: JSONValue
    /// Given back so far, in the smallest unit.
    public var amountRefunded: Int
    /// Its refunds, as the processor tells them.
    public var refunds: [JSONValue]
    /// What it was paid with.
    public var paymentMethodID: String?
    /// More of what it was paid with.
    public var paymentMethodDetails: JSONValue?

    /// A value from its fields; those that may be missing have a default.
    public init(
        id: String,
        amount: Int,
        currency: String,
        status: PaymentStatus,
        createdAt: Instant,
        updatedAt: Instant,
        description: String? = nil,
        metadata: JSONValue = .object([]),
        amountRefunded: Int = 0,
        refunds: [JSONValue] = [],
        paymentMethodID: String? = nil,
        paymentMethodDetails: JSONValue? = nil
    ) {
        self.id = id
        self.amount = amount
        self.currency = currency
        self.status = status
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.description = description
        self.metadata = metadata
        self.amountRefunded = amountRefunded
        self.refunds = refunds
        self.paymentMethodID = paymentMethodID
        self.paymentMethodDetails = paymentMethodDetails
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case amount
        case currency
        case status
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case description
        case metadata
        case amountRefunded = "amount_refunded"
        case refunds
        case paymentMethodID = "payment_method_id"
        case paymentMethodDetails = "payment_method_details"
    }

    /// Reads the specification's names. A field with a default may be missing or null.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(String.self, forKey: .id),
            amount: try fields.decode(Int.self, forKey: .amount),
            currency: try fields.decode(String.self, forKey: .currency),
            status: try fields.decode(PaymentStatus.self, forKey: .status),
            createdAt: try fields.decode(Instant.self, forKey: .createdAt),
            updatedAt: try fields.decode(Instant.self, forKey: .updatedAt),
            description: try fields.decodeIfPresent(String.self, forKey: .description),
            metadata: try fields.decodeIfPresent(JSONValue.self, forKey: .metadata) ?? .object([]),
            amountRefunded: try fields.decodeIfPresent(Int.self, forKey: .amountRefunded) ?? 0,
            refunds: try fields.decodeIfPresent([JSONValue].self, forKey: .refunds) ?? [],
            paymentMethodID: try fields.decodeIfPresent(String.self, forKey: .paymentMethodID),
            paymentMethodDetails: try fields.decodeIfPresent(JSONValue.self, forKey: .paymentMethodDetails)
        )
    }
}
