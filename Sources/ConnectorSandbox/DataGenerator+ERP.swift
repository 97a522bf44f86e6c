import ConnectorCore

extension DataGenerator {
    /// A new record of an ERP collection; given fields replace generated ones.
    mutating func erp(_ collection: String, rank: Int, at time: Instant, with fields: SandboxJSON = [:]) -> Record {
        let digits = String(rank)
        let id = collection.prefix(1) + "-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        var json: SandboxJSON = [
            "id": .string(String(id)), "name": .string(personName()), "active": true,
            "modified": .string(Timestamp.iso8601(time)), "created": .string(Timestamp.iso8601(time)),
        ]
        for (name, value) in details(collection) { json[name] = value }
        json["ledger"] = ledger()
        if case .object(let members) = fields { for member in members { json[member.name] = member.value } }
        return Record(id: String(id), rank: rank, time: time, bytes: json.bytes)
    }

    private mutating func details(_ collection: String) -> [(String, SandboxJSON)] {
        let price = SandboxJSON.number("\(number(in: 1..<9999)).\(number(in: 10..<100))")
        switch collection {
        case "Customers":
            return [("address", address()), ("credit_limit", price), ("vat", "CHE-123.456.789 MWST")]
        case "Orders", "Invoices":
            let lines = (0..<number(in: 1..<4)).map { line -> SandboxJSON in
                ["line": .int(line + 1), "item": .string("I-0000\(number(in: 1000..<9999))"), "price": price]
            }
            return [
                ("status", .string(pick(["draft", "confirmed", "done"]))), ("lines", .array(lines)), ("total", price),
            ]
        default:
            return [("price", price), ("unit", "Stück"), ("stock", .int(number(in: 0..<5000)))]
        }
    }
}
