public import ConnectorCore

/// Money given back for a charge.
public struct Refund: Sendable, Hashable, Codable {
    /// The other side's id.
    public var id: String
    /// In the smallest unit of the currency.
    public var amount: Int
    /// ISO 4217, in the case that the processor uses.
    public var currency: String
    /// How it stands.
    public var status: RefundStatus
    /// When it was made.
    public var createdAt: Instant
    /// When it changed last; when it was made, where nobody says.
    public var updatedAt: Instant
    /// What is refunded.
    public var chargeID: String
    /// Why.
    public var reason: String?
    /// What you attached; an object.
    public var metadata: JSONValue

    /// A value from its fields; those that may be missing have a default.
    public init(
        id: String,
        amount: Int,
        currency: String,
        status: RefundStatus,
        createdAt: Instant,
        updatedAt: Instant,
        chargeID: String,
        reason: String? = nil,
        metadata: JSONValue = .object([])
    ) {
        self.id = id
        self.amount = amount
        self.currency = currency
        self.status = status
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.chargeID = chargeID
        self.reason = reason
        self.metadata = metadata
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case amount
        case currency
        case status
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case chargeID = "charge_id"
        case reason
        case metadata
    }

    /// Reads the specification's names. A field with a default may be missing or null.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(String.self, forKey: .id),
            amount: try fields.decode(Int.self, forKey: .amount),
            currency: try fields.decode(String.self, forKey: .currency),
            status: try fields.decode(RefundStatus.self, forKey: .status),
            createdAt: try fields.decode(Instant.self, forKey: .createdAt),
            updatedAt: try fields.decode(Instant.self, forKey: .updatedAt),
            chargeID: try fields.decode(String.self, forKey: .chargeID),
            reason: try fields.decodeIfPresent(String.self, forKey: .reason),
            metadata: try fields.decodeIfPresent(JSONValue.self, forKey: .metadata) ?? .object([])
        )
    }
}
