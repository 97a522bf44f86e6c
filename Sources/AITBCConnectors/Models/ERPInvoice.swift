public import ConnectorCore

/// An invoice.
public struct ERPInvoice: Sendable, Hashable, Codable {
    /// The other side's id.
    public var id: String
    /// The number that people use.
    public var number: String?
    /// Whose it is.
    public var customerID: String?
    /// ISO 4217.
    public var currency: String?
    /// In the smallest unit of the currency.
    public var total: Int?
    /// In the ERP's words.
    public var status: String?
    /// When.
    public var issuedAt: Instant?
    /// Until when it is to be paid.
    public var dueAt: Instant?
    /// When it changed last.
    public var updatedAt: Instant?
    /// The record as it came.
    public var raw: JSONValue

    /// A value from its fields; those that may be missing have a default.
    public init(
        id: String,
        number: String? = nil,
        customerID: String? = nil,
        currency: String? = nil,
        total: Int? = nil,
        status: String? = nil,
        issuedAt: Instant? = nil,
        dueAt: Instant? = nil,
        updatedAt: Instant? = nil,
        raw: JSONValue = .null
    ) {
        self.id = id
        self.number = number
        self.customerID = customerID
        self.currency = currency
        self.total = total
        self.status = status
        self.issuedAt = issuedAt
        self.dueAt = dueAt
        self.updatedAt = updatedAt
        self.raw = raw
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case number
        case customerID = "customer_id"
        case currency
        case total
        case status
        case issuedAt = "issued_at"
        case dueAt = "due_at"
        case updatedAt = "updated_at"
        case raw
    }

    /// Reads the specification's names. A field with a default may be missing or null.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(String.self, forKey: .id),
            number: try fields.decodeIfPresent(String.self, forKey: .number),
            customerID: try fields.decodeIfPresent(String.self, forKey: .customerID),
            currency: try fields.decodeIfPresent(String.self, forKey: .currency),
            total: try fields.decodeIfPresent(Int.self, forKey: .total),
            status: try fields.decodeIfPresent(String.self, forKey: .status),
            issuedAt: try fields.decodeIfPresent(Instant.self, forKey: .issuedAt),
            dueAt: try fields.decodeIfPresent(Instant.self, forKey: .dueAt),
            updatedAt: try fields.decodeIfPresent(Instant.self, forKey: .updatedAt),
            raw: try fields.decodeIfPresent(JSONValue.self, forKey: .raw) ?? .null
        )
    }
}
