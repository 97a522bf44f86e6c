public import ConnectorCore

/// A charge that comes again and again.
public struct Subscription: Sendable, Hashable, Codable {
    /// The other side's id.
    public var id: String
    /// How it stands.
    public var status: SubscriptionStatus
    /// When it was made.
    public var createdAt: Instant
    /// When it changed last; when it was made, where nobody says.
    public var updatedAt: Instant
    /// Begin of what is paid for now.
    public var currentPeriodStart: Instant
    /// Its end.
    public var currentPeriodEnd: Instant
    /// Whose it is.
    public var customerID: String
    /// What you attached; an object.
    public var metadata: JSONValue
    /// Of one period, in the smallest unit.
    public var amount: Int?
    /// ISO 4217.
    public var currency: String?
    /// `day`, `week`, `month` or `year`.
    public var interval: String?
    /// Intervals in one period.
    public var intervalCount: Int?
    /// Begin of the trial.
    public var trialStart: Instant?
    /// Its end.
    public var trialEnd: Instant?
    /// When it was cancelled.
    public var canceledAt: Instant?
    /// When it ended.
    public var endedAt: Instant?

    /// A value from its fields; those that may be missing have a default.
    public init(
        id: String,
        status: SubscriptionStatus,
        createdAt: Instant,
        updatedAt: Instant,
        currentPeriodStart: Instant,
        currentPeriodEnd: Instant,
        customerID: String,
        metadata: JSONValue = .object([]),
        amount: Int? = nil,
        currency: String? = nil,
        interval: String? = nil,
        intervalCount: Int? = nil,
        trialStart: Instant? = nil,
        trialEnd: Instant? = nil,
        canceledAt: Instant? = nil,
        endedAt: Instant? = nil
    ) {
        self.id = id
        self.status = status
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.currentPeriodStart = currentPeriodStart
        self.currentPeriodEnd = currentPeriodEnd
        self.customerID = customerID
        self.metadata = metadata
        self.amount = amount
        self.currency = currency
        self.interval = interval
        self.intervalCount = intervalCount
        self.trialStart = trialStart
        self.trialEnd = trialEnd
        self.canceledAt = canceledAt
        self.endedAt = endedAt
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case status
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case currentPeriodStart = "current_period_start"
        case currentPeriodEnd = "current_period_end"
        case customerID = "customer_id"
        case metadata
        case amount
        case currency
        case interval
        case intervalCount = "interval_count"
        case trialStart = "trial_start"
        case trialEnd = "trial_end"
        case canceledAt = "canceled_at"
        case endedAt = "ended_at"
    }

    /// Reads the specification's names. A field with a default may be missing or null.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(String.self, forKey: .id),
            status: try fields.decode(SubscriptionStatus.self, forKey: .status),
            createdAt: try fields.decode(Instant.self, forKey: .createdAt),
            updatedAt: try fields.decode(Instant.self, forKey: .updatedAt),
            currentPeriodStart: try fields.decode(Instant.self, forKey: .currentPeriodStart),
            currentPeriodEnd: try fields.decode(Instant.self, forKey: .currentPeriodEnd),
            customerID: try fields.decode(String.self, forKey: .customerID),
            metadata: try fields.decodeIfPresent(JSONValue.self, forKey: .metadata) ?? .object([]),
            amount: try fields.decodeIfPresent(Int.self, forKey: .amount),
            currency: try fields.decodeIfPresent(String.self, forKey: .currency),
            interval: try fields.decodeIfPresent(String.self, forKey: .interval),
            intervalCount: try fields.decodeIfPresent(Int.self, forKey: .intervalCount),
            trialStart: try fields.decodeIfPresent(Instant.self, forKey: .trialStart),
            trialEnd: try fields.decodeIfPresent(Instant.self, forKey: .trialEnd),
            canceledAt: try fields.decodeIfPresent(Instant.self, forKey: .canceledAt),
            endedAt: try fields.decodeIfPresent(Instant.self, forKey: .endedAt)
        )
    }
}
