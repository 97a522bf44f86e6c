public import ConnectorCore

/// What a customer pays with.
public struct PaymentMethod: Sendable, Hashable, Codable {
    /// The other side's id.
    public var id: String
    /// `card`, `sepa_debit`, and so on.
    public var type: String
    /// When it was made.
    public var createdAt: Instant
    /// What you attached; an object.
    public var metadata: JSONValue
    /// Of a card.
    public var brand: String?
    /// The last four digits of a card.
    public var last4: String?
    /// 1 to 12.
    public var expMonth: Int?
    /// Four digits.
    public var expYear: Int?

    /// A value from its fields; those that may be missing have a default.
    public init(
        id: String,
        type: String,
        createdAt: Instant,
        metadata: JSONValue = .object([]),
        brand: String? = nil,
        last4: String? = nil,
        expMonth: Int? = nil,
        expYear: Int? = nil
    ) {
        self.id = id
        self.type = type
        self.createdAt = createdAt
        self.metadata = metadata
        self.brand = brand
        self.last4 = last4
        self.expMonth = expMonth
        self.expYear = expYear
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case type
        case createdAt = "created_at"
        case metadata
        case brand
        case last4
        case expMonth = "exp_month"
        case expYear = "exp_year"
    }

    /// Reads the specification's names. A field with a default may be missing or null.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(String.self, forKey: .id),
            type: try fields.decode(String.self, forKey: .type),
            createdAt: try fields.decode(Instant.self, forKey: .createdAt),
            metadata: try fields.decodeIfPresent(JSONValue.self, forKey: .metadata) ?? .object([]),
            brand: try fields.decodeIfPresent(String.self, forKey: .brand),
            last4: try fields.decodeIfPresent(String.self, forKey: .last4),
            expMonth: try fields.decodeIfPresent(Int.self, forKey: .expMonth),
            expYear: try fields.decodeIfPresent(Int.self, forKey: .expYear)
        )
    }
}
