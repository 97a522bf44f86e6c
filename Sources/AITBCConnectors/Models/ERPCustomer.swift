public import ConnectorCore

/// A customer, or another business partner.
public struct ERPCustomer: Sendable, Hashable, Codable {
    /// The other side's id.
    public var id: String
    /// The number that people use.
    public var number: String?
    /// As it is written.
    public var name: String
    /// Where mail goes.
    public var email: String?
    /// Whether it is in use.
    public var active: Bool
    /// When it changed last.
    public var updatedAt: Instant?
    /// The record as it came.
    public var raw: JSONValue

    /// A value from its fields; those that may be missing have a default.
    public init(
        id: String,
        number: String? = nil,
        name: String,
        email: String? = nil,
        active: Bool = true,
        updatedAt: Instant? = nil,
        raw: JSONValue = .null
    ) {
        self.id = id
        self.number = number
        self.name = name
        self.email = email
        self.active = active
        self.updatedAt = updatedAt
        self.raw = raw
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case number
        case name
        case email
        case active
        case updatedAt = "updated_at"
        case raw
    }

    /// Reads the specification's names. A field with a default may be missing or null.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(String.self, forKey: .id),
            number: try fields.decodeIfPresent(String.self, forKey: .number),
            name: try fields.decode(String.self, forKey: .name),
            email: try fields.decodeIfPresent(String.self, forKey: .email),
            active: try fields.decodeIfPresent(Bool.self, forKey: .active) ?? true,
            updatedAt: try fields.decodeIfPresent(Instant.self, forKey: .updatedAt),
            raw: try fields.decodeIfPresent(JSONValue.self, forKey: .raw) ?? .null
        )
    }
}
