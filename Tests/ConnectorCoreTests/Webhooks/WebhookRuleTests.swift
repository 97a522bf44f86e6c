import ConnectorCore
import Testing

struct WebhookRuleTests {
    private func rule(_ types: String...) -> WebhookRule {
        WebhookRule(scheme: .stripe(), effects: types.map { WebhookEffect($0, syncs: ["s"]) })
    }

    @Test(arguments: [
        ("customer.created", "customer.*"), ("customer.deleted", "customer.deleted"), ("customer.", "customer.*"),
        ("customer.subscription.made", "customer.subscription.*"), ("other", "*"),
    ])
    func `the most precise effect counts`(type: String, effect: String) {
        let rule = rule("*", "customer.*", "customer.subscription.*", "customer.deleted")
        #expect(rule.effect(of: type)?.types == effect)
    }

    @Test func `a type that nothing names has no effect`() {
        #expect(rule("customer.*", "charge").effect(of: "charge.made") == nil)
    }

    @Test(arguments: [
        ("customer.subscription.updated", "customer.subscription"), ("orders/create", "orders"), ("ping", "ping"),
        (".x", ".x"), ("", ""),
    ])
    func `what an event is about is its type without its last word`(type: String, concern: String) {
        #expect(WebhookRule.concern(ofType: type) == concern)
    }

    @Test func `events wait under a name that no stream can have`() {
        let waiting = StreamID.events(of: "acme", into: "customers")
        #expect(waiting.isEvents)
        #expect(!ConnectorName.isValid(waiting.stream))
        #expect(waiting.eventTarget == StreamID(connector: "acme", stream: "customers"))
        #expect(StreamID.events(of: "acme", into: nil).isEvents)
        #expect(StreamID.events(of: "acme", into: nil).eventTarget == nil)
        #expect(!StreamID(connector: "acme", stream: "customers").isEvents)
        #expect(StreamID(connector: "acme", stream: "customers").eventTarget == nil)
    }
}
