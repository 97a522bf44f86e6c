public import ConnectorCore

/// Who pays.
public struct Customer: Sendable, Hashable, Codable {
    /// The other side's id.
    public var id: String
    /// Where mail goes.
    public var email: String?
    /// As it is written.
    public var name: String?
    /// When it was made.
    public var createdAt: Instant
    /// What you attached; an object.
    public var metadata: JSONValue

    /// A value from its fields; those that may be missing have a default.
    public init(
        id: String,
        email: String? = nil,
        name: String? = nil,
        createdAt: Instant,
        metadata: JSONValue = .object([])
    ) {
        self.id = id
        self.email = email
        self.name = name
        self.createdAt = createdAt
        self.metadata = metadata
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case email
        case name
        case createdAt = "created_at"
        case metadata
    }

    /// Reads the specification's names. A field with a default may be missing or null.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(String.self, forKey: .id),
            email: try fields.decodeIfPresent(String.self, forKey: .email),
            name: try fields.decodeIfPresent(String.self, forKey: .name),
            createdAt: try fields.decode(Instant.self, forKey: .createdAt),
            metadata: try fields.decodeIfPresent(JSONValue.self, forKey: .metadata) ?? .object([])
        )
    }
}
