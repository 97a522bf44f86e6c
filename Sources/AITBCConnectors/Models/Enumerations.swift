/// A word of a list that the other side may lengthen: an unknown value is kept as it came.
public protocol OpenEnumeration: RawRepresentable, Hashable, Sendable, Codable, CaseIterable, CustomStringConvertible
where RawValue == String, AllCases == [Self] {
    /// Any value, known or not.
    init(rawValue: String)
}

extension OpenEnumeration {
    /// Whether it is one of the values that the SDK knows.
    public var isKnown: Bool { Self.allCases.contains(self) }

    /// As it is on the wire.
    public var description: String { rawValue }
}

/// How a charge stands.
public struct PaymentStatus: OpenEnumeration {
    /// As it is on the wire.
    public let rawValue: String

    /// Any value, known or not.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// `pending`
    public static let pending = PaymentStatus(rawValue: "pending")
    /// `succeeded`
    public static let succeeded = PaymentStatus(rawValue: "succeeded")
    /// `failed`
    public static let failed = PaymentStatus(rawValue: "failed")
    /// `refunded`
    public static let refunded = PaymentStatus(rawValue: "refunded")
    /// `partially_refunded`
    public static let partiallyRefunded = PaymentStatus(rawValue: "partially_refunded")
    /// `canceled`
    public static let canceled = PaymentStatus(rawValue: "canceled")

    /// The values that the SDK knows.
    public static let allCases: [PaymentStatus] = [
        .pending, .succeeded, .failed, .refunded, .partiallyRefunded, .canceled,
    ]
}

/// How a refund stands.
public struct RefundStatus: OpenEnumeration {
    /// As it is on the wire.
    public let rawValue: String

    /// Any value, known or not.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// `pending`
    public static let pending = RefundStatus(rawValue: "pending")
    /// `succeeded`
    public static let succeeded = RefundStatus(rawValue: "succeeded")
    /// `failed`
    public static let failed = RefundStatus(rawValue: "failed")
    /// `canceled`
    public static let canceled = RefundStatus(rawValue: "canceled")

    /// The values that the SDK knows.
    public static let allCases: [RefundStatus] = [
        .pending, .succeeded, .failed, .canceled,
    ]
}

/// How a subscription stands.
public struct SubscriptionStatus: OpenEnumeration {
    /// As it is on the wire.
    public let rawValue: String

    /// Any value, known or not.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// `trialing`
    public static let trialing = SubscriptionStatus(rawValue: "trialing")
    /// `active`
    public static let active = SubscriptionStatus(rawValue: "active")
    /// `past_due`
    public static let pastDue = SubscriptionStatus(rawValue: "past_due")
    /// `canceled`
    public static let canceled = SubscriptionStatus(rawValue: "canceled")
    /// `unpaid`
    public static let unpaid = SubscriptionStatus(rawValue: "unpaid")

    /// The values that the SDK knows.
    public static let allCases: [SubscriptionStatus] = [
        .trialing, .active, .pastDue, .canceled, .unpaid,
    ]
}

/// The ERP systems that AITBC names.
public struct ERPSystem: OpenEnumeration {
    /// As it is on the wire.
    public let rawValue: String

    /// Any value, known or not.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// `sap`
    public static let sap = ERPSystem(rawValue: "sap")
    /// `oracle`
    public static let oracle = ERPSystem(rawValue: "oracle")
    /// `netsuite`
    public static let netsuite = ERPSystem(rawValue: "netsuite")
    /// `dynamics`
    public static let dynamics = ERPSystem(rawValue: "dynamics")
    /// `salesforce`
    public static let salesforce = ERPSystem(rawValue: "salesforce")

    /// The values that the SDK knows.
    public static let allCases: [ERPSystem] = [
        .sap, .oracle, .netsuite, .dynamics, .salesforce,
    ]
}

/// How an ERP system is spoken to.
public struct ERPProtocol: OpenEnumeration {
    /// As it is on the wire.
    public let rawValue: String

    /// Any value, known or not.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// `rest`
    public static let rest = ERPProtocol(rawValue: "rest")
    /// `soap`
    public static let soap = ERPProtocol(rawValue: "soap")
    /// `odata`
    public static let odata = ERPProtocol(rawValue: "odata")
    /// `idoc`
    public static let idoc = ERPProtocol(rawValue: "idoc")
    /// `bapi`
    public static let bapi = ERPProtocol(rawValue: "bapi")
    /// `suite_talk`
    public static let suiteTalk = ERPProtocol(rawValue: "suite_talk")

    /// The values that the SDK knows.
    public static let allCases: [ERPProtocol] = [
        .rest, .soap, .odata, .idoc, .bapi, .suiteTalk,
    ]
}
