import AITBCConnectors
import ConnectorCore
import Testing

struct OperationValidatorTests {
    private static let charge: JSONValue = ["amount": 100, "currency": "chf", "source": "tok"]

    private static func with(_ name: String, _ value: JSONValue) -> JSONValue {
        .object((charge.members ?? []).filter { $0.name != name } + [.init(name, value)])
    }

    private static let bad: [(String, JSONValue, field: String)] = [
        ("create_charge", with("amount", 0), "amount"), ("create_charge", with("amount", 100_000_000), "amount"),
        ("create_charge", with("amount", .number("10.0")), "amount"), ("create_charge", with("amount", "5"), "amount"),
        ("create_charge", with("currency", "ch"), "currency"), ("create_charge", with("currency", "ch1"), "currency"),
        ("create_charge", with("source", ""), "source"),
        ("create_charge", with("source", .string(String(repeating: "x", count: 256))), "source"),
        ("create_charge", with("description", .string(String(repeating: "x", count: 1001))), "description"),
        ("create_charge", with("metadata", "x"), "metadata"),
        ("create_refund", ["amount": 5], "charge"), ("create_refund", ["charge": "c", "amount": 0], "amount"),
        ("create_refund", ["charge": "c", "reason": "changed my mind"], "reason"),
        ("create_payment_method", ["type": "card"], "card"), ("create_customer", ["email": "nobody"], "email"),
        ("create_subscription", ["customer": "c", "items": []], "items"),
        ("cancel_subscription", ["at_period_end": true], "subscription"),
        ("update_party", ["name": "x"], "id"), ("delete_party", .object([]), "id"),
        ("sync", .object([]), "entity_type"),
        ("batch_sync", ["entity_type": "party"], "items"), ("anything", [1], "data"),
    ]

    @Test(arguments: bad.indices)
    func `a broken rule is named by its field`(index: Int) throws {
        let (operation, data, field) = Self.bad[index]
        let error = try #require(throws: ValidationError.self) { try OperationValidator.validate(operation, data) }
        #expect(error.details[field] != nil && error.details.members?.count == 1, "\(error)")
        #expect(error.code == "VALIDATION_ERROR")
    }

    @Test func `good data passes, at the edges too`() throws {
        let good: [(String, JSONValue)] = [
            ("create_charge", Self.charge), ("create_charge", Self.with("amount", 1)),
            ("create_charge", Self.with("amount", 99_999_999)), ("create_charge", Self.with("description", nil)),
            ("create_charge", Self.with("source", .string(String(repeating: "x", count: 255)))),
            ("create_refund", ["charge": "c"]), ("create_refund", ["charge": "c", "reason": "duplicate"]),
            ("update_party", ["id": 7]), ("delete_party", ["id": "7"]), ("unknown", .object([])),
        ]
        for (operation, data) in good { try OperationValidator.validate(operation, data) }
    }

    @Test func `every mistake is named at once`() throws {
        let error = try #require(throws: ValidationError.self) {
            try OperationValidator.validate("create_charge", .object([]))
        }
        #expect(error.details.members?.map(\.name) == ["amount", "currency", "source"])
    }
}
