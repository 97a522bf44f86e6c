import AITBCConnectors
import ConnectorCore
import Testing

struct ERPModelTests {
    private static let at = Instant(seconds: 1_800_000_000)

    private static func survives<Model: Codable & Equatable>(_ model: Model) throws -> Bool {
        try JSONValueDecoder().decode(Model.self, from: try JSONValueEncoder().encode(model)) == model
    }

    @Test func `ERP models survive the way to JSON and back, the record as it came included`() throws {
        let raw: JSONValue = ["total": .number("10.500000000000000000001")]
        #expect(try Self.survives(ERPCustomer(id: "1", name: "Ada", email: "a@b", updatedAt: Self.at, raw: raw)))
        #expect(try Self.survives(ERPOrder(id: "1", number: "A-1", currency: "CHF", total: 1050, orderedAt: Self.at)))
        #expect(try Self.survives(ERPInvoice(id: "1", status: "posted", issuedAt: Self.at, dueAt: Self.at, raw: raw)))
        #expect(try Self.survives(ERPProduct(id: "1", name: "Bolt", currency: "JPY", price: 5, active: false)))
        #expect(try Self.survives(Customer(id: "1", createdAt: Self.at)))
        #expect(try Self.survives(Balance(available: [.init(amount: -5, currency: "chf")])))
    }
}
