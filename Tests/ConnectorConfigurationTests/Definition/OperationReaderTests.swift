import ConnectorConfiguration
import ConnectorCore
import Testing

struct OperationReaderTests {
    @Test(arguments: [
        ("operations: { a: {} }", "operations.a.path: is missing"),
        (
            "operations: { a: { path: \"/a\", metod: \"GET\" } }",
            "operations.a.metod: unknown key; did you mean \"method\"?"
        ),
        ("operations: { a: { path: \"/${a\" } }", "operations.a.path: is not a text with placeholders"),
        ("operations: { a: { path: \"/a\", body: \"jsn\" } }", "operations.a.body: unknown body \"jsn\""),
        ("operations: { a: { path: \"/a\", body: \"form\" } }", "operations.a.fields: is missing"),
        ("operations: { a: { path: \"/a\", body: \"xml\" } }", "operations.a.template: is missing"),
        (
            "operations: { a: { path: \"/a\", fields: { b: \"${\" } } }",
            "operations.a.fields: holds a template that is none"
        ),
        ("operations: { a: { path: \"/a\", returns: \"x\" } }", "a returns \"x\", which is no model"),
        ("operations: { a: { path: \"/a\", variants: { b: { c: \"d\" } } } }", "a leads to \"d\", which is none"),
        ("operations: { a: { path: \"/${settings.db}\" } }", "settings: has no \"db\", which the operations need"),
        ("models: { m: { a: { format: \"unix\" } } }", "models.m.a.path: is missing"),
        ("models: { m: { a: { path: \"a\", format: \"unx\" } } }", "models.m.a.format: unknown format \"unx\""),
        ("models: { m: { a: { path: \"a\", format: \"decimal\" } } }", "models.m.a.currency: is missing"),
    ])
    func `a mistake is named with its place`(members: String, words: String) {
        let lines = Reading.connector("base_url: \"https://a.example\", auth_type: \"none\", \(members)").lines
        #expect(lines.count == 1, "\(lines)")
        #expect(lines.first?.contains(words) == true, "\(lines)")
    }

    @Test(arguments: [("POST", true), ("PATCH", true), ("DELETE", true), ("GET", false)])
    func `what changes something follows from the method`(method: String, writes: Bool) throws {
        let go = try OperationFixture("{ method: \"\(method)\", path: \"/a\" }")
        #expect(try go.operation().isWrite == writes)
        #expect(try go.operation().method == method)
    }

    @Test func `the shipped definitions have the operations of the specification`() throws {
        let stripe = try OperationFixture.stripe("create_charge").connector
        for name in [
            "create_charge", "create_refund", "create_payment_method", "create_customer", "create_subscription",
            "cancel_subscription", "retrieve_balance",
        ] {
            let operation = try #require(stripe.operations[name])
            #expect((operation.idempotency == "Idempotency-Key") == (operation.method == "POST"), "\(name)")
            #expect(operation.returns != nil)
        }
        let tryton = try OperationFixture.tryton("create_party").connector
        for verb in ["create", "update", "delete"] {
            #expect(tryton.operations["\(verb)_party"] != nil)
            #expect(try OperationFixture.odata("\(verb)_entity").operation().path.variables.contains("entity_type"))
        }
    }
}
