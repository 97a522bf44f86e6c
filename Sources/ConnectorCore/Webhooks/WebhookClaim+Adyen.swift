extension WebhookClaim {
    /// What each item of Adyen's standard notifications claims; at least one. Parses what is not proven yet: the
    /// signatures stand within.
    package static func adyen(_ body: [UInt8]) throws(WebhookRefusal) -> [WebhookClaim] {
        guard let items = try document(body)["notificationItems"]?.array else { throw .malformedEvent }
        guard !items.isEmpty else { throw .unsigned }
        var claims: [WebhookClaim] = []
        for item in items {
            guard let item = item["NotificationRequestItem"] else { throw .malformedEvent }
            guard let text = item["additionalData"]?["hmacSignature"]?.string, !text.isEmpty else { throw .unsigned }
            guard let signature = Base64Text.bytes(text), !signature.isEmpty else { throw .malformedSignature }
            claims.append(WebhookClaim(signatures: [signature], signed: [Array(try signed(item).utf8)]))
        }
        return claims
    }

    /// Between colons, and nothing is escaped. Where only the merchant's own reference may hold a colon, no two items
    /// read the same; none of the others does in Adyen's items.
    private static func signed(_ item: JSONValue) throws(WebhookRefusal) -> String {
        let amount = item["amount"]
        let before = [item["pspReference"], item["originalReference"], item["merchantAccountCode"]].map(text)
        let after = [amount?["value"], amount?["currency"], item["eventCode"], item["success"]].map(text)
        guard !(before + after).contains(where: { $0.utf8.contains(UInt8(ascii: ":")) }) else { throw .malformedEvent }
        return (before + [text(item["merchantReference"])] + after).joined(separator: ":")
    }

    /// Nothing for what is missing.
    private static func text(_ value: JSONValue?) -> String {
        value?.string ?? value?.number ?? value?.bool.map { $0 ? "true" : "false" } ?? ""
    }

    static func document(_ body: [UInt8]) throws(WebhookRefusal) -> JSONValue {
        do {
            return try JSONValue(parsingAnswer: body)
        } catch {
            throw .malformedEvent
        }
    }
}
