import ConnectorCore

extension DataGenerator {
    static let prefixes = [
        "charges": "ch", "refunds": "re", "customers": "cus", "payment_intents": "pi", "invoices": "in",
        "subscriptions": "sub", "products": "prod", "prices": "price", "balance_transactions": "txn",
        "disputes": "dp", "payouts": "po", "events": "evt", "payment_methods": "pm",
    ]

    /// What a subscription pays for at a time: thirty days.
    private static let periodSeconds: Int64 = 30 * 86_400

    /// A new record of a payment collection; `links` and given fields replace generated ones.
    mutating func payment(_ collection: String, rank: Int, at time: Instant, with fields: SandboxJSON = [:]) -> Record {
        let id = identifier(Self.prefixes[collection] ?? "obj", rank: rank)
        var json: SandboxJSON = [
            "id": .string(id),
            "object": .string(collection.hasSuffix("s") ? String(collection.dropLast()) : collection),
        ]
        for (name, value) in body(collection, id) { json[name] = value }
        json["created"] = .int(time.seconds)
        if collection == "subscriptions" {
            json["current_period_start"] = .int(time.seconds)
            json["current_period_end"] = .int(time.seconds + Self.periodSeconds)
        }
        json["livemode"] = false
        json["metadata"] = ["order_id": .string("o-\(rank)"), "note": "50 % “off”"]
        json["ledger"] = ledger()
        if case .object(let members) = fields { for member in members { json[member.name] = member.value } }
        return Record(id: id, rank: rank, time: Instant(seconds: time.seconds), bytes: json.bytes)
    }

    private mutating func body(_ collection: String, _ id: String) -> [(String, SandboxJSON)] {
        let amount = SandboxJSON.int(number(in: 100..<500_000))
        let currency = SandboxJSON.string(pick(["chf", "eur", "usd", "jpy"]))
        switch collection {
        case "charges": return charge(amount, currency, id)
        case "customers": return customer(currency)
        case "payment_intents":
            return [("amount", amount), ("amount_received", amount), ("currency", currency), ("status", "succeeded")]
        case "refunds":
            return [
                ("amount", amount), ("currency", currency), ("reason", "requested_by_customer"),
                ("status", "succeeded"),
            ]
        case "invoices":
            return [
                ("amount_due", amount), ("currency", currency), ("status", "paid"),
                (
                    "lines",
                    [
                        "object": "list", "data": [["amount": amount, "description": "Café crème ×2"]],
                        "has_more": false,
                    ]
                ),
            ]
        case "subscriptions":
            return [
                ("status", "active"), ("cancel_at_period_end", false), ("canceled_at", nil), ("currency", currency),
                ("items", ["object": "list", "data": [["quantity": 1, "price": ["unit_amount": amount]]]]),
            ]
        case "payment_methods":
            return [("type", "card"), ("customer", nil), ("card", ["brand": "visa", "last4": "4242"])]
        case "products": return [("name", .string("Produit \(number(in: 1..<999))")), ("active", true)]
        case "prices": return [("unit_amount", amount), ("currency", currency), ("active", true)]
        default: return [("amount", amount), ("currency", currency), ("status", "available")]
        }
    }

    private mutating func customer(_ currency: SandboxJSON) -> [(String, SandboxJSON)] {
        [
            ("address", address()), ("balance", 0), ("currency", currency), ("delinquent", false),
            ("description", nil), ("email", .string("kunde\(number(in: 1..<99999))@example.com")),
            ("invoice_settings", ["custom_fields": nil, "default_payment_method": nil, "footer": nil]),
            ("name", .string(personName())), ("phone", "+41 44 668 18 00"), ("preferred_locales", ["de-CH", "fr"]),
            ("shipping", nil), ("tax_exempt", "none"),
        ]
    }

    private mutating func charge(_ amount: SandboxJSON, _ currency: SandboxJSON, _ id: String) -> [(
        String, SandboxJSON
    )] {
        let card: SandboxJSON = [
            "brand": .string(pick(["visa", "mastercard", "amex"])),
            "checks": ["address_line1_check": nil, "address_postal_code_check": "pass", "cvc_check": "pass"],
            "country": "CH", "exp_month": .int(number(in: 1..<13)), "exp_year": .int(number(in: 2027..<2033)),
            "fingerprint": .string(identifier("fp", rank: 0)), "funding": "credit", "installments": nil,
            "last4": .string(String(number(in: 1000..<9999))), "mandate": nil, "network": "visa",
            "three_d_secure": nil, "wallet": nil,
        ]
        return [
            ("amount", amount), ("amount_captured", amount), ("amount_refunded", 0), ("application", nil),
            ("application_fee", nil), ("balance_transaction", .string(identifier("txn", rank: 0))),
            (
                "billing_details",
                ["address": address(), "email": nil, "name": .string(personName()), "phone": nil]
            ),
            ("calculated_statement_descriptor", "AITBC* CAFÉ"), ("captured", true), ("currency", currency),
            ("customer", nil), ("description", .string("Bestellung für \(personName())\nZeile zwei")),
            ("disputed", false), ("failure_code", nil), ("failure_message", nil), ("fraud_details", [:]),
            ("invoice", nil), ("on_behalf_of", nil),
            (
                "outcome",
                [
                    "network_status": "approved_by_network", "reason": nil, "risk_level": "normal",
                    "risk_score": .int(number(in: 0..<64)), "seller_message": "Payment complete.", "type": "authorized",
                ]
            ),
            ("paid", true), ("payment_intent", nil), ("payment_method", .string(identifier("pm", rank: 0))),
            ("payment_method_details", ["card": card, "type": "card"]), ("receipt_email", nil),
            ("receipt_url", .string("https://pay.example.com/receipts/\(id)?s=ap&v=1")), ("refunded", false),
            ("shipping", nil), ("source", nil), ("statement_descriptor", nil), ("status", "succeeded"),
        ]
    }
}
