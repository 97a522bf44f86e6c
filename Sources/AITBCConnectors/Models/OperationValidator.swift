package import ConnectorCore

/// Checks an operation's data before anything is sent: AITBC's rules, the same for every processor and ERP.
package enum OperationValidator {
    private static let greatestAmount: Int64 = 99_999_999
    private static let longestSource = 255
    private static let longestDescription = 1000
    private static let refundReasons = ["duplicate", "fraudulent", "requested_by_customer"]

    /// Throws a ``ValidationError`` that names every broken rule by its field. Operations without rules pass.
    package static func validate(_ operation: String, _ data: JSONValue) throws(ValidationError) {
        guard data.members != nil else { throw error(operation, [.init("data", "must be an object")]) }
        let mistakes = rules(of: operation).compactMap { rule in
            rule.mistake(data[rule.field]).map { JSONValue.Member(rule.field, .string($0)) }
        }
        guard mistakes.isEmpty else { throw error(operation, mistakes) }
    }

    private static func error(_ operation: String, _ mistakes: [JSONValue.Member]) -> ValidationError {
        let list = mistakes.map { "\($0.name) \($0.value.string ?? "")" }.joined(separator: "; ")
        return ValidationError(
            ErrorContext(
                "\(operation): \(list)",
                code: "VALIDATION_ERROR",
                details: .object(mistakes),
                hint: "nothing was sent; correct the named fields"
            )
        )
    }

    private struct Rule {
        let field: String
        let mistake: (JSONValue?) -> String?
    }

    private static func rules(of operation: String) -> [Rule] {
        switch operation {
        case "create_charge": chargeRules
        case "create_refund":
            [
                text("charge", "is required"), optional(amount("amount", most: .max)),
                optional(
                    text("reason", "must be one of \(refundReasons.joined(separator: ", "))", refundReasons.contains)
                ),
            ]
        case "create_payment_method": [text("type", "is required"), object("card"), optional(object("metadata"))]
        case "create_customer":
            [optional(text("email", "must be an address") { $0.contains("@") }), optional(object("metadata"))]
        case "create_subscription": [text("customer", "is required"), list("items"), optional(object("metadata"))]
        case "cancel_subscription": [text("subscription", "is required"), optional(flag("at_period_end"))]
        case "sync": [text("entity_type", "is required")]
        case "batch_sync": [text("entity_type", "is required"), list("items")]
        case _ where operation.hasPrefix("update_") || operation.hasPrefix("delete_"): [identifier("id")]
        default: []
        }
    }

    private static var chargeRules: [Rule] {
        [
            amount("amount"), text("currency", "must be three letters", isCurrency),
            text("source", "must have 1 to \(longestSource) characters") { (1...longestSource).contains($0.count) },
            optional(
                text("description", "must have at most \(longestDescription) characters") {
                    $0.count <= longestDescription
                }
            ),
            optional(object("metadata")),
        ]
    }

    private static func amount(_ field: String, most: Int64 = greatestAmount) -> Rule {
        Rule(field: field) { value in
            // Whole in its spelling too: 10.0 is somebody's floating point.
            guard let digits = value?.number, let amount = Int64(digits), (1...most).contains(amount) else {
                return "must be an integer of the smallest unit, 1 \(most == .max ? "or more" : "to \(most)")"
            }
            return nil
        }
    }

    private static func text(
        _ field: String,
        _ mistake: String,
        _ isGood: @escaping (String) -> Bool = { !$0.isEmpty }
    ) -> Rule {
        Rule(field: field) { value in value?.string.map(isGood) == true ? nil : mistake }
    }

    private static func identifier(_ field: String) -> Rule {
        Rule(field: field) { value in
            let text = value.flatMap { $0.string ?? $0.number }
            return text.map { !$0.isEmpty } == true ? nil : "is required"
        }
    }

    private static func object(_ field: String) -> Rule {
        Rule(field: field) { $0?.members == nil ? "must be an object" : nil }
    }

    private static func list(_ field: String) -> Rule {
        Rule(field: field) { $0?.array?.isEmpty == false ? nil : "must be a list that is not empty" }
    }

    private static func flag(_ field: String) -> Rule {
        Rule(field: field) { $0?.bool == nil ? "must be true or false" : nil }
    }

    /// Missing or null is good as well.
    private static func optional(_ rule: Rule) -> Rule {
        Rule(field: rule.field) { value in value.map(\.isNull) ?? true ? nil : rule.mistake(value) }
    }

    private static func isCurrency(_ text: String) -> Bool {
        text.utf8.count == 3 && text.utf8.allSatisfy { (0x61...0x7A).contains($0.asciiLowercased) }
    }
}
