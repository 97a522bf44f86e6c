import ConnectorConfiguration
import ConnectorCore
import Testing

/// The connector files in `config/examples/webhooks`, read as they are.
struct WebhookExampleTests {
    /// An event as the sender writes it, what it is called, where its record goes, and that record's key.
    struct Sample: Sendable, CustomTestStringConvertible {
        var name: String
        var headers: TransportHeaders = [:]
        var body: String
        var id: String?
        var type: String
        var stream: String?
        var key: String?

        var testDescription: String { "\(name) \(type)" }
    }

    private static let samples = [
        Sample(
            name: "square",
            body: #"""
                {"merchant_id":"M","type":"payment.updated","event_id":"E1","created_at":"2026-01-02T03:04:05Z",
                "data":{"type":"payment","id":"P1","object":{"payment":{"id":"P1","amount_money":{"amount":100}}}}}
                """#,
            id: "E1",
            type: "payment.updated",
            stream: "payments",
            key: "\"P1\""
        ),
        Sample(
            name: "gocardless",
            body: #"""
                {"events":[{"id":"EV1","created_at":"2026-01-02T03:04:05.678Z","resource_type":"payments",
                "action":"confirmed","links":{"payment":"PM1"}}]}
                """#,
            id: "EV1",
            type: "payments.confirmed",
            stream: "events",
            key: "\"EV1\""
        ),
        Sample(
            name: "adyen",
            body: #"""
                {"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284",
                "eventCode":"AUTHORISATION","success":"true","eventDate":"2026-01-02T03:04:05+01:00"}}]}
                """#,
            id: "7914073381342284.AUTHORISATION.true.2026-01-02T03:04:05+01:00",
            type: "AUTHORISATION",
            stream: "notifications",
            key: #"["7914073381342284","AUTHORISATION"]"#
        ),
        Sample(
            name: "shopify",
            headers: ["X-Shopify-Webhook-Id": "W1", "X-Shopify-Topic": "orders/updated"],
            body: #"{"id":820982911946154508,"updated_at":"2026-01-02T03:04:05-05:00"}"#,
            id: "W1",
            type: "orders/updated",
            stream: "orders",
            key: "820982911946154508"
        ),
        Sample(
            name: "xero",
            body: #"""
                {"events":[{"resourceId":"R1","eventDateUtc":"2026-01-02T03:04:05.678","eventType":"UPDATE",
                "eventCategory":"INVOICE"}],"firstEventSequence":1,"lastEventSequence":1,"entropy":"x"}
                """#,
            id: "R1.UPDATE.2026-01-02T03:04:05.678",
            type: "INVOICE.UPDATE",
            stream: "changes",
            key: "\"R1\""
        ),
        Sample(
            name: "business-central",
            body: #"""
                {"value":[{"subscriptionId":"S","clientState":"x","resource":"companies(1)/customers(2)",
                "changeType":"updated","lastModifiedDateTime":"2026-01-02T03:04:05Z"}]}
                """#,
            id: "companies(1)/customers(2).updated.2026-01-02T03:04:05Z",
            type: "updated"
        ),
        Sample(
            name: "odoo",
            body: #"{"_action":"Notify(#7)","_id":12,"_model":"res.partner","name":"Azure"}"#,
            type: "res.partner",
            stream: "partners",
            key: "12"
        ),
        Sample(
            name: "erpnext",
            body: #"{"doctype":"Customer","name":"CUST-1","modified":"2026-01-02 03:04:05.678901"}"#,
            id: "Customer.CUST-1.2026-01-02 03:04:05.678901",
            type: "Customer",
            stream: "customers",
            key: "\"CUST-1\""
        ),
    ]

    /// The example with its credentials answered: Adyen's key is hex.
    private func reading(_ name: String) -> Reading {
        let text = Shipped.text("../examples/webhooks/\(name)")
        let answered = text.replacing(#/credential: "[^"]*"/#) { _ in
            name == "adyen" ? "credential: \"hex\"" : "credential: \"key\""
        }
        return Reading(answered, Shipped.all)
    }

    @Test(arguments: samples) func `each example reads its sender's events`(sample: Sample) throws {
        let reading = reading(sample.name)
        #expect(reading.lines == [])
        let reader = try #require(reading.connector.flatMap(EventReader.init))
        #expect(reader.rule.setup != nil)
        let found = try reader.events(in: Array(sample.body.utf8), headers: sample.headers, query: [])
        let event = try #require(found.first)
        #expect(event.id == sample.id)
        #expect(event.type == sample.type)
        #expect(event.stream == .events(of: "acme", into: sample.stream))
        let waiting = WaitingEvent(
            number: 1,
            id: event.id,
            type: event.type,
            at: Instant(seconds: 0),
            bytes: event.bytes
        )
        let (change, syncs) = try reader.effect(of: waiting)
        #expect(change?.keyText == sample.key)
        #expect((change?.version != nil) == (reader.rule.version != nil && change != nil))
        #expect(syncs.map(\.stream) == (sample.stream == nil ? ["customers"] : []))
    }
}
