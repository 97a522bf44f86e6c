import AITBCConnectors
import ConnectorCore
import Testing

struct PaymentConnectorTests {
    private static func stripe(_ answer: String, status: Int = 200) throws -> (StripeConnector, FakeTransport) {
        let transport = FakeTransport { _, _ in .success(.json(answer, status: status)) }
        return (try StripeConnector.make(transport), transport)
    }

    @Test func `a charge has every field of the specification`() async throws {
        let (stripe, transport) = try Self.stripe(
            """
            {"id":"ch_1","object":"charge","amount":1999,"currency":"chf","status":"succeeded","created":1767225600,
             "description":"Coffee","metadata":{"order":"7"},"amount_refunded":500,"refunded":false,
             "refunds":{"object":"list","data":[{"id":"re_1","amount":500}]},"payment_method":"pm_1",
             "payment_method_details":{"type":"card"}}
            """
        )
        let charge = try await stripe.createCharge(
            amount: 1999,
            currency: "chf",
            source: "tok_visa",
            description: "Coffee",
            metadata: ["order": "7"]
        )
        let made = Instant(seconds: 1_767_225_600)
        #expect(
            charge
                == Charge(
                    id: "ch_1",
                    amount: 1999,
                    currency: "chf",
                    status: .partiallyRefunded,
                    createdAt: made,
                    updatedAt: made,
                    description: "Coffee",
                    metadata: ["order": "7"],
                    amountRefunded: 500,
                    refunds: [["id": "re_1", "amount": 500]],
                    paymentMethodID: "pm_1",
                    paymentMethodDetails: ["type": "card"]
                )
        )
        let request = try #require(transport.requests.first)
        #expect(request.headers["Authorization"] == "Bearer sk_test_0123456789")
        #expect(
            request.bodyText
                == "amount=1999&currency=chf&source=tok_visa&description=Coffee&metadata[order]=7"
        )
    }

    @Test func `a refund, a payment method and a customer are read`() async throws {
        let (refunds, _) = try Self.stripe(
            #"{"id":"re_1","amount":5,"currency":"chf","status":"pending","created":1,"charge":"ch_1","reason":null}"#
        )
        let refund = try await refunds.createRefund(charge: "ch_1", amount: 5, reason: "duplicate")
        #expect(refund.status == .pending)
        #expect(refund.chargeID == "ch_1")
        let (methods, sent) = try Self.stripe(
            #"{"id":"pm_1","type":"card","created":1,"metadata":{},"card":{"brand":"visa","last4":"4242","exp_month":12,"exp_year":2030}}"#
        )
        let method = try await methods.createPaymentMethod(type: "card", card: ["number": "4242424242424242"])
        #expect(method.last4 == "4242")
        #expect(method.expYear == 2030)
        #expect(sent.requests.first?.bodyText == "type=card&card[number]=4242424242424242")
        let (customers, _) = try Self.stripe(#"{"id":"cus_1","created":1,"email":"a@b.example","name":null}"#)
        let customer = try await customers.createCustomer(email: "a@b.example")
        #expect(customer.id == "cus_1")
        #expect(customer.name == nil)
    }

    private static let subscription =
        #"{"id":"sub_1","status":"active","created":1767225600,"customer":"cus_1","metadata":{},"#
        + #""current_period_start":1767225600,"current_period_end":1769904000,"items":{"data":[{"price":"#
        + #"{"unit_amount":990,"currency":"chf","recurring":{"interval":"month","interval_count":1}}}]}}"#

    @Test func `a subscription is cancelled at the period's end, or at once`() async throws {
        let (stripe, transport) = try Self.stripe(Self.subscription)
        let made = try await stripe.createSubscription(customer: "cus_1", items: [["price": "p_1"]])
        #expect(made.amount == 990)
        #expect(made.interval == "month")
        #expect(made.currentPeriodEnd == Instant(seconds: 1_769_904_000))
        _ = try await stripe.cancelSubscription("sub_1")
        _ = try await stripe.cancelSubscription("sub_1", atPeriodEnd: false)
        let requests = transport.requests
        #expect(requests.map(\.method) == ["POST", "POST", "DELETE"])
        #expect(requests[0].bodyText == "customer=cus_1&items[0][price]=p_1")
        #expect(requests[1].bodyText == "cancel_at_period_end=true")
        #expect(requests[2].body == nil)
        #expect(requests[2].url.hasSuffix("/v1/subscriptions/sub_1"))
    }

    @Test func `a balance keeps integers beyond what a double holds`() async throws {
        let (stripe, _) = try Self.stripe(
            #"{"available":[{"amount":9007199254740993,"currency":"chf"}],"pending":[{"amount":-1,"currency":"eur"}]}"#
        )
        let balance = try await stripe.retrieveBalance()
        #expect(balance.available == [.init(amount: 9_007_199_254_740_993, currency: "chf")])
        #expect(balance.pending == [.init(amount: -1, currency: "eur")])
    }

    @Test func `a declined card is a payment error with the processor's code`() async throws {
        let (stripe, transport) = try Self.stripe(
            #"{"error":{"message":"Your card was declined.","code":"card_declined","type":"card_error","decline_code":"do_not_honor"}}"#,
            status: 402
        )
        let error = await #expect(throws: PaymentError.self) {
            try await stripe.createCharge(amount: 5, currency: "chf", source: "tok_declined")
        }
        #expect(error?.code == "card_declined")
        #expect(error?.statusCode == 402)
        #expect(error?.details["decline_code"] == "do_not_honor")
        #expect(error?.request == "POST /v1/charges")
        #expect(transport.requests.count == 1)
        let result = await stripe.executeOperation(
            "create_charge",
            data: ["amount": 5, "currency": "chf", "source": "tok_declined"]
        )
        #expect(!result.success)
        #expect(result.metadata["error_code"] == "card_declined")
    }

    @Test(
        arguments: [
            ("create_charge", ["amount": 0, "currency": "chf", "source": "t"], "amount"),
            ("create_charge", ["amount": .number("1.5"), "currency": "chf", "source": "t"], "amount"),
            ("create_charge", ["amount": 1, "currency": "francs", "source": "t"], "currency"),
            ("create_charge", ["amount": 1, "currency": "chf"], "source"),
            ("create_refund", ["amount": 1], "charge"),
            ("create_refund", ["charge": "c", "reason": "bored"], "reason"),
            ("cancel_subscription", [:], "subscription"),
        ] as [(String, JSONValue, String)]
    )
    func `nothing is sent of data that break a rule`(operation: String, data: JSONValue, field: String) async throws {
        let (stripe, transport) = try Self.stripe("{}")
        let error = await #expect(throws: ValidationError.self) { try await stripe.perform(operation, data: data) }
        #expect(error?.details[field] != nil)
        #expect(transport.requests.isEmpty)
    }

    @Test func `an answer that is no charge says that it may have been done`() async throws {
        let (stripe, _) = try Self.stripe("{\"id\":\"ch_1\"}")
        let error = await #expect(throws: PaymentError.self) {
            try await stripe.createCharge(amount: 5, currency: "chf", source: "tok_visa")
        }
        #expect(error?.code == "BAD_ANSWER")
        #expect(error?.hint?.contains("before you do it again") == true)
    }

    @Test(arguments: ["<html>", "", "[1,", "\u{0}"])
    func `an answer that is no JSON is an error, not a crash`(body: String) async throws {
        let (stripe, _) = try Self.stripe(body)
        await #expect(throws: (any Error).self) {
            try await stripe.createCharge(amount: 5, currency: "chf", source: "tok_visa")
        }
    }
}
